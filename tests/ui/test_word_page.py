"""`/videomod words`: the list stays behind its spoiler, and what was tested is always told."""

from typing import Any

import pytest

from bot.services.moderation.word_list import WordListView
from bot.services.moderation.word_lists import WordMatch
from bot.ui.moderation import word_list
from bot.ui.moderation.word_list import WordChange, send_words, word_page
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


class Words:
    """A service whose list holds a text by very many words."""

    async def change(self, *_: Any, **__: Any) -> WordListView:
        """The list, whatever was asked for."""
        return WordListView((), ())

    async def test(self, *_: Any) -> tuple[WordMatch, ...]:
        """Very many words."""
        return tuple(WordMatch(f"{number:03}" + "w" * 57) for number in SOME)


class Answered:
    """An answer that remembers what was sent."""

    t = english
    content = ""

    async def send(self, content: str) -> None:
        """Remember it."""
        self.content = content


async def test_a_word_that_was_added_leaves_room_for_what_was_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(word_list, "caller_of", lambda _: None)
    services: Any = type("Services", (), {"words": Words()})
    answer: Any = Answered()
    await send_words(services, services, answer, WordChange(add="apple" * 30, test="text"))
    assert "apple" * 19 in answer.content.splitlines()[0]
    assert len(answer.content.splitlines()) > 10
    assert "000www" in answer.content
    assert len(answer.content) <= 2000
