"""The loop that claims: nobody takes all slots, nothing is done in vain, nothing is forgotten."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.wakeup import Wakeup
from bot.worker.claim_loop import OVERDUE_S, ClaimLoop
from bot.worker.leased_queue import LeasedQueue, Outlook
from bot.worker.step_slots import Slots, SlotTable
from storage.requests.due_work import Due, StepKind

FETCH, POLL = StepKind.FETCH, StepKind.POLL


@dataclass(frozen=True)
class Row:
    id: str


@dataclass
class ListedQueue(LeasedQueue[Row]):
    """Rows in a list; steps last until they are released."""

    waiting: list[Due] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    looks: int = 0
    begun: list[str] = field(default_factory=list)
    broken_off: list[str] = field(default_factory=list)
    release: dict[str, asyncio.Event] = field(default_factory=dict)
    is_claimable: bool = True
    happened: asyncio.Event = field(default_factory=asyncio.Event)

    async def outlook(
        self, running: Sequence[Row], exclude: Collection[str], *, share: int, window: int
    ) -> Outlook:
        ended = [row.id for row in running if row.id in self.ended]
        if not self.waiting:
            return Outlook(60.0, ended)
        if not window:
            return Outlook(-60.0, ended)
        self.looks += 1
        seen: Counter[tuple[StepKind, int]] = Counter()
        found: list[Due] = []
        for each in self.waiting:
            seen[each.kind, each.whose] += 1
            if each.id not in exclude and seen[each.kind, each.whose] <= share:
                found.append(each)
        return Outlook(-60.0, ended, found)

    async def claim(self, ids: Collection[str]) -> Sequence[Row]:
        if not self.is_claimable:
            return []
        self.waiting = [each for each in self.waiting if each.id not in ids]
        return [Row(each) for each in ids]

    async def renew(self, ids: Collection[str]) -> None:
        return

    async def give_way(self) -> None:
        return

    async def step(self, row: Row) -> None:
        self.begun.append(row.id)
        self.happened.set()
        try:
            await self.release.setdefault(row.id, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.broken_off.append(row.id)
            self.happened.set()
            raise

    async def until(self, *begun: str) -> None:
        """Wait until these steps have begun, and no others."""
        async with asyncio.timeout(5):
            while len(self.begun) < len(begun):
                await self.happened.wait()
                self.happened.clear()
        assert self.begun == list(begun)


@asynccontextmanager
async def at_work(
    queue: ListedQueue, slots: dict[StepKind, Slots], wakeup: Wakeup
) -> AsyncIterator[ClaimLoop[Row]]:
    stop = asyncio.Event()
    loop: ClaimLoop[Row] = ClaimLoop(
        "rows",
        queue,
        SlotTable(slots),
        renew_every_s=60,
        wakeups=wakeup.subscribe(),
        observe=lambda _kind, _seconds: None,
    )
    running = asyncio.create_task(loop.run(stop))
    try:
        yield loop
    finally:
        stop.set()
        wakeup()
        await running
        await loop.finish(0)


async def test_a_loop_does_not_spin_over_work_it_may_not_take() -> None:
    queue = ListedQueue([Due("one", FETCH, 1)], is_claimable=False)
    async with at_work(queue, {FETCH: Slots(2, 2)}, Wakeup()):
        await asyncio.sleep(OVERDUE_S * 2.5)
    assert queue.looks <= 4


async def test_a_row_given_anew_while_its_last_step_ends_is_not_forgotten() -> None:
    queue = ListedQueue()
    async with at_work(queue, {FETCH: Slots(2, 2)}, Wakeup()) as loop:
        due = Due("one", FETCH, 1)
        loop.start(Row("one"), due)
        await queue.until("one")
        loop.start(Row("one"), due)
        queue.release["one"].set()
        await queue.until("one", "one")


async def test_one_member_holds_a_share_of_a_kinds_slots_and_others_go_on() -> None:
    wakeup = Wakeup()
    hog = [Due(f"hog{number}", FETCH, 1) for number in range(50)]
    queue = ListedQueue([*hog, Due("other", FETCH, 2)])
    async with at_work(queue, {FETCH: Slots(8, 3)}, wakeup):
        await queue.until("hog0", "other", "hog1", "hog2")
        queue.waiting.append(Due("late", FETCH, 3))
        wakeup()
        await queue.until("hog0", "other", "hog1", "hog2", "late")


async def test_a_kind_whose_slots_are_taken_keeps_no_other_kind_waiting() -> None:
    queue = ListedQueue([Due(f"fetch{n}", FETCH, n) for n in range(5)] + [Due("poll", POLL, 9)])
    async with at_work(queue, {FETCH: Slots(2, 1), POLL: Slots(1, 1)}, Wakeup()):
        async with asyncio.timeout(5):
            while len(queue.begun) < 3:
                await queue.happened.wait()
                queue.happened.clear()
        assert sorted(queue.begun) == ["fetch0", "fetch1", "poll"]


async def test_with_one_slot_members_take_turns_however_many_one_has_waiting() -> None:
    hog = [Due(f"hog{number}", FETCH, 1) for number in range(5)]
    queue = ListedQueue([*hog, Due("other", FETCH, 2)])
    async with at_work(queue, {FETCH: Slots(1, 1)}, Wakeup()):
        await queue.until("hog0")
        queue.release["hog0"].set()
        await queue.until("hog0", "other")
        queue.release["other"].set()
        await queue.until("hog0", "other", "hog1")


async def test_a_step_whose_row_has_ended_is_broken_off_once() -> None:
    wakeup = Wakeup()
    queue = ListedQueue([Due("one", FETCH, 1), Due("two", FETCH, 2)])
    async with at_work(queue, {FETCH: Slots(1, 1)}, wakeup):
        await queue.until("one")
        queue.ended.add("one")
        wakeup()
        await queue.until("one", "two")
        assert queue.broken_off == ["one"]


@pytest.mark.parametrize("share", [1, 2, 5])
@given(
    waiting=st.lists(st.tuples(st.sampled_from([FETCH, POLL]), st.integers(1, 6)), max_size=60),
    total=st.integers(1, 10),
)
def test_slots_are_neither_overdrawn_nor_left_empty(
    share: int, waiting: list[tuple[StepKind, int]], total: int
) -> None:
    table = SlotTable({FETCH: Slots(total, share), POLL: Slots(total, share)})
    due = [Due(str(number), kind, whose) for number, (kind, whose) in enumerate(waiting)]
    chosen = table.choose(due)
    for kind in (FETCH, POLL):
        mine: dict[int, int] = {}
        for each in chosen:
            if each.kind is kind:
                mine[each.whose] = mine.get(each.whose, 0) + 1
        assert sum(mine.values()) <= total
        assert all(number <= share for number in mine.values())
        wanted: dict[int, int] = {}
        for each in due:
            if each.kind is kind:
                wanted[each.whose] = wanted.get(each.whose, 0) + 1
        assert sum(mine.values()) == min(total, sum(min(n, share) for n in wanted.values()))
        # nobody has two while somebody who waits has none
        if any(each not in mine for each in wanted):
            assert all(number == 1 for number in mine.values())
