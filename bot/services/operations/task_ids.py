"""Task ids that an owner names for uncertain requests: each task belongs to one request."""

from collections.abc import Mapping
from typing import Final

from bot.errors import UserError
from storage.engine.database import slots_lock
from storage.engine.transaction import Transaction
from storage.operations import status
from storage.records import Request, State
from storage.requests import requests

LONGEST_TASK_ID: Final = 200
TASK_SLOT_MS: Final = 30 * 60_000
"""A task holds a provider slot for so long after it was sent."""


def check_task_ids(given: Mapping[str, str]) -> None:
    """Check task ids by request, before any is written. Raises: UserError."""
    if not given:
        raise UserError("refused-task-id-missing")
    for each, task_id in given.items():
        if len(task_id) > LONGEST_TASK_ID or not task_id.isprintable() or " " in task_id:
            raise UserError("refused-task-id", {"id": each, "limit": LONGEST_TASK_ID})
    for each, task_id in given.items():
        if list(given.values()).count(task_id) > 1:
            raise UserError("refused-task-id-twice", {"id": each})


async def require_free(tx: Transaction, request_id: str, task_id: str) -> None:
    """Raise UserError where another request has this task."""
    holder = await status.holder_of_task(tx, task_id, but=request_id)
    if holder is not None:
        raise UserError("refused-task-id-taken", {"id": request_id, "holder": holder})


async def follow_task(
    tx: Transaction, row: Request, task_id: str, now_ms: int, actor_id: int
) -> None:
    """Move an uncertain request to `running` with its task. Raises: UserError, Conflict."""
    # two owners must not give one task to two requests: one video would be posted twice
    await slots_lock(tx)
    await require_free(tx, row.id, task_id)
    await requests.move(
        tx,
        row.id,
        source=State.UNCERTAIN,
        target=State.RUNNING,
        now_ms=now_ms,
        actor_id=actor_id,
        event_note="settled: did run",
        task_id=task_id,
        # patience starts now: a task that is long done is still asked about
        submitted_at_ms=now_ms,
        slot_until_ms=row.intent_at_ms + TASK_SLOT_MS,
        due_at_ms=now_ms,
        lease_owner="",
    )
