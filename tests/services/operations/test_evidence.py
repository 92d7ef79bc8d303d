"""Evidence is never wrong, whatever was billed, refunded and asked when."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.services.operations.evidence import (
    WAIT_MS,
    Evidence,
    Finding,
    evidence_of,
    weigh,
)
from storage.engine.transaction import Database
from storage.operations import key_usage
from storage.operations.key_usage import KeyUsage
from storage.quotas.open_tasks import OpenTask, OpenTasks
from storage.quotas.task_costs import CostChange
from storage.records import Request, State
from tests.storage.make import make_request

PRICE = 250_000
SENT_MS = 3_600_000
SECOND = 1_000


def lost(**fields: object) -> Request:
    usual: dict[str, object] = {
        "id": "lost00",
        "state": State.UNCERTAIN,
        "intent_at_ms": SENT_MS,
        "updated_at_ms": SENT_MS + 60 * SECOND,
        "cost_micros": PRICE,
        "key_usage_id": 1,
    }
    return make_request(**(usual | fields))


def note(used_micros: int, at_ms: int, number: int = 2) -> KeyUsage:
    return KeyUsage("key", used_micros, at_ms, at_ms + 100, number)


def change(micros: int, since_ms: int, at_ms: int, request_id: str = "other1") -> CostChange:
    return CostChange(request_id, "task", max(0, micros), micros, "query", since_ms, at_ms)


BEFORE = note(1_000_000, SENT_MS - 5_000, 1)
LATE_MS = SENT_MS + 60 * SECOND + WAIT_MS
NOBODY = OpenTasks((), ())


def weighed(
    used_micros: int,
    *,
    at_ms: int = LATE_MS,
    changes: Sequence[CostChange] = (),
    opened: OpenTasks = NOBODY,
    request: Request | None = None,
) -> Evidence:
    return weigh(request or lost(), [BEFORE], [note(used_micros, at_ms)], changes, opened)


@pytest.mark.parametrize(
    ("used_micros", "finding"),
    [
        (1_000_000, Finding.NOT_BILLED),
        (1_250_000, Finding.BILLED),
        (1_300_000, Finding.OTHER_RISE),
        (900_000, Finding.OTHER_RISE),
    ],
)
def test_the_rise_alone_decides_where_nothing_else_was_in_flight(
    used_micros: int, finding: Finding
) -> None:
    assert weighed(used_micros).finding is finding


def test_ten_minutes_must_have_passed_without_a_rise() -> None:
    early = weighed(1_000_000, at_ms=LATE_MS - 1)
    assert (early.finding, early.until_ms) == (Finding.EARLY, LATE_MS)
    # a rise needs no waiting
    assert weighed(1_250_000, at_ms=SENT_MS + 70_000).finding is Finding.BILLED


def test_the_known_cost_of_another_request_is_no_evidence() -> None:
    within = change(PRICE, SENT_MS + 1_000, SENT_MS + 2_000)
    assert weighed(1_250_000, changes=[within]).finding is Finding.NOT_BILLED
    assert weighed(1_500_000, changes=[within]).finding is Finding.BILLED


@pytest.mark.parametrize(
    "straddling",
    [
        change(PRICE, SENT_MS - 9_000, SENT_MS + 1_000),
        change(PRICE, LATE_MS - 1_000, LATE_MS + 1_000),
        change(-PRICE, SENT_MS - 9_000, LATE_MS + 9_000),
    ],
)
def test_a_cost_that_may_lie_outside_the_notes_keeps_it_open(straddling: CostChange) -> None:
    for used_micros in (1_000_000, 1_250_000):
        assert weighed(used_micros, changes=[straddling]).finding is Finding.BUSY


@pytest.mark.parametrize(
    ("task", "finding"),
    [
        (OpenTask("other1", SENT_MS - 1_000), Finding.BUSY),
        (OpenTask("other1", LATE_MS - 1), Finding.BUSY),
        (OpenTask("other1", LATE_MS + 100), Finding.NOT_BILLED),
        (OpenTask("other1", SENT_MS - 90_000, SENT_MS - 80_000), Finding.NOT_BILLED),
        (OpenTask("other1", SENT_MS - 90_000, SENT_MS), Finding.BUSY),
    ],
)
def test_what_is_in_flight_with_an_unknown_cost_keeps_it_open(
    task: OpenTask, finding: Finding
) -> None:
    assert weighed(1_000_000, opened=OpenTasks((task,), ())).finding is finding


def test_of_two_lost_requests_no_rise_frees_both_and_one_rise_accuses_neither() -> None:
    other = lost(id="lost01", intent_at_ms=SENT_MS + 1_000)
    both = OpenTasks((), (other,))
    assert weighed(1_000_000, opened=both).finding is Finding.NOT_BILLED
    assert weighed(1_250_000, opened=both).finding is Finding.BUSY


def test_a_rise_accuses_nobody_whose_price_is_unknown() -> None:
    unpriced = lost(cost_micros=None)
    assert weighed(1_250_000, request=unpriced).finding is Finding.OTHER_RISE
    assert weighed(1_000_000, request=unpriced).finding is Finding.NOT_BILLED


def test_without_notes_on_both_sides_there_is_no_evidence() -> None:
    assert weigh(lost(), [], [BEFORE], [], NOBODY).finding is Finding.NO_NOTES
    assert weigh(lost(), [BEFORE], [], [], NOBODY).finding is Finding.NO_NOTES


@pytest.mark.parametrize(
    ("parked_from", "finding"), [("", Finding.NOT_BILLED), ("submitting", Finding.NO_NOTES)]
)
async def test_what_a_restore_parked_has_no_evidence(
    database: Database, parked_from: str, finding: Finding
) -> None:
    async with database.transaction() as tx:
        await key_usage.add(tx, BEFORE)
        await key_usage.add(tx, note(1_000_000, LATE_MS))
        found = await evidence_of(tx, lost(parked_from=parked_from), "key", LATE_MS + SECOND)
    assert found.finding is finding


@dataclass(frozen=True)
class Truth:
    """What a task really cost when: 0, then `cost` once billed, then 0 again if refunded."""

    sent_s: int
    cost: int
    billed_s: int
    ends_s: int
    refunded_s: int | None
    looks: tuple[tuple[int, int, int], ...]
    """When it was asked about, what moment the answer showed, and when that was recorded."""

    def at(self, moment_s: int) -> int:
        is_refunded = self.refunded_s is not None and moment_s >= self.refunded_s
        return self.cost if moment_s >= self.billed_s and not is_refunded else 0


@st.composite
def others(draw: st.DrawFn) -> Truth:
    sent_s = draw(st.integers(0, 5_400))
    billed_s = sent_s + draw(st.integers(0, 120))
    ends_s = sent_s + draw(st.integers(1, 900))
    has_failed = draw(st.booleans())
    refunded_s = billed_s + draw(st.integers(1, 1_800)) if has_failed else None
    if has_failed and draw(st.booleans()):
        refunded_s = 10**9
    looks, moment_s = [], sent_s
    for _ in range(draw(st.integers(0, 8))):
        asked_s = moment_s + draw(st.integers(0, 600))
        shown_s = asked_s + draw(st.integers(0, 5))
        moment_s = shown_s + draw(st.integers(0, 5))
        looks.append((asked_s, shown_s, moment_s))
    return Truth(
        sent_s, draw(st.sampled_from([PRICE, 100_000])), billed_s, ends_s, refunded_s, tuple(looks)
    )


def known_of(task: Truth, number: int, now_s: int) -> tuple[list[CostChange], OpenTask | None]:
    """What the database has of a task by now: changes of its cost, and whether it is open."""
    changes: list[CostChange] = []
    known: int | None = None
    since_s, is_final = task.sent_s, False
    name = f"other{number}"
    for asked_s, shown_s, recorded_s in task.looks:
        if recorded_s > now_s or is_final:
            break
        has_ended, cost = shown_s >= task.ends_s, task.at(shown_s)
        if not cost and not has_ended:
            continue
        if cost != known:
            difference = cost - (known or 0)
            changes.append(
                CostChange(name, name, cost, difference, "q", since_s * SECOND, recorded_s * SECOND)
            )
        known, since_s = cost, asked_s
        is_final = has_ended and (task.refunded_s is None or not cost)
    return changes, None if is_final else OpenTask(name, since_s * SECOND)


@settings(max_examples=100)
@given(
    tasks=st.lists(others(), max_size=4),
    note_times=st.lists(
        st.tuples(st.integers(0, 7_200), st.integers(0, 4), st.integers(0, 4)),
        min_size=2,
        max_size=8,
        unique_by=lambda each: each[0],
    ),
    billed_after_s=st.one_of(st.none(), st.integers(0, 600)),
    lost_after_s=st.integers(0, 60),
)
def test_no_conclusion_is_ever_wrong(
    tasks: list[Truth],
    note_times: list[tuple[int, int, int]],
    billed_after_s: int | None,
    lost_after_s: int,
) -> None:
    sent_s = SENT_MS // SECOND
    billed_s = None if billed_after_s is None else sent_s + billed_after_s
    tasks = [task for task in tasks if task.sent_s < 7_000]

    def used(moment_s: int) -> int:
        own = PRICE if billed_s is not None and moment_s >= billed_s else 0
        return own + sum(task.at(moment_s) for task in tasks if task.sent_s <= moment_s)

    notes = [
        KeyUsage(
            "key",
            used(asked_s + shown),
            asked_s * SECOND,
            (asked_s + shown + answered) * SECOND,
            number,
        )
        for number, (asked_s, shown, answered) in enumerate(sorted(note_times), 1)
    ]
    before = [each for each in notes if each.answered_at_ms <= SENT_MS]
    after = [each for each in notes if each.asked_at_ms > SENT_MS]
    now_s = max(notes[-1].answered_at_ms // SECOND, sent_s) + 1
    changes: list[CostChange] = []
    opened: list[OpenTask] = []
    for number, task in enumerate(tasks):
        if task.sent_s > now_s:
            continue
        found, is_open = known_of(task, number, now_s)
        changes += found
        opened += [is_open] if is_open else []
    request = lost(updated_at_ms=SENT_MS + lost_after_s * SECOND)
    found_evidence = weigh(request, before, after, changes, OpenTasks(tuple(opened), ()))
    event(found_evidence.finding)
    if found_evidence.finding is Finding.NOT_BILLED:
        assert billed_s is None
    if found_evidence.finding is Finding.BILLED:
        assert billed_s is not None
