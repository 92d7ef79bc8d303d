"""What follows from a safety check: a moderator looks first, or what is flagged is refused.

Nothing is rejected by a machine: it is held where a moderator can be asked. Where none can, what
was flagged is refused before it is paid, or not posted, as what `review` would hold.
"""

from typing import Final

from bot.services.log_lines import enqueue_log
from bot.services.moderation.review_channel import has_review_channel
from bot.services.moderation.review_history import was_passed
from bot.services.moderation.review_lifecycle import OF_UNCHECKED, open_of, open_review, why_flagged
from bot.services.requests import lifecycle
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.transaction import Transaction
from storage.moderation import safety_checks
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import Outcome, SafetyCheck
from storage.operations import key_values
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests

OUTAGE: Final = "safety-check-outage"
"""The key of the time since when the check gives no answers."""


async def record_check(
    tx: Transaction, settings: ServerSettings, check: SafetyCheck, now_ms: int
) -> None:
    """Store what a check said; the log channel is told once of an outage that it is part of."""
    await safety_checks.put(tx, check)
    if check.outcome is not Outcome.UNANSWERED:
        if await key_values.get(tx, OUTAGE) is not None:
            await key_values.delete(tx, OUTAGE)
        return
    await key_values.compare_and_set(tx, OUTAGE, expected=None, value="down", now_ms=now_ms)
    since_ms = await key_values.since_ms(tx, OUTAGE) or now_ms
    is_held = await has_review_channel(tx, settings, check.guild_id, now_ms)
    await enqueue_log(
        tx,
        settings,
        check.guild_id,
        f"log:safety-check-down:{check.guild_id}:{since_ms}",
        "log-safety-check-down",
        {"held": "yes" if is_held else "no"},
        now_ms=now_ms,
    )


async def hold_checked_inputs(tx: Transaction, request: Request, now_ms: int) -> Request:
    """Hold a request whose pictures were just checked, or refuse it where nobody can look.

    A draft is decided on when it is confirmed. What a moderator has passed is not held again, and
    what is held already gets the reason added. Its card is up to the caller.
    """
    if request.state not in (State.HELD, State.AUDITING, State.QUEUED):
        return request
    settings = await read_settings(tx, request.guild_id)
    why = why_flagged(settings, await safety_checks.get(tx, request.id, Stage.PROMPT))
    if not why:
        return request
    if request.is_waiting_shot:
        # nothing of its series is paid yet, so that all of it waits
        whole = await requests.require(tx, request.series_of)
        if whole.state in (State.HELD, State.QUEUED):
            await _hold(tx, settings, whole, why, now_ms)
        return await requests.require(tx, request.id)
    return await _hold(tx, settings, request, why, now_ms)


async def _hold(
    tx: Transaction, settings: ServerSettings, request: Request, why: str, now_ms: int
) -> Request:
    if request.state is State.HELD:
        review = await open_of(tx, request.id)
        if review is not None and why not in review.why.split(","):
            await safety_checks.add_reason(tx, review.id, why)
        return request
    if await was_passed(tx, request):
        return request
    if not await has_review_channel(tx, settings, request.guild_id, now_ms):
        if why == OF_UNCHECKED:
            return request
        return await lifecycle.fail(tx, request, "flagged", now_ms=now_ms)
    held = await requests.move(
        tx,
        request.id,
        source=request.state,
        target=State.HELD,
        now_ms=now_ms,
        event_note=why,
        due_at_ms=NEVER_DUE,
        lease_owner="",
    )
    await open_review(tx, settings, held, Stage.PROMPT, why, now_ms)
    return held
