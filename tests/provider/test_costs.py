"""Costs and listed prices as the provider's answers give them."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider.answers import MAX_COST, Unreadable, as_cost, read_answer
from bot.provider.prices import ListedPrice, listed_prices
from bot.provider.wire import task_view

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
MONEY = st.decimals(0, MAX_COST, places=6)


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        (0, "0"),
        ("0", "0"),
        (0.35, "0.35"),
        (" 1.250000 ", "1.250000"),
        ("1e-3", "0.001"),
        (-0.0, "0"),
        ("-1", None),
        ("NaN", None),
        (float("inf"), None),
        ("sNaN", None),
        (1_000_001, None),
        ("9" * 100, None),
        ("0." + "1" * 100, None),
        (True, None),
        (None, None),
        ("free", None),
        ([1], None),
        ({"amount": 1}, None),
    ],
)
def test_a_cost_is_a_number_or_a_decimal_string(told: object, cost: str | None) -> None:
    assert as_cost(told) == (None if cost is None else Decimal(cost))


@given(JSON)
def test_whatever_stands_for_a_cost_is_none_or_a_sane_amount(told: object) -> None:
    answer = read_answer(json.dumps({"data": {"task_id": "t", "cost": told}}).encode())
    cost = answer.task.cost
    assert cost is None or (cost.is_finite() and 0 <= cost <= MAX_COST and not cost.is_signed())


@given(MONEY, st.sampled_from(["queued", "processing", "completed", "failed", "odd"]))
def test_every_state_of_a_task_says_its_cost_exactly(cost: Decimal, status: str) -> None:
    data = {"task_id": "t", "status": status, "cost": str(cost)}
    if status == "completed":
        data["video_url"] = "https://v.example/1.mp4"
    seen = task_view(read_answer(json.dumps({"code": "20000", "data": data}).encode()), "t")
    assert seen is not None
    assert seen.cost == cost


def listed(*rows: object) -> object:
    return listed_prices(read_answer(json.dumps({"code": 0, "data": {"list": rows}}).encode()))


def test_bad_rows_of_the_price_list_are_skipped() -> None:
    good = {"model_name": "a", "price_mode": "Per_Task", "unit_price": "0.35", "remark": "x"}
    assert listed(
        None,
        7,
        {**good, "model_name": ""},
        {**good, "price_mode": None},
        {**good, "unit_price": "-1"},
        {**good, "unit_price": None},
        good,
        {**good, "unit_price": "9"},
        {**good, "model_name": "b", "unit_price": 0},
    ) == (ListedPrice("a", "per_task", Decimal("0.35")), ListedPrice("b", "per_task", Decimal(0)))


@pytest.mark.parametrize("data", [None, {}, {"list": None}, {"list": {}}, [1, 2], "x"])
def test_an_answer_without_a_list_is_no_price_list(data: object) -> None:
    assert listed_prices(read_answer(json.dumps({"code": 0, "data": data}).encode())) is None


@given(st.lists(JSON, max_size=5))
def test_any_list_is_read_without_an_error(rows: list[object]) -> None:
    try:
        answer = read_answer(json.dumps({"data": {"list": rows}}).encode())
    except Unreadable:
        return
    for price in listed_prices(answer) or ():
        assert price.model_name
        assert price.price_mode
        assert price.unit_price >= 0
