"""The arithmetic of the benchmarks."""

import pytest

from tests.bench.delivery import Lateness, _interval_with_as_many_polls
from tests.bench.figures import mean, milliseconds, percentile, table


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1), (0.5, 5), (0.51, 6), (0.95, 10), (0.9, 9), (1.0, 10)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], share) == value


def test_nothing_measured_is_zero() -> None:
    assert (percentile([], 0.5), mean([])) == (0.0, 0.0)


def test_short_times_keep_their_tenths() -> None:
    assert (milliseconds(0.00123), milliseconds(1.5)) == ("1.2 ms", "1500 ms")


def test_a_table_lines_up() -> None:
    lines = table("Title", ["", "a"], [["row", "1"], ["longer row", "20"]]).splitlines()
    assert len({len(line) for line in lines[3:]}) == 1


def test_the_fixed_interval_polls_as_often_as_was_polled() -> None:
    tasks_s = [40.0 + n / 10 for n in range(100)]
    found = Lateness(task_s=tasks_s, polls=[4] * 100)
    interval_ms = _interval_with_as_many_polls([found])
    polls = [-(-int(task_s * 1000) // interval_ms) for task_s in tasks_s]
    assert mean(polls) == pytest.approx(4, abs=0.1)
