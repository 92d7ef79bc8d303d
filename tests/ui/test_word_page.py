"""`/videomod words`: the list stays behind its spoiler, and what was tested is always told."""

import pytest

from bot.services.moderation.word_list import WordListView
from bot.services.moderation.word_lists import WordMatch
from bot.ui.formatting import below
from bot.ui.moderation import word_list
from bot.ui.moderation.word_list import WordChange, word_page
from storage.moderation.words import Word
from tests.ui.making import english

SOME = range(200)


@pytest.mark.parametrize("length", SOME[40:56])
def test_a_long_list_ends_with_a_whole_word_and_a_closed_spoiler(length: int) -> None:
    # every character is escaped, so wherever the text were cut, half of the places are wrong
    word = "*" * length
    view = WordListView([Word(1, word, word, 1, 1)] * 500, ())
    shown = word_page(view, WordChange(), None, english).description or ""
    assert len(shown) <= 4000
    assert shown.startswith("||")
    inside = shown[2:-2].split(", ")
    assert shown.endswith(", …||")
    assert set(inside[:-1]) == {r"\*" * length}
    assert len(inside) > 20


def test_a_short_list_is_whole() -> None:
    view = WordListView([Word(1, word, word, 1, 1) for word in ("one", "two")], ())
    assert word_page(view, WordChange(), None, english).description == "||one, two||"


def test_very_many_words_leave_room_for_the_one_that_was_added() -> None:
    found = tuple(WordMatch(f"{number:03}" + "w" * 57) for number in SOME)
    told = below("apple" * 30, word_list.tested(found, english))
    assert told.splitlines()[0] == "apple" * 30
    assert len(told.splitlines()) > 10
    assert "000www" in told
    assert len(told) <= 2000
