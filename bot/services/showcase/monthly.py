"""The post of a month's best-voted videos, enqueued once for each server and month."""

import datetime as dt

from bot.services.log_lines import enqueue_log
from bot.services.server_settings import read_settings
from bot.services.showcase.service import MONTHLY, ranked
from storage.engine.transaction import Transaction


async def enqueue_monthly(tx: Transaction, guild_id: int, now_ms: int) -> None:
    """Enqueue the best of the calendar month (UTC) before this one, with links.

    Nothing where the server has no showcase or no video of that month has a vote.
    """
    settings = await read_settings(tx, guild_id)
    if not settings.showcase_channel or not settings.showcase_monthly:
        return
    since, until = month_before(now_ms)
    found = await ranked(
        tx,
        guild_id,
        since_ms=_ms(since),
        until_ms=_ms(until),
        with_nsfw=False,
        limit=MONTHLY,
    )
    if not found:
        return
    lines = [f"{place}. ⭐ {each.votes} · {each.url}" for place, each in enumerate(found, 1)]
    month = f"{since:%Y-%m}"
    await enqueue_log(
        tx,
        settings,
        guild_id,
        f"showcase:{guild_id}:{month}",
        "showcase-monthly",
        {"month": month, "lines": "\n".join(lines)},
        now_ms=now_ms,
        channel_id=settings.showcase_channel,
        locale=found[0].guild_locale,
    )


def month_before(now_ms: int) -> tuple[dt.datetime, dt.datetime]:
    """The first moments (UTC) of the last calendar month and of this one. Pure."""
    until = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return (until - dt.timedelta(days=1)).replace(day=1), until


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)
