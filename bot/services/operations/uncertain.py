"""Settles uncertain requests on an owner's decision, each of them once."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.errors import QuotaExceeded
from bot.provider.client import SeedanceClient
from bot.provider.errors import ProviderError
from bot.services.caller import Caller
from bot.services.moderation import review_lifecycle
from bot.services.operations.evidence import Evidence, evidence_of
from bot.services.operations.task_ids import check_task_ids, follow_task, require_free
from bot.services.operations.uncertain_views import Choice, Settlement, UncertainPage, Verdict
from bot.services.owners import require_owner
from bot.services.quotas.service import QuotaService
from bot.services.requests import lifecycle
from bot.services.server_settings import read_settings
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict
from storage.operations import restored, status
from storage.records import ENDS, NEVER_DUE, Request, State
from storage.requests import requests, series

logger = logging.getLogger(__name__)

PAGE_SIZE: Final = 5
"""As many as a form has fields."""
LOOK_S: Final = 3.0


class UncertainService:
    """Every move is conditional: of two owners who settle the same request one comes too late."""

    def __init__(
        self,
        database: Database,
        provider: SeedanceClient,
        quotas: QuotaService,
        *,
        owner_ids: Collection[int],
        owner_guild_id: int | None,
        key_id: str,
        is_key_exclusive: bool,
        clock: Callable[[], int],
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._provider = provider
        self._quotas = quotas
        self._owner_ids = tuple(owner_ids)
        self._owner_guild_id = owner_guild_id
        self._key_id = key_id
        self._is_key_exclusive = is_key_exclusive
        self._clock = clock
        self._wakeup = wakeup

    async def _require_owner(self, tx: Transaction, caller: Caller) -> None:
        await require_owner(tx, caller, self._owner_ids, self._owner_guild_id)

    async def page(self, caller: Caller, *, after: tuple[int, str] = (-1, "")) -> UncertainPage:
        """A page of what is uncertain, behind the request of that intent and id.

        Raises: NotAllowed, StorageUnavailable.
        """
        async with self._database.reading() as tx:
            await self._require_owner(tx, caller)
            total, newest_ms = await status.count_uncertain(tx)
            parked = await restored.count_parked(tx)
            found = await status.uncertain_after(
                tx, after_ms=after[0], after_id=after[1], limit=PAGE_SIZE + 1
            )
            shown = found[:PAGE_SIZE]
            evidence = await self._evidence(tx, shown)
        more = len(found) > PAGE_SIZE
        return UncertainPage(
            total=total,
            as_of_ms=newest_ms,
            requests=shown,
            restored=parked,
            next_after=(shown[-1].intent_at_ms, shown[-1].id) if more else None,
            evidence=evidence,
            is_key_exclusive=self._is_key_exclusive,
        )

    async def chosen(self, caller: Caller, choice: Choice) -> UncertainPage:
        """Those of a choice that are still uncertain.

        Of a choice of all, no more than a page is listed; `total` counts them.
        Raises: NotAllowed, StorageUnavailable.
        """
        async with self._database.reading() as tx:
            await self._require_owner(tx, caller)
            ids = await self._ids(tx, choice)
            found = [await requests.get(tx, each) for each in ids[:PAGE_SIZE]]
            open_ones = [row for row in found if row is not None and _is_open(row, choice)]
            evidence = await self._evidence(tx, open_ones)
        total = len(ids) if choice.ids is None else len(open_ones)
        return UncertainPage(
            total,
            choice.as_of_ms,
            open_ones,
            restored=sum(bool(row.parked_from) for row in open_ones),
            evidence=evidence,
            is_key_exclusive=self._is_key_exclusive,
        )

    async def _evidence(self, tx: Transaction, rows: Sequence[Request]) -> dict[str, Evidence]:
        now_ms = self._clock()
        return {row.id: await evidence_of(tx, row, self._key_id, now_ms) for row in rows}

    async def _ids(self, tx: Transaction, choice: Choice) -> Sequence[str]:
        if choice.ids is not None:
            return choice.ids
        if choice.is_restored:
            return await restored.parked_ids(tx, until_ms=choice.as_of_ms)
        return await status.uncertain_ids(tx, until_ms=choice.as_of_ms)

    async def settle(self, caller: Caller, choice: Choice, verdict: Verdict) -> Settlement:
        """Release what did not run, or let it go (again); each request in a transaction of its own.

        What a restore parked goes on where the copy had it, so that a moderator passes first what
        was held. Let go, a refunded count is reserved again, or the request stays as it is.
        A storage error in between leaves the rest uncertain: the same press settles it later.
        Raises: NotAllowed, StorageUnavailable.
        """
        async with self._database.reading() as tx:
            await self._require_owner(tx, caller)
            ids = await self._ids(tx, choice)
        act = self._release if verdict is Verdict.NOT_RUN else self._send_again
        outcome, refused = {}, {}
        for each in ids:
            try:
                outcome[each] = await self._settle_one(caller, choice, each, act)
            except QuotaExceeded as error:
                refused[each] = error
        return replace(self._settlement(caller, verdict, outcome), refused=refused)

    async def ran(self, caller: Caller, choice: Choice, task_ids: Mapping[str, str]) -> Settlement:
        """Take note of the tasks that the provider made; they are polled and delivered.

        `task_ids` by request; a blank one leaves its request as it is. All are checked before any
        is written. Raises: NotAllowed, StorageUnavailable, UserError for ids that can't be.
        """
        given = {each: text.strip() for each, text in task_ids.items() if text.strip()}
        check_task_ids(given)
        outcome = {}
        async with self._database.reading() as tx:
            await self._require_owner(tx, caller)
            for each, task_id in given.items():
                await require_free(tx, each, task_id)
        for each, task_id in given.items():

            async def follow(tx: Transaction, row: Request, now_ms: int, actor_id: int) -> None:
                await follow_task(tx, row, task_id, now_ms, actor_id)  # noqa: B023 - awaited in here

            outcome[each] = await self._settle_one(caller, choice, each, follow)
        settlement = self._settlement(caller, "ran", outcome)
        seen = {each: await self._look(given[each]) for each in settlement.settled}
        return replace(settlement, seen=seen)

    @repeated
    async def _settle_one(
        self,
        caller: Caller,
        choice: Choice,
        request_id: str,
        act: Callable[[Transaction, Request, int, int], Any],
    ) -> bool:
        """One request's transaction; False when it is no longer what the choice meant."""
        try:
            async with self._database.transaction() as tx:
                await self._require_owner(tx, caller)
                row = await requests.get(tx, request_id)
                if row is None or not _is_open(row, choice):
                    return False
                await act(tx, row, self._clock(), caller.user_id)
        except Conflict:
            return False
        return True

    def _settlement(self, caller: Caller, verdict: str, outcome: Mapping[str, bool]) -> Settlement:
        settled = tuple(each for each, is_done in outcome.items() if is_done)
        for each in settled:
            logger.warning(
                "An owner settled an uncertain request",
                extra={
                    "action": "owner.settled",
                    "request_id": each,
                    "verdict": verdict,
                    "owner": caller.user_id,
                },
            )
        if settled:
            self._wakeup()
        late = tuple(each for each, is_done in outcome.items() if not is_done)
        return Settlement(settled, late)

    async def _release(self, tx: Transaction, row: Request, now_ms: int, actor_id: int) -> None:
        """Release both accounts and notify the requester: the provider never had it."""
        await lifecycle.fail(
            tx,
            row,
            "not-run",
            now_ms=now_ms,
            provider_text=row.provider_text,
            intent_at_ms=0,
            lease_owner="",
            actor_id=actor_id,
            event_note="settled: did not run",
        )

    async def _send_again(self, tx: Transaction, row: Request, now_ms: int, actor_id: int) -> None:
        if row.series_of and not await _is_wanted(tx, row):
            # its series went on without it
            await lifecycle.end(
                tx,
                row,
                State.CANCELLED,
                now_ms=now_ms,
                actor_id=actor_id,
                event_note="settled: its series is over",
                intent_at_ms=0,
                slot_until_ms=0,
            )
            return
        moved = await requests.move(
            tx,
            row.id,
            source=State.UNCERTAIN,
            target=State(row.parked_from or State.QUEUED),
            now_ms=now_ms,
            actor_id=actor_id,
            event_note="settled: may go" if row.parked_from else "settled: send again",
            intent_at_ms=0,
            slot_until_ms=0,
            task_id="",
            provider_text="",
            parked_from="",
            audit_since_ms=0 if row.parked_from else row.audit_since_ms,
            due_at_ms=now_ms
            if not row.series_of or row.acked_at_ms or row.shot == 1
            else NEVER_DUE,
            lease_owner="",
        )
        settings = await read_settings(tx, moved.guild_id)
        if moved.state is State.HELD:
            await review_lifecycle.open_again(tx, settings, moved, now_ms)
        await self._quotas.reserve_again(tx, settings, moved, now_ms)

    async def _look(self, task_id: str) -> str:
        """What the provider says of a task; a word of TaskStatus, or nothing."""
        try:
            async with asyncio.timeout(LOOK_S):
                return str((await self._provider.query(task_id)).status)
        except (ProviderError, TimeoutError):
            return ""


async def _is_wanted(tx: Transaction, shot: Request) -> bool:
    """Whether a shot's series still waits for it."""
    await requests.lock(tx, shot.series_of)
    whole = await requests.require(tx, shot.series_of)
    if whole.state in ENDS or whole.result_host:
        return False
    return any(each.id == shot.id for each in await series.shots_of(tx, whole.id))


def _is_open(row: Request, choice: Choice) -> bool:
    return row.state is State.UNCERTAIN and row.intent_at_ms <= choice.as_of_ms
