"""Ids are short, have a digit, and differ for every draw."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from bot.services.request_ids import LENGTH, is_id, new_id


@given(st.data())
def test_every_draw_makes_an_id(data: st.DataObject) -> None:
    made = new_id(lambda below: data.draw(st.integers(0, below - 1)))
    assert is_id(made)
    assert len(made) == LENGTH


def test_ids_drawn_one_after_the_other_differ() -> None:
    numbers = iter(range(1000))
    assert len({new_id(lambda _: next(numbers)) for _ in range(1000)}) == 1000
    assert new_id(secrets.randbelow) != new_id(secrets.randbelow)
