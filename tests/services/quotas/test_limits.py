"""Which limit holds for whom, when months begin, and when there is room again."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.services.quotas.admin import read_amount
from bot.services.quotas.limits import (
    Limit,
    Period,
    Scope,
    Unit,
    member_limits,
    month_name,
    next_month_ms,
    room_again_ms,
)
from storage.durations import DAY_MS
from storage.quotas.quotas import Quota

NOW_MS = 1_790_000_000_000
AMOUNTS = st.none() | st.integers(0, 20)


def quota(scope: str, amount: int | None, subject_id: int = 0, **fields: str) -> Quota:
    unit, period = fields.get("unit", "videos"), fields.get("period", "day")
    return Quota(10, scope, subject_id, unit, period, amount, 1, 1)


def test_the_most_specific_rule_wins_for_each_unit_and_period() -> None:
    rows = [
        quota("everyone", 3),
        quota("role", 5, 71),
        quota("role", 8, 72),
        quota("role", 99, 79),
        quota("everyone", 60, unit="seconds"),
        quota("member", 2, 30, period="month"),
        quota("role", 40, 71, period="month"),
    ]
    found = {(limit.unit, limit.period): limit for limit in member_limits(rows, (71, 72), 10)}
    assert found == {
        (Unit.VIDEOS, Period.DAY): Limit(Scope.ROLE, Unit.VIDEOS, Period.DAY, 8, 72),
        (Unit.VIDEOS, Period.MONTH): Limit(Scope.MEMBER, Unit.VIDEOS, Period.MONTH, 2),
        (Unit.SECONDS, Period.DAY): Limit(Scope.EVERYONE, Unit.SECONDS, Period.DAY, 60),
    }


def test_the_default_of_the_settings_holds_where_nothing_else_does() -> None:
    assert list(member_limits([], (), 10)) == [Limit(Scope.DEFAULT, Unit.VIDEOS, Period.DAY, 10)]
    assert list(member_limits([], (), None)) == []
    assert next(member_limits([quota("role", 4, 71)], (72,), 10)).scope is Scope.DEFAULT


@given(
    member=st.lists(AMOUNTS, max_size=1),
    roles=st.lists(AMOUNTS, max_size=4),
    everyone=st.lists(AMOUNTS, max_size=1),
    default=AMOUNTS,
)
def test_the_order_is_member_best_role_everyone_default(
    member: list[int | None],
    roles: list[int | None],
    everyone: list[int | None],
    default: int | None,
) -> None:
    rows = [quota("everyone", amount) for amount in everyone]
    rows += [quota("role", amount, 70 + place) for place, amount in enumerate(roles)]
    rows += [quota("member", amount, 30) for amount in member]
    found = list(member_limits(rows, range(70, 80), default))
    if member:
        expected = member[0]
    elif roles:
        expected = None if None in roles else max(amount or 0 for amount in roles)
    else:
        expected = everyone[0] if everyone else default
    assert [limit.amount for limit in found] == ([] if expected is None else [expected])


@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 12, 31)))  # noqa: DTZ001 - UTC below
def test_a_month_is_the_calendars_in_utc(moment: dt.datetime) -> None:
    now_ms = int(moment.replace(tzinfo=dt.UTC, microsecond=0).timestamp()) * 1000
    starts = dt.datetime.fromtimestamp(Period.MONTH.starts_ms(now_ms) / 1000, dt.UTC)
    following = dt.datetime.fromtimestamp(next_month_ms(now_ms) / 1000, dt.UTC)
    assert (starts.year, starts.month, starts.day) == (moment.year, moment.month, 1)
    assert (following.month, following.day) == (moment.month % 12 + 1, 1)
    assert Period.MONTH.starts_ms(now_ms) <= now_ms < next_month_ms(now_ms)
    assert month_name(now_ms) == f"{moment:%Y-%m}"


@given(
    counting=st.lists(
        st.tuples(st.integers(NOW_MS - DAY_MS + 1, NOW_MS), st.integers(1, 5)), max_size=8
    ),
    grants=st.lists(
        st.tuples(st.integers(NOW_MS + 1, NOW_MS + DAY_MS), st.integers(1, 4)), max_size=3
    ),
    amount=st.integers(0, 8),
    needed=st.integers(1, 6),
)
def test_room_comes_back_exactly_when_trying_at_every_moment_says(
    counting: list[tuple[int, int]], grants: list[tuple[int, int]], amount: int, needed: int
) -> None:
    counting.sort()

    def fits(at_ms: int) -> bool:
        used = sum(part for counted_ms, part in counting if counted_ms > at_ms - DAY_MS)
        total = amount + sum(extra for until_ms, extra in grants if until_ms > at_ms)
        return total > 0 and used + needed <= total

    found = room_again_ms(counting, amount=amount, needed=needed, grants=grants)
    moments = sorted({counted_ms + DAY_MS for counted_ms, _ in counting})
    assert found == next((moment for moment in moments if fits(moment)), None)
    if found is not None and not fits(NOW_MS):
        assert not fits(found - 1)


@pytest.mark.parametrize(
    ("typed", "unit", "amount"),
    [
        ("20", Unit.VIDEOS, 20),
        (" 0 ", Unit.SECONDS, 0),
        ("Unlimited", Unit.COST, "unlimited"),
        ("default", Unit.VIDEOS, "default"),
        ("2.5", Unit.COST, 2_500_000),
        ("0.000001", Unit.COST, 1),
    ],
)
def test_an_amount_is_a_number_or_one_of_two_words(
    typed: str, unit: Unit, amount: int | str
) -> None:
    assert read_amount(typed, unit) == amount


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("", Unit.VIDEOS),
        ("-1", Unit.VIDEOS),
        ("2.5", Unit.VIDEOS),
        ("0.0000001", Unit.COST),
        ("1e3", Unit.COST),
        ("NaN", Unit.COST),
        ("10000001", Unit.VIDEOS),
        ("lots", Unit.SECONDS),
        (".", Unit.COST),
        ("9" * 400, Unit.COST),
    ],
)
def test_any_other_amount_is_refused_with_its_value(typed: str, unit: Unit) -> None:
    with pytest.raises(UserError) as refusal:
        read_amount(typed, unit)
    assert refusal.value.params["value"] == typed[:50]


@given(st.text(max_size=30), st.sampled_from(Unit))
def test_no_text_breaks_the_reading_of_an_amount(typed: str, unit: Unit) -> None:
    try:
        amount = read_amount(typed, unit)
    except UserError:
        return
    assert amount in ("unlimited", "default") or int(amount) >= 0
