"""Submissions that may have been billed, or refunded, without our knowing it yet."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.quotas import cost_checks
from storage.records import Request, State


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What the provider billed for it may have changed after `since_ms` and before `until_ms`.

    `until_ms` is None while it still may.
    """

    request_id: str
    since_ms: int
    until_ms: int | None = None
    can_be_asked: bool = False
    """Its task has ended, and asking about it again would tell."""


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """What is open now: those with a state that can be told, and uncertain requests."""

    tasks: tuple[OpenTask, ...]
    uncertain: tuple[Request, ...]


_SENT: Final = """
SELECT * FROM requests
WHERE state IN ('submitting', 'running', 'uncertain') AND intent_at_ms > 0
ORDER BY intent_at_ms, id"""
_OF_CHECKS: Final = "SELECT * FROM requests WHERE id IN {each:ids}"


async def read(tx: Transaction, since_ms: int, *, settles_ms: int) -> OpenTasks:
    """Everything that is open, or was at some time since a moment.

    A task that was made and whose cost was never said is taken for billed `settles_ms` after it.
    """
    rows = [decode(Request, row) for row in await tx.fetch_all(_SENT)]
    under_way = [
        OpenTask(row.id, _last_known_ms(row)) for row in rows if row.state is not State.UNCERTAIN
    ]
    checks = {each.request_id: each for each in await cost_checks.open_since(tx, since_ms)}
    # what runs on is among those above
    ids = sorted(checks.keys() - {each.request_id for each in under_way})
    found = await tx.fetch_all(_OF_CHECKS, {"ids": ids}) if ids else []
    ended = []
    for request in (decode(Request, row) for row in found):
        left_ms: int | None = checks[request.id].left_at_ms or None
        is_asked = bool(request.task_id) and left_ms is None
        if request.billed_micros is None and request.rendered_at_ms:
            left_ms, is_asked = request.rendered_at_ms + settles_ms, False
        ended.append(OpenTask(request.id, _last_known_ms(request), left_ms, is_asked))
    uncertain = tuple(row for row in rows if row.state is State.UNCERTAIN)
    return OpenTasks((*under_way, *ended), uncertain)


def _last_known_ms(request: Request) -> int:
    return request.intent_at_ms if request.billed_micros is None else request.billed_at_ms
