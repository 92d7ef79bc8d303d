"""Builds the worker and everything that its steps share."""

import asyncio
import secrets
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.bootstrap.context import AppContext
from bot.bootstrap.data_dir import host_of
from bot.bootstrap.files import leftovers_of
from bot.delivery.poster import DiscordPoster
from bot.media.download.fetch import Fetcher
from bot.media.download.proxied_names import TrustedNames
from bot.media.process import MediaProcess
from bot.media.safety.checker import Checker
from bot.media.safety.http_checker import HttpChecker, open_checker_session
from bot.media.safety.local_checker import LocalChecker
from bot.provider.client import SeedanceClient
from bot.safety_setting import NUDENET
from bot.services.media_files.files import MediaFiles
from bot.services.operations.disk_space import MEMBER_SHARE, DiskSpace
from bot.services.operations.price_list import PriceListService
from bot.services.requests.recheck import TurnSettings
from bot.services.servers.allowed_models import AllowedModelService
from bot.services.wakeup import Wakeup
from bot.worker.context import WorkerContext, WorkerSettings
from bot.worker.key_usage import KeyUsageNotes
from bot.worker.outbox.card_editor import CardEditor, CardRecorder
from bot.worker.outbox.progress_cards import ProgressCards
from bot.worker.pipeline.poll import Poller
from bot.worker.worker import Worker

RESULTS_AT_ONCE = 8
"""Parallel downloads of finished videos: more cost memory and gain nothing."""


async def build_parts(
    base: AppContext,
    messenger: DiscordPoster,
    provider: SeedanceClient,
    files: MediaFiles,
    wakeup: Wakeup,
    tuning: Mapping[str, int],
    prices: PriceListService | None,
) -> WorkerContext:
    """What the worker's steps share; `tuning` overrides fields of WorkerSettings."""
    private = base.settings.allow_private_hosts
    origin = urlsplit(base.settings.seedance_base_url)
    proxies = base.settings.proxies
    hosts = (origin.hostname or "",)
    media = MediaProcess()
    worker_settings = await _worker_settings(base, tuning)
    base.stack.push_async_callback(media.close)
    return WorkerContext(
        database=base.database,
        catalogue=base.catalogue,
        provider=provider,
        input_fetcher=await base.stack.enter_async_context(
            Fetcher(allow_private=private, proxies=proxies, trusted=TrustedNames(hosts))
        ),
        result_fetcher=await base.stack.enter_async_context(
            Fetcher(
                allow_private=(*private, origin.netloc),
                parallel=RESULTS_AT_ONCE,
                proxies=proxies,
                trusted=TrustedNames(hosts, is_any=True),
            )
        ),
        media=media,
        files=files,
        messenger=messenger,
        settings=worker_settings,
        key_usage=KeyUsageNotes(base.database, provider, worker_settings.key_id, base.clock),
        clock=base.clock,
        wakeup=wakeup,
        metrics=base.metrics,
        crowd=base.crowd,
        prices=prices,
        checker=await _checker(base, media),
        leftovers=leftovers_of(base, files),
    )


async def _checker(base: AppContext, media: MediaProcess) -> Checker | None:
    """What `SAFETY_CHECK` names; None where it is empty."""
    settings = base.settings
    if not settings.safety_check:
        return None
    if settings.safety_check == NUDENET:
        return LocalChecker(media, NUDENET)
    session = await base.stack.enter_async_context(open_checker_session(settings.proxies))
    secret = settings.safety_secret.get_secret_value()
    return HttpChecker(session, settings.safety_check, secret, sleep=base.sleep)


async def _worker_settings(base: AppContext, tuning: Mapping[str, int]) -> WorkerSettings:
    settings = base.settings
    models = AllowedModelService(
        base.database,
        base.catalogue,
        default=settings.default_model,
        for_new=settings.new_server_models,
    )
    return WorkerSettings(
        data_dir=settings.data_dir,
        owner=f"{socket.gethostname()}-{secrets.token_hex(6)}",
        host=await asyncio.to_thread(host_of, settings.data_dir),
        max_active=settings.seedance_max_active,
        media_via=settings.media_via,
        give_up_ms=int(settings.give_up_hours * 3_600_000),
        key_id=base.key_id,
        is_key_exclusive=settings.seedance_key_exclusive == "yes",
        asset_review_ms=int(settings.asset_review_minutes * 60_000),
        upload_limit_bytes=settings.upload_limit_bytes,
        owner_ids=settings.owner_ids,
        turns=TurnSettings(
            allowed_guilds=frozenset(settings.allowed_guilds),
            new_server_models=frozenset(models.for_new),
        ),
        member_bytes=int(settings.data_max_gb * 1e9 * MEMBER_SHARE),
        **tuning,
    )


def build_worker(
    base: AppContext,
    context: WorkerContext,
    disk: DiskSpace,
    wakeup: Wakeup,
    erased: Wakeup,
) -> Worker:
    """The worker, not yet running; `erased` wakes its retention and takedown tasks."""
    recorder = CardRecorder(base.database, base.clock)
    editor = CardEditor(context.messenger, recorder, sleep=base.sleep)
    base.stack.push_async_callback(editor.close)
    cards = ProgressCards(context, editor)
    poller = Poller(context, cards.show_progress)
    return Worker(context, cards, poller, disk, wakeup, erased=erased)
