"""Two workers on one database, moved by hand: every step, every fault, every death as asked."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from bot import failpoints
from bot.media.download.fetch import Fetcher
from bot.media.process import MediaProcess
from bot.provider.client import SeedanceClient
from bot.rules.catalogue import load_catalogue
from bot.services.caller import EndNotice, Progress
from bot.services.media_files.on_disk import DiskFiles
from bot.services.requests import lifecycle
from bot.worker.context import WorkerContext, WorkerSettings
from bot.worker.key_usage import KeyUsageNotes
from bot.worker.maintenance.cleanup import UnacknowledgedRequests
from bot.worker.maintenance.provider_probe import probe
from bot.worker.outbox.card_editor import CardRecorder
from bot.worker.outbox.deliver import Deliverer
from bot.worker.outbox.progress_cards import ProgressCards
from bot.worker.pipeline.dispatch import Steps
from bot.worker.pipeline.poll import Poller
from bot.worker.pipeline.slots import take_slots
from bot.worker.pipeline.submit_results import adopt_journaled_ids
from storage.engine.rows import decode
from storage.engine.sqlite import SqliteDatabase
from storage.engine.transaction import Database
from storage.errors import Conflict
from storage.quotas import ledger
from storage.quotas.ledger_records import Account, LedgerEntry
from storage.records import NEVER_DUE, OutboxMessage, Request, State
from storage.requests import leases, outbox, requests
from tests.storage.make import claim_messages, claim_requests, make_request
from tests.worker.fakes import ScriptedFetcher, ScriptedMedia, ScriptedProvider
from tests.worker.harness_parts import PlainEditor, ShakyDatabase, card_of, no_pauses, reserved
from tests.worker.scripted_messenger import ScriptedMessenger

START_MS = 1_800_000_000_000
CATALOGUE = load_catalogue()
LEASE_MS = 20_000
CANCELLABLE = {State.QUEUED, State.SUBMITTING, State.RUNNING}


class Killed(BaseException):
    """The process dies here; nothing after it runs."""


@dataclass
class WorkerHarness:
    """One database, two workers, and the world around them."""

    database: ShakyDatabase
    folder: Path
    provider: ScriptedProvider
    fetcher: ScriptedFetcher
    messenger: ScriptedMessenger
    now_ms: int = START_MS
    max_active: int = 1
    deaths: int = 0
    _context: dict[str, WorkerContext] = field(default_factory=dict)
    _pollers: dict[str, Poller] = field(default_factory=dict)
    _cards: dict[str, tuple[ProgressCards, PlainEditor]] = field(default_factory=dict)

    def clock(self) -> int:
        return self.now_ms

    def context(self, name: str) -> WorkerContext:
        """What the worker of this name works with; anew after its death."""
        if name not in self._context:
            self._context[name] = WorkerContext(
                database=cast("Database", self.database),
                catalogue=CATALOGUE,
                provider=cast("SeedanceClient", self.provider),
                input_fetcher=cast("Fetcher", self.fetcher),
                result_fetcher=cast("Fetcher", self.fetcher),
                media=cast("MediaProcess", ScriptedMedia()),
                files=DiskFiles(self.folder, "here"),
                messenger=self.messenger,
                key_usage=KeyUsageNotes(
                    cast("Database", self.database),
                    cast("SeedanceClient", self.provider),
                    "key",
                    self.clock,
                ),
                settings=WorkerSettings(
                    data_dir=self.folder,
                    owner=f"{name}-{self.deaths}",
                    host="here",
                    max_active=self.max_active,
                    key_id="key",
                    lease_ms=LEASE_MS,
                ),
                clock=self.clock,
                wakeup=lambda *_: None,
                jitter=lambda: 0.5,
            )
            self._pollers[name] = Poller(self._context[name], _nothing)
            editor = PlainEditor()
            self._cards[name] = (ProgressCards(self._context[name], editor), editor)
        return self._context[name]

    def die(self, name: str) -> None:
        """Whatever this worker had in memory is gone, its leases are still there."""
        self.deaths += 1
        self._context.pop(name, None)
        failpoints._trigger = None

    def kill_at(self, passing: int) -> None:
        """Let the worker that passes the n-th point from now on die there."""
        left = passing

        def trigger(_: str) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                failpoints._trigger = None
                raise Killed

        failpoints._trigger = trigger

    # what members do

    async def ask(self, number: int, **fields: Any) -> Request:
        """Take a request in as the service does: recorded, reserved, its card owed."""
        request = make_request(
            id=f"request{number:03d}",
            interaction_id=number + 1,
            user_id=30 + number % 2,
            created_at_ms=self.now_ms,
            due_at_ms=self.now_ms,
            acked_at_ms=0,
            prepared_at_ms=0,
            spec=f'{{"model": "seedance2.0-fast-i2v", "prompt": "wish {number}", "duration": 5}}',
            cost_micros=1000,
            upload_limit_bytes=20 * 2**20,
            **fields,
        )
        async with self.database._inner.transaction() as tx:
            assert await requests.add(tx, request)
            for account in Account:
                await ledger.enter(tx, reserved(request, account))
            await outbox.enqueue(tx, card_of(request))
        return request

    async def cancel(self, request_id: str) -> None:
        """Cancel as the service does, if it may be cancelled."""
        with contextlib.suppress(Conflict):
            async with self.database._inner.transaction() as tx:
                request = await requests.get(tx, request_id)
                if request is None or request.state not in CANCELLABLE:
                    return
                await lifecycle.end(
                    tx,
                    request,
                    State.CANCELLED,
                    now_ms=self.now_ms,
                    due_at_ms=self.now_ms if request.task_id else NEVER_DUE,
                    slot_until_ms=request.slot_until_ms if request.intent_at_ms else 0,
                )

    # what workers do

    async def step(self, name: str, limit: int = 1) -> int:
        """Claim due requests and run their steps."""
        context = self.context(name)
        async with context.database.transaction() as tx:
            claimed = await claim_requests(
                tx,
                owner=context.settings.owner,
                host=context.settings.host,
                now_ms=self.now_ms,
                lease_ms=LEASE_MS,
                limit=limit,
            )
        for request in claimed:
            await Steps(context, self._pollers[name]).run(request)
        return len(claimed)

    async def gate(self, name: str) -> int:
        """Hand out slots and submit what got one."""
        chosen = await take_slots(self.context(name))
        for request in chosen:
            await Steps(self.context(name), self._pollers[name]).run(request)
        return len(chosen)

    async def message(self, name: str, limit: int = 1) -> int:
        """Claim owed messages and deliver them."""
        context = self.context(name)
        async with context.database.transaction() as tx:
            claimed = await claim_messages(
                tx, owner=context.settings.owner, now_ms=self.now_ms, lease_ms=LEASE_MS, limit=limit
            )
        for message in claimed:
            await Deliverer(context).deliver(message)
        return len(claimed)

    async def edit_cards(self, name: str) -> int:
        """Bring cards up to date, as the editor does."""
        recorder = CardRecorder(self.context(name).database, self.clock)
        cards, editor = self._cards[name]
        await cards.catch_up()
        edits = editor.edits[:]
        editor.edits.clear()
        for message, request, standing in edits:
            await self._edit(recorder, message, request, standing)
        return len(edits)

    async def _edit(
        self, recorder: CardRecorder, message: OutboxMessage, request: Request, standing: Progress
    ) -> None:
        from bot.errors import DiscordUnavailable, MessageGone  # noqa: PLC0415

        is_gone = standing.news is EndNotice.TOLD
        try:
            if is_gone:
                with contextlib.suppress(MessageGone):
                    await self.messenger.delete(message.sent_channel_id, message.message_id)
            else:
                await self.messenger.edit(message, request, Progress())
        except DiscordUnavailable:
            return
        except MessageGone:
            await recorder.lost(message.id)
            return
        await recorder.shown(message, request, is_gone=is_gone)

    async def round(self, name: str) -> int:
        """Everything that a worker's loops do in a moment."""
        done = await self.step(name, 10) + await self.gate(name)
        done += await self.message(name, 10) + await self.edit_cards(name)
        await self.tend(name)
        return done

    async def tend(self, name: str) -> None:
        """A worker's periodic tasks: probe the provider, end unacknowledged requests."""
        await probe(self.context(name))
        await UnacknowledgedRequests(self.context(name)).end()

    async def start(self, name: str) -> None:
        """What a start does before anything else."""
        await adopt_journaled_ids(self.context(name))

    # how it ends

    async def settle(self) -> None:
        """Everything works from now on: go on until nothing is left to do."""
        failpoints._trigger = None
        for plan in (
            self.provider.create_plan,
            self.provider.query_plan,
            self.provider.meanwhile,
            self.fetcher.plan,
            self.messenger.plan,
            self.database.plan,
        ):
            plan.clear()
        await self.start("a")
        for _ in range(300):
            if not await self.round("a") and not await self._wait():
                return
        raise AssertionError("it never comes to rest")

    async def _wait(self) -> bool:
        """Let time pass until something is due, or the queue may move; False if nothing ever is."""
        async with self.database.reading() as tx:
            dues = [await leases.LEASES.next_due_ms(tx), await outbox.LEASES.next_due_ms(tx)]
            counts = await requests.count_by_state(tx)
        waits = [due for due in dues if due is not None]
        if counts[State.QUEUED]:
            waits.append(self.now_ms + 60_000)
        if not waits:
            return False
        self.now_ms = max(self.now_ms + 1, min(waits))
        return True

    async def all(self) -> list[Request]:
        async with self.database.reading() as tx:
            rows = await tx.fetch_all("SELECT id FROM requests ORDER BY id")
            return [await requests.require(tx, row["id"]) for row in rows]

    async def messages(self, request_id: str) -> dict[str, OutboxMessage]:
        async with self.database.reading() as tx:
            return {message.id: message for message in await outbox.of_request(tx, request_id)}

    async def entries(self, request_id: str) -> list[LedgerEntry]:
        async with self.database.reading() as tx:
            rows = await tx.fetch_all(
                "SELECT * FROM ledger WHERE request_id = :id ORDER BY id", {"id": request_id}
            )
        return [decode(LedgerEntry, row) for row in rows]


async def _nothing(_: Request) -> None:
    return


@asynccontextmanager
async def open_worker_harness(
    template: Path, folder: Path, video: Path, **fields: Any
) -> AsyncIterator[WorkerHarness]:
    """A harness on a copy of a migrated database."""
    shutil.copyfile(template, folder / "rig.db")
    inner = await SqliteDatabase.open(folder / "rig.db")
    # no power fails here, and thousands of commits are made
    await inner._writer.execute("PRAGMA synchronous = OFF")
    messenger = ScriptedMessenger(lambda: harness.now_ms)
    harness = WorkerHarness(
        database=ShakyDatabase(inner),
        folder=folder,
        provider=ScriptedProvider(),
        fetcher=ScriptedFetcher(video),
        messenger=messenger,
        **fields,
    )
    try:
        with no_pauses():
            yield harness
    finally:
        await inner.close()
