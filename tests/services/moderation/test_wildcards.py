"""Keywords with wildcards mean what they mean in Discord, disguised or not."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.moderation.word_filter.keyword import Keyword, read_keyword
from bot.services.moderation.word_filter.matcher import WordMatcher
from bot.services.moderation.word_lists import WordLists, WordMatch
from storage.moderation.imported_rules import ImportedRule
from tests.services.moderation.word_samples import (
    EVASIONS,
    INNOCENT,
    WILD_EVASIONS,
    WILD_INNOCENT,
    WILDCARDS,
    WORDS,
)


def found(text: str, *written: str, allowed: tuple[str, ...] = ()) -> str | None:
    """The keyword that is found, in Discord's form."""
    matcher = WordMatcher([*map(read_keyword, written)], [*map(read_keyword, allowed)])
    keyword = matcher.first_in(text)
    return None if keyword is None else keyword.written


WHOLE = WordMatcher([*map(read_keyword, WORDS)])
IMPORTED = WordMatcher([*map(read_keyword, WILDCARDS)])


@pytest.mark.parametrize("text", EVASIONS)
def test_an_evasion_is_caught_by_imported_keywords(text: str) -> None:
    assert IMPORTED.first_in(text)


@pytest.mark.parametrize("text", INNOCENT)
def test_an_innocent_text_is_let_through_by_imported_keywords(text: str) -> None:
    assert WHOLE.first_in(text) is None


@pytest.mark.parametrize("text", WILD_EVASIONS)
def test_a_longer_word_is_caught_through_its_disguise(text: str) -> None:
    assert IMPORTED.first_in(text)


@pytest.mark.parametrize("text", WILD_INNOCENT)
def test_an_innocent_text_near_a_wildcard_is_let_through(text: str) -> None:
    assert IMPORTED.first_in(text) is None


def test_the_imported_keywords_are_the_words_some_with_wildcards() -> None:
    assert [read_keyword(each).text for each in WILDCARDS] == list(WORDS)
    assert sum("*" in each for each in WILDCARDS) >= len(WORDS) // 2


@pytest.mark.parametrize(
    ("written", "text"),
    [
        # the examples of Discord's documentation
        ("cat*", "catch"),
        ("cat*", "Catapult"),
        ("cat*", "CAttLE"),
        ("tra*", "train"),
        ("tra*", "TRAditional"),
        ("the mat*", "the matrix"),
        ("*cat", "wildcat"),
        ("*cat", "copyCat"),
        ("*tra", "extra"),
        ("*tra", "orchesTRA"),
        ("*the mat", "breathe mat"),
        ("*cat*", "location"),
        ("*cat*", "eduCation"),
        ("*tra*", "abstracted"),
        ("*tra*", "outrage"),
        ("*the mat*", "breathe matter"),
        ("cat", "Cat"),
        ("train", "the train."),
        ("the mat", "on the mat"),
    ],
)
def test_a_keyword_is_found_where_discord_finds_it(written: str, text: str) -> None:
    assert found(text, written) == written


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("cat*", "wildcat"),
        ("cat*", "location"),
        ("*cat", "catch"),
        ("*cat", "location"),
        ("cat", "catch"),
        ("cat", "wildcat"),
        ("*cat*", "magic attack"),
        ("*cat*", "magic-attack"),
        ("ass*", "as sure"),
        ("*ass*", "pizza's side"),
        ("the mat*", "breathe matter"),
        ("*the mat", "the matrix"),
        ("the mat", "the matrix"),
        ("hell*", "he llama"),
    ],
)
def test_a_keyword_is_not_found_where_discord_does_not_find_it(written: str, text: str) -> None:
    assert found(text, written) is None


PLAIN = st.text(st.sampled_from("acdehkmnru"), min_size=1, max_size=9).filter(
    lambda word: all(one != other for one, other in pairwise(word))
)
"""Letters that nothing looks like, none twice in a row: words that no disguise can hide in."""
OPEN = st.booleans()


def reference(keyword: Keyword, word: str) -> bool:
    """What Discord's documentation says of one word."""
    pattern = re.escape(keyword.text)
    left = ".*" if keyword.is_open_left else ""
    right = ".*" if keyword.is_open_right else ""
    return re.fullmatch(f"{left}{pattern}{right}", word) is not None


@given(PLAIN, PLAIN, OPEN, OPEN)
def test_in_one_word_a_keyword_is_found_by_its_wildcards_alone(
    text: str, word: str, is_open_left: bool, is_open_right: bool
) -> None:
    keyword = Keyword(text, is_open_left, is_open_right)
    assert (WordMatcher([keyword]).first_in(word) is not None) is reference(keyword, word)


@given(PLAIN, PLAIN, PLAIN, OPEN, OPEN, st.lists(PLAIN, max_size=3))
def test_a_keyword_is_found_in_any_sentence_that_has_it(
    before: str, text: str, after: str, is_open_left: bool, is_open_right: bool, around: list[str]
) -> None:
    word = f"{before if is_open_left else ''}{text}{after if is_open_right else ''}"
    keyword = Keyword(text, is_open_left, is_open_right)
    assert WordMatcher([keyword]).first_in(" ".join([*around, word.upper(), *around])) is keyword


@given(PLAIN, OPEN, OPEN)
def test_what_is_read_is_what_was_written(
    text: str, is_open_left: bool, is_open_right: bool
) -> None:
    keyword = Keyword(text, is_open_left, is_open_right)
    assert read_keyword(keyword.written) == keyword


@given(st.lists(st.text(max_size=20), max_size=5), st.lists(st.text(max_size=20), max_size=3))
def test_no_keywords_and_no_text_break_it(written: list[str], allowed: list[str]) -> None:
    for text in written:
        found(text, *written, allowed=tuple(allowed))


# allowed words


@pytest.mark.parametrize(
    ("text", "is_held"),
    [
        ("a catapult", False),
        ("a CATAPULT, and catering", False),
        ("a catapult and a catfish", True),
        ("cat", True),
        ("c.a.t.a.p.u.l.t", False),
        ("c.a.t.s", True),
        ("the cat of the house", False),
        ("the cat of a house", True),
    ],
)
def test_an_allowed_word_exempts_itself_and_nothing_beside_it(text: str, is_held: bool) -> None:
    allowed = ("catapult", "cater*", "the cat of the")
    assert (found(text, "*cat*", allowed=allowed) is not None) is is_held


def test_a_keyword_longer_than_the_allowed_word_in_it_is_found() -> None:
    assert found("a hot dog", "hot dog", allowed=("hot",)) == "hot dog"
    assert found("a hot dog", "hot*", allowed=("hot",)) is None


# lists and rules


def rule(name: str, *keywords: str, allowed: tuple[str, ...] = ()) -> ImportedRule:
    return ImportedRule(
        guild_id=1,
        rule_id=1,
        name=name,
        keywords=json.dumps(keywords),
        allowed=json.dumps(allowed),
        exempt_roles="[]",
        exempt_channels="[]",
        by_id=2,
        at_ms=3,
    )


def test_what_holds_a_text_is_named_with_its_rule() -> None:
    lists = WordLists(
        ("grenade",), (rule("Animals", "cat*", "dog"), rule("Pets", "*cat*", allowed=("catnip",)))
    )
    assert lists.matches("a GRENADE for the c4ts") == (
        WordMatch("grenade"),
        WordMatch("cat*", "Animals"),
        WordMatch("*cat*", "Pets"),
    )
    assert lists.matches("catnip") == (WordMatch("cat*", "Animals"),)
    assert not lists.has_match("a pomegranate")
    assert not WordLists().matches("anything")
