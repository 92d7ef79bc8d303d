"""What the key's use says about an uncertain request: whether it was billed.

Evidence is a pair of notes, one from before the request was sent and one from after, and everything
else that changed the key's use between them. It is conclusive only if each of those changes surely
lies between the two notes and nothing whose cost is not known was in flight.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.transaction import Transaction
from storage.operations import key_usage
from storage.operations.key_usage import KeyUsage
from storage.quotas import open_tasks, task_costs
from storage.quotas.open_tasks import OpenTask, OpenTasks
from storage.quotas.task_costs import CostChange
from storage.records import Request

WAIT_MS: Final = 10 * 60_000
"""A task that was taken is billed within so long."""
LONGEST_WINDOW_MS: Final = 6 * 60 * 60_000
"""An older note from before the request has seen too much since."""
NOTES: Final = 10
"""So many notes on each side are tried: one may lie in the middle of somebody else's call."""


class Finding(StrEnum):
    """What the evidence says; only the first two are conclusive."""

    NOT_BILLED = "not-billed"
    BILLED = "billed"
    OTHER_RISE = "other"
    """The use changed by something else than the request's price."""
    EARLY = "early"
    """No rise so far; the ten minutes are not over."""
    BUSY = "busy"
    """Something else was in flight whose cost is not known."""
    NO_NOTES = "none"
    """There is no note from before or after it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding and the notes it rests on.

    `rise_micros` is by how much the key's use rose beyond what all other tasks cost.
    `until_ms`: when it can be said that it was not billed. `asked`: tasks that stand in the way and
    can be asked about.
    """

    finding: Finding
    before: KeyUsage | None = None
    after: KeyUsage | None = None
    rise_micros: int = 0
    until_ms: int = 0
    asked: tuple[str, ...] = ()


_ORDER: Final = tuple(Finding)


@dataclass(frozen=True, slots=True)
class _World:
    """Everything but the request itself."""

    changes: Sequence[CostChange]
    open: OpenTasks


async def evidence_of(tx: Transaction, request: Request, key_id: str, now_ms: int) -> Evidence:
    """What is known about an uncertain request now.

    Reads what is open before what has changed: a cost recorded in between is then known twice
    rather than not at all.
    """
    if request.parked_from:
        # what was billed between the copy and its restore is in no record
        return Evidence(Finding.NO_NOTES, until_ms=_sure_ms(request))
    since_ms = request.intent_at_ms - LONGEST_WINDOW_MS
    earlier = await key_usage.before(tx, key_id, request.intent_at_ms, limit=NOTES)
    before = [
        each for each in earlier if each.id <= request.key_usage_id and each.asked_at_ms >= since_ms
    ]
    after = await key_usage.after(tx, key_id, request.intent_at_ms, limit=NOTES)
    if not before or not after:
        is_watched = bool(before) and now_ms < _sure_ms(request)
        finding = Finding.EARLY if is_watched else Finding.NO_NOTES
        return Evidence(finding, until_ms=_sure_ms(request))
    opened = await open_tasks.read(tx, before[-1].asked_at_ms, settles_ms=WAIT_MS)
    until_ms = max(each.answered_at_ms for each in after)
    changes = await task_costs.overlapping(tx, before[-1].asked_at_ms, until_ms)
    return weigh(request, before, after, changes, opened)


def weigh(
    request: Request,
    before: Sequence[KeyUsage],
    after: Sequence[KeyUsage],
    changes: Sequence[CostChange],
    opened: OpenTasks,
) -> Evidence:
    """The best evidence that any pair of notes gives; the newest conclusive one counts. Pure."""
    world = _World(
        [change for change in changes if change.request_id != request.id],
        OpenTasks(
            tuple(each for each in opened.tasks if each.request_id != request.id),
            tuple(each for each in opened.uncertain if each.id != request.id),
        ),
    )
    found = Evidence(Finding.NO_NOTES, until_ms=_sure_ms(request))
    for late in sorted(after, key=lambda each: each.id, reverse=True):
        for early in sorted(before, key=lambda each: each.id, reverse=True):
            weighed = _weigh_pair(request, early, late, world)
            if weighed.finding in (Finding.NOT_BILLED, Finding.BILLED):
                return weighed
            if _ORDER.index(weighed.finding) < _ORDER.index(found.finding):
                found = weighed
    return found


def _sure_ms(request: Request) -> int:
    """From when on a note shows that the request was not billed."""
    return max(request.updated_at_ms, request.intent_at_ms) + WAIT_MS


def _weigh_pair(request: Request, early: KeyUsage, late: KeyUsage, world: _World) -> Evidence:
    window = (early, late)
    sure_ms = _sure_ms(request)
    blocking = [each for each in world.open.tasks if _touches(each, early, late)]
    overlapping = [each for each in world.changes if _overlaps(each, early, late)]
    if blocking or not all(_is_inside(each, early, late) for each in overlapping):
        asked = tuple(each.request_id for each in blocking if each.can_be_asked)
        is_all = len(asked) == len(blocking)
        return Evidence(Finding.BUSY, *window, until_ms=sure_ms, asked=asked if is_all else ())
    rise = late.used_micros - early.used_micros - sum(each.change_micros for each in overlapping)
    # each amount was rounded to a millionth
    slack = len(overlapping) + 2
    finding = Finding.OTHER_RISE
    if abs(rise) <= slack:
        finding = Finding.NOT_BILLED if late.asked_at_ms >= sure_ms else Finding.EARLY
        rise = 0
    elif any(each.change_micros < 0 for each in overlapping) or _others(world, early, late):
        # a refund may be the account's alone, and any of several requests may have been billed
        finding = Finding.BUSY
    elif request.cost_micros and abs(rise - request.cost_micros) <= slack:
        finding = Finding.BILLED
    return Evidence(finding, *window, rise_micros=rise, until_ms=sure_ms)


def _touches(task: OpenTask, early: KeyUsage, late: KeyUsage) -> bool:
    has_ended = task.until_ms is not None and task.until_ms <= early.asked_at_ms
    return task.since_ms < late.answered_at_ms and not has_ended


def _overlaps(change: CostChange, early: KeyUsage, late: KeyUsage) -> bool:
    return change.at_ms > early.asked_at_ms and change.since_ms < late.answered_at_ms


def _is_inside(change: CostChange, early: KeyUsage, late: KeyUsage) -> bool:
    return change.since_ms >= early.answered_at_ms and change.at_ms <= late.asked_at_ms


def _others(world: _World, early: KeyUsage, late: KeyUsage) -> Iterable[Request]:
    """Other uncertain requests that may have been billed between the notes."""
    return [
        each
        for each in world.open.uncertain
        if each.intent_at_ms < late.answered_at_ms and _sure_ms(each) > early.asked_at_ms
    ]
