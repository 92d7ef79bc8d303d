"""A text below another one, within Discord's limit."""

from hypothesis import given
from hypothesis import strategies as st

from bot.ui.formatting import below

LINES = st.lists(st.text("ab \n", max_size=20), max_size=8)


def test_what_fits_keeps_its_blank_lines() -> None:
    assert below("head", "one\n\ntwo") == "head\none\n\ntwo"
    assert below("", "one") == "one"
    assert below("head", "") == "head"


def test_the_longest_lines_go_first() -> None:
    text = "\n".join(("a" * 655, "b" * 655, "c" * 655, "mark"))
    assert below("head" * 10, text) == "\n".join(("head" * 10, "a" * 655, "b" * 655, "mark"))


@given(st.text("h", min_size=1, max_size=10), LINES, st.integers(10, 60))
def test_the_head_stays_and_the_limit_holds(head: str, lines: list[str], limit: int) -> None:
    told = below(head, "\n".join(lines), limit)
    assert told.split("\n")[0] == head
    assert len(told) <= limit
