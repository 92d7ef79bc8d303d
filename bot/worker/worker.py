"""The worker: claims, the gate, owed messages, cards, probes and a pulse, until told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from bot.desk.disk import DiskGauge, share_room
from bot.worker.cards import Cards
from bot.worker.deliver import Deliverer
from bot.worker.films import FilmDeliverer
from bot.worker.forget import Forgetter
from bot.worker.gate import pass_through
from bot.worker.loop import IDLE_S, ClaimLoop
from bot.worker.nudge import Nudge, wait_for
from bot.worker.outcomes import adopt_kept_ids
from bot.worker.parts import Parts
from bot.worker.poll import Poller
from bot.worker.probe import probe
from bot.worker.review_work import ReviewWork
from bot.worker.steps import Steps
from bot.worker.sweep import end_unseen
from storage import posts, requests, workers
from storage.again import repeated
from storage.errors import StorageError
from storage.records import Post, PostKind, Request

logger = logging.getLogger(__name__)

REQUEST_SLOTS: Final = 24
POST_SLOTS: Final = 12
GATE_PAUSE_S: Final = 0.2
PULSE_S: Final = 5.0
DEAD_AFTER_MS: Final = 20_000
SWEEP_S: Final = 60.0
GRACE_S: Final = 12.0


class Worker:
    """Takes every request from the desk to its end; a restart is an ordinary start."""

    def __init__(
        self,
        parts: Parts,
        cards: Cards,
        poller: Poller,
        disk: DiskGauge,
        nudge: Nudge,
        *,
        erased: Nudge,
        reviews: ReviewWork,
    ) -> None:
        self._parts = parts
        self._cards = cards
        self._disk = disk
        self._nudge = nudge
        self._beaten_at_ms = 0
        self._watching_since_ms = 0
        self._gate_ear = nudge.ear()
        self._card_ear = nudge.ear()
        self._review_ear = nudge.ear()
        self._reviews = reviews
        self._deliverer = Deliverer(parts)
        self._films = FilmDeliverer(parts)
        self._sweep_ear = erased.ear()
        self._forgetter = Forgetter(parts)
        self._requests: ClaimLoop[Request] = ClaimLoop(
            "requests",
            slots=REQUEST_SLOTS,
            claim=self._claim_requests,
            step=Steps(parts, poller).run,
            renew=self._renew_requests,
            next_due_s=self._next_request_s,
            renew_every_s=parts.settings.lease_ms / 3000,
            nudge=nudge,
        )
        self._posts: ClaimLoop[Post] = ClaimLoop(
            "posts",
            slots=POST_SLOTS,
            claim=self._claim_posts,
            step=self._deliver,
            renew=self._renew_posts,
            next_due_s=self._next_post_s,
            renew_every_s=parts.settings.lease_ms / 3000,
            nudge=nudge,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish or release what is in work.

        An error in a loop itself ends the worker: it fails loudly and the supervisor restarts it.
        """
        await self._start()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._requests.run(stop))
            group.create_task(self._posts.run(stop))
            group.create_task(self._repeat(stop, self._gate_ear, IDLE_S, self._open_gate))
            group.create_task(self._repeat(stop, self._card_ear, IDLE_S, self._cards.catch_up))
            group.create_task(self._repeat(stop, self._review_ear, IDLE_S, self._reviews.catch_up))
            group.create_task(self._repeat(stop, None, PULSE_S, self._beat))
            group.create_task(self._repeat(stop, None, IDLE_S, self._probe))
            group.create_task(self._repeat(stop, self._sweep_ear, SWEEP_S, self._sweep))
            group.create_task(self._wake_when_over(stop))
        await asyncio.gather(self._requests.finish(GRACE_S), self._posts.finish(GRACE_S))
        await self._leave()

    @repeated
    async def _start(self) -> None:
        """On SQLite there is one process, so every lease found at the start is a dead one's."""
        now_ms = self._parts.clock()
        async with self._parts.database.transaction() as tx:
            if tx.dialect == "sqlite":
                await requests.release_leases(tx, now_ms)
                await posts.release_leases(tx, now_ms)
        await adopt_kept_ids(self._parts)
        await self._beat()
        await self._disk.measure()
        await self._share_room()

    async def _leave(self) -> None:
        owner, now_ms = self._parts.settings.owner, self._parts.clock()
        try:
            async with self._parts.database.transaction() as tx:
                await requests.let_go(tx, owner=owner, now_ms=now_ms)
                await posts.let_go(tx, owner=owner, now_ms=now_ms)
                await workers.leave(tx, owner)
        except StorageError:
            logger.warning("Could not sign off", extra={"action": "worker.leave"})

    async def _wake_when_over(self, stop: asyncio.Event) -> None:
        """Nobody sleeps on into the stop."""
        await stop.wait()
        self._nudge()

    async def _repeat(
        self,
        stop: asyncio.Event,
        ear: asyncio.Event | None,
        every_s: float,
        act: Callable[[], Awaitable[None]],
    ) -> None:
        waiting = ear or asyncio.Event()
        while not stop.is_set():
            try:
                await act()
            except StorageError as error:
                logger.warning(
                    "The database can't be asked, trying again",
                    extra={"action": "worker.storage", "error": repr(error)},
                )
            stopping = asyncio.ensure_future(stop.wait())
            listening = asyncio.ensure_future(wait_for(waiting, every_s))
            await asyncio.wait({stopping, listening}, return_when=asyncio.FIRST_COMPLETED)
            for task in (stopping, listening):
                task.cancel()
            await asyncio.gather(stopping, listening, return_exceptions=True)

    async def _open_gate(self) -> None:
        chosen = await pass_through(self._parts)
        for request in chosen:
            self._requests.start(request)
        if chosen:
            # A few times a second at most, whatever nudges: the lock is everybody's.
            await asyncio.sleep(GATE_PAUSE_S)
            self._gate_ear.set()

    async def _probe(self) -> None:
        await probe(self._parts)

    @repeated
    async def _beat(self) -> None:
        now_ms = self._parts.clock()
        settings = self._parts.settings
        async with self._parts.database.transaction() as tx:
            await workers.beat(
                tx, owner=settings.owner, host=settings.host, role="worker", now_ms=now_ms
            )
            if tx.dialect == "postgres" and self._has_watched(now_ms):
                alive = await workers.alive(tx, now_ms - DEAD_AFTER_MS)
                hosts = {worker.host for worker in alive}
                await requests.disown_dead(tx, alive=hosts, now_ms=now_ms)
        self._beaten_at_ms = now_ms

    def _has_watched(self, now_ms: int) -> bool:
        """Whether this process has heard pulses long enough to call another one dead.

        Right after a start, or when the database was gone, everybody's last pulse is old.
        """
        if now_ms - self._beaten_at_ms > DEAD_AFTER_MS / 2:
            self._watching_since_ms = now_ms
        return now_ms - self._watching_since_ms >= DEAD_AFTER_MS

    async def _sweep(self) -> None:
        await end_unseen(self._parts)
        await self._forgetter.forget()
        await self._disk.measure()
        await self._share_room()

    async def _share_room(self) -> None:
        parts = self._parts
        await share_room(parts.database, self._disk, host=parts.settings.host, now_ms=parts.clock())

    async def _deliver(self, post: Post) -> None:
        if post.kind is PostKind.REVIEW:
            await self._reviews.deliver(post)
        elif post.kind is PostKind.FILM:
            await self._films.deliver(post)
        else:
            await self._deliverer.deliver(post)

    @repeated
    async def _claim_requests(self, limit: int, exclude: Collection[str]) -> Sequence[Request]:
        settings = self._parts.settings
        async with self._parts.database.transaction() as tx:
            return await requests.claim(
                tx,
                owner=settings.owner,
                host=settings.host,
                now_ms=self._parts.clock(),
                lease_ms=settings.lease_ms,
                limit=limit,
                exclude=exclude,
            )

    @repeated
    async def _claim_posts(self, limit: int, exclude: Collection[str]) -> Sequence[Post]:
        async with self._parts.database.transaction() as tx:
            return await posts.claim(
                tx,
                owner=self._parts.settings.owner,
                now_ms=self._parts.clock(),
                lease_ms=self._parts.settings.lease_ms,
                limit=limit,
                exclude=exclude,
            )

    @repeated
    async def _renew_requests(self, ids: Collection[str]) -> None:
        async with self._parts.database.transaction() as tx:
            await requests.renew(
                tx, owner=self._parts.settings.owner, ids=ids, until_ms=self._lease_end_ms()
            )

    @repeated
    async def _renew_posts(self, ids: Collection[str]) -> None:
        async with self._parts.database.transaction() as tx:
            await posts.renew(
                tx, owner=self._parts.settings.owner, ids=ids, until_ms=self._lease_end_ms()
            )

    def _lease_end_ms(self) -> int:
        return self._parts.clock() + self._parts.settings.lease_ms

    async def _next_request_s(self) -> float:
        async with self._parts.database.reading() as tx:
            return self._seconds_until(await requests.next_due_ms(tx))

    async def _next_post_s(self) -> float:
        async with self._parts.database.reading() as tx:
            return self._seconds_until(await posts.next_due_ms(tx))

    def _seconds_until(self, due_ms: int | None) -> float:
        return IDLE_S if due_ms is None else (due_ms - self._parts.clock()) / 1000
