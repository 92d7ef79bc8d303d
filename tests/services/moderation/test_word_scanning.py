"""What a member typed is scanned in linear time, beside the event loop, outside transactions."""

import asyncio
import re
import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotAllowed, QuotaExceeded
from bot.services.moderation import word_lists
from bot.services.moderation.word_filter.homoglyphs import WILD
from bot.services.moderation.word_filter.keyword import Keyword
from bot.services.moderation.word_filter.matcher import WordMatcher, first_word
from bot.services.moderation.word_filter.pieces import blotted_pieces, pieces_of
from storage.engine.transaction import Database
from storage.moderation import blocks, words
from storage.moderation.blocks import Block
from storage.moderation.words import Word
from storage.records import NEVER_DUE, State
from storage.requests import requests
from tests.services.conftest import OpenCounter
from tests.services.moderation.word_samples import WORDS
from tests.services.quotas.counter import ALICE, BOB, GUILD, NOW_MS, Counter, caller

SHORTER, LONGER = 4_000, 16_000
SHAPES: dict[str, Callable[[int], str]] = {
    "chinese": lambda n: "测试文字" * (n // 4),
    "one letter": lambda n: "a" * n,
    "one digit": lambda n: "1" * n,
    "leet": lambda n: "1l!|" * (n // 4),
    "marks": lambda n: "!" * n,
    "at signs": lambda n: "@" * n,
    "bars and a letter": lambda n: "|!" * (n // 2) + "a",
    "zero-width": lambda n: "f\u200b" * (n // 2),
    "separators": lambda n: "f." * (n // 2),
    "near matches": lambda n: "fucl " * (n // 5),
    "near matches joined": lambda n: "grenad" * (n // 6),
    "hidden letters": lambda n: "f*" * (n // 2),
    "many hidden words": lambda n: "f*ck " * (n // 5),
    "wild alone": lambda n: "*" * n,
    "one wild at the end": lambda n: "f" * n + "*",
    "apostrophes": lambda n: "it's" * (n // 4),
    "drawn letters": lambda n: "/\\" * (n // 2),
    "spaces": lambda n: " " * n,
    "underscores": lambda n: "_" * n,
    "ligatures": lambda n: "ﷺ" * (n // 4),
}


def cost_s(matcher: WordMatcher, text: str) -> float:
    """Time of this process alone."""
    began_s = time.process_time()
    matcher.first_in(text)
    return time.process_time() - began_s


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("is_open", [False, True])
def test_four_times_the_text_takes_about_four_times_as_long(shape: str, is_open: bool) -> None:
    # what is not there: a word that is found ends the search
    listed = [word for word in WORDS if word != "fuck"]
    matcher = WordMatcher([Keyword(word, is_open, is_open) for word in listed])
    shorter, longer = SHAPES[shape](SHORTER), SHAPES[shape](LONGER)
    shorter_s = min(cost_s(matcher, shorter) for _ in range(3))
    # a square would be sixteen; what is over in a millisecond says nothing. The best
    # counts on both sides, and of the longer one the first that is within the bound settles it
    assert any(cost_s(matcher, longer) < 9 * max(shorter_s, 0.001) for _ in range(8))


SIGNS = st.text(st.sampled_from("ab1!|@$+*#-_. 'é色\n"), max_size=30)

_OLD_PIECE = re.compile(
    r"[^\W_](?:[^\W_]|[@$!|+])*|[@$!|+]+[^\W_](?:[^\W_]|[@$!|+])*|[@$!|+]*[@$][@$!|+]+"
)
_OLD_BLOTTED = re.compile(rf"[^\s{re.escape(''.join(WILD))}]\S*[{re.escape(''.join(WILD))}]\S*")


@given(SIGNS)
def test_pieces_are_those_of_the_expression_that_says_what_they_are(text: str) -> None:
    found = "".join(
        each[0] if each[0][-1].isalnum() else each[0].rstrip("!|")
        for each in _OLD_PIECE.finditer(text)
    )
    assert "".join(piece.signs for piece in pieces_of(text)) == found


@given(SIGNS)
def test_hidden_words_are_those_of_the_expression_that_says_what_they_are(text: str) -> None:
    kept = "".join(sign for sign in text if sign not in "_~`")
    assert len(list(blotted_pieces(text, by_look=False))) == len(_OLD_BLOTTED.findall(kept))


# where and when


async def list_word(database: Database, word: str) -> None:
    async with database.transaction() as tx:
        assert await words.add(tx, Word(GUILD, word, word, BOB, NOW_MS))


async def configured(open_counter: OpenCounter, **limits: int) -> Counter:
    """A counter whose server lists a word and has somewhere to send what is held."""
    counter = open_counter(**limits)
    await counter.configure(review_channel=77)
    await list_word(counter.database, "bomb")
    return counter


class Watch:
    """Stands in for the search: waits inside it until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads: list[threading.Thread] = []
        self.is_scanning = threading.Event()
        self.may_go_on = threading.Event()
        self._search = first_word
        monkeypatch.setattr(word_lists, "first_word", self)

    def __call__(self, listed: tuple[str, ...], text: str) -> str | None:
        self.threads.append(threading.current_thread())
        self.is_scanning.set()
        assert self.may_go_on.wait(20)
        return self._search(listed, text)


async def test_a_long_prompt_is_scanned_while_others_write(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = await configured(open_counter)
    watch = Watch(monkeypatch)
    asking = asyncio.ensure_future(counter.ask(prompt="一个炸弹 bomb " + "长" * 2_000))
    assert await asyncio.to_thread(watch.is_scanning.wait, 20)
    async with asyncio.timeout(20):
        await counter.configure(cooldown=0)
    watch.may_go_on.set()
    assert (await asking).request.state is State.HELD
    assert watch.threads == [each for each in watch.threads if each != threading.main_thread()]


async def test_a_word_that_is_listed_meanwhile_holds_as_well(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = await configured(open_counter)
    watch = Watch(monkeypatch)
    asking = asyncio.ensure_future(counter.ask(prompt="a grenade " + "长" * 2_000))
    assert await asyncio.to_thread(watch.is_scanning.wait, 20)
    await list_word(counter.database, "grenade")
    watch.may_go_on.set()
    assert (await asking).request.state is State.HELD
    assert len(watch.threads) == 2


async def test_who_is_blocked_or_has_nothing_left_costs_no_search(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = await configured(open_counter, member_videos=0)
    watch = Watch(monkeypatch)
    watch.may_go_on.set()
    with pytest.raises(QuotaExceeded):
        await counter.ask(prompt="长" * 5_000)
    async with counter.database.transaction() as tx:
        await blocks.put(tx, Block(GUILD, ALICE, BOB, "spam", NOW_MS))
    with pytest.raises(NotAllowed):
        await counter.ask(prompt="长" * 5_000)
    assert not watch.threads


async def test_the_same_interaction_finds_its_request_though_the_quota_is_used_up(
    open_counter: OpenCounter,
) -> None:
    counter = await configured(open_counter, member_videos=1)
    who = caller()
    first = await counter.ask(who, prompt="长" * 5_000)
    again = await counter.ask(who, prompt="长" * 5_000)
    assert (again.request.id, again.is_new) == (first.request.id, False)
    async with counter.database.reading() as tx:
        found = await requests.page_of_member(tx, GUILD, ALICE, before_ms=NEVER_DUE, limit=9)
    assert [row.id for row in found] == [first.request.id]
