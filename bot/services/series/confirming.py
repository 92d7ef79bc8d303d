"""Lets a confirmed series go: held for a moderator as a whole, or on its way shot by shot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.services.moderation import hold_policy
from bot.services.outbox import enqueue_card
from bot.services.quotas.service import QuotaService, Remaining
from bot.services.series.planning import seen_as
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.moderation.safety_checks import SafetyCheck
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What is known of a series that is confirmed: the word list, and the check of its files.

    `is_unchecked`: its files must be fetched again, so that they are checked.
    """

    scanned: hold_policy.ScannedPrompt
    check: SafetyCheck | None = None
    is_unchecked: bool = False


async def let_series_go(
    tx: Transaction,
    settings: ServerSettings,
    quotas: QuotaService,
    group: Sequence[Request],
    caller: Caller,
    now_ms: int,
    known: Confirmed,
) -> tuple[list[Request], Remaining]:
    """Hold or queue a series, the first of `group`, and reserve the quota of all its shots.

    The shots wait for their turn: nothing of them is paid before a moderator has passed all.
    """
    series, *shots = group
    videos = [VideoRequest.model_validate_json(each.spec) for each in group]
    seen = seen_as(videos[0], videos[1:])
    hold = await hold_policy.evaluate(
        tx, settings, seen, caller, now_ms, known.scanned, known.check
    )
    state = hold.first_state(needs_audit=series.needs_audit)
    series = await requests.move(
        tx,
        series.id,
        source=State.DRAFT,
        target=state,
        now_ms=now_ms,
        due_at_ms=NEVER_DUE if state is State.HELD else now_ms,
        lease_owner="",
    )
    moved = await _queue_shots(tx, shots, now_ms, is_unchecked=known.is_unchecked)
    left = await quotas.reserve_all(tx, settings, moved, now_ms, role_ids=caller.role_ids)
    await enqueue_card(tx, series, now_ms)
    # its card shows the first shot's files, and waits until they are fetched
    shown = replace(series, prepared_at_ms=moved[0].prepared_at_ms)
    await hold_policy.record(tx, settings, shown, hold, now_ms)
    return [series, *moved], left


async def _queue_shots(
    tx: Transaction, shots: Sequence[Request], now_ms: int, *, is_unchecked: bool
) -> list[Request]:
    """Have the shots wait for their turn; the first one's files are fetched meanwhile."""
    first = shots[0]
    is_prepared = bool(first.prepared_at_ms) and not is_unchecked
    moved = []
    for shot in shots:
        is_fetched = shot.shot == 1 and not is_prepared
        moved.append(
            await requests.move(
                tx,
                shot.id,
                source=State.DRAFT,
                target=State.QUEUED,
                now_ms=now_ms,
                due_at_ms=now_ms if is_fetched else NEVER_DUE,
                lease_owner="",
                prepared_at_ms=first.prepared_at_ms if shot.shot == 1 and is_prepared else 0,
            )
        )
    return moved
