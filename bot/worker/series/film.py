"""Makes the film of a series from its shots, checks it, and sends it on its way as a result."""

import asyncio
from typing import Final

from bot.failpoints import point
from bot.media.errors import JoinImpossible, MediaError, StoreUnavailable
from bot.worker.context import WorkerContext
from bot.worker.pipeline.rendered import record_rendered
from bot.worker.pipeline.transitions import fail, try_again
from bot.worker.safety_check.step import check_video
from bot.worker.series.lost_videos import are_gone, find_videos, wait_for_videos
from bot.worker.series.videos import held, join_videos, made_shots
from storage.records import Request

MAX_ATTEMPTS: Final = 40
"""Attempts to join the shots' videos, over about forty minutes."""


async def make_film(context: WorkerContext, request: Request) -> Request:
    """Join what was made of a series and move it to `rendered`, as a video that was downloaded.

    It waits for videos that are not to be had until they are downloaded again.
    A film that can't be made fails: what the shots took comes back as after a technical failure.
    Raises: StoreUnavailable, which counts as no attempt.
    """
    context.files.require()
    shots = await made_shots(context, request.id)
    relative = f"results/{request.id}.mp4"
    target = context.path(relative)
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        with held(context, shots):
            sources, lost = await find_videos(context, shots)
            if are_gone(lost):
                why = "a shot's video is gone"
                return await fail(context, request, "result-unreachable", provider_text=why)
            if lost:
                return await wait_for_videos(context, request, lost)
            size_bytes = await join_videos(context, sources, target)
        point("film.made")
        await check_video(context, request, target)
        await context.files.keep(relative)
    except StoreUnavailable:
        raise
    except JoinImpossible as error:
        return await fail(context, request, "result-damaged", provider_text=repr(error))
    except (MediaError, OSError) as error:
        if request.attempt + 1 >= MAX_ATTEMPTS:
            return await fail(context, request, "result-unreachable", provider_text=repr(error))
        return await try_again(context, request, why=repr(error))
    link = shots[0].result_url if len(shots) == 1 else ""
    rendered = await record_rendered(context, request, relative, size_bytes, link)
    point("film.recorded")
    return rendered
