"""Whatever a member types is shown as they typed it, and does nothing."""

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bot.ui.markdown import ELLIPSIS, code, fold, inline, shorten

SIGNS = st.characters(codec="utf-8")
NASTY = st.lists(
    st.one_of(
        st.text(SIGNS, max_size=8),
        st.sampled_from(
            [
                *("@everyone", "@here", "<@123>", "<@!1>", "<@&1>", "<#1>", "<t:1:R>", "<:a:1>"),
                *("[a](https://x.example)", "https://x.example", "discord.gg/abc", "```", "`"),
                *("||", "**", "__", "~~", "\n# ", "\n> ", "\n-# ", "\n- ", "1. ", "\\", "\u202e"),
                *("\u200b", "\u2028", "\ufeff", "</video create:1>", "e" + "\u0301" * 9),
            ]
        ),
    ),
    max_size=12,
).map("".join)


def shown(text: str) -> str:
    """What a reader sees: escapes undone, the signs of no width that keep pings apart gone."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace("\u200b", "")


def bare(text: str) -> str:
    """What is left to mean something once escaped signs are out."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "\u0001", text)


@given(NASTY)
@example("# a")
@example("1. a")
@example("\\@everyone")
def test_a_line_is_shown_as_it_was_typed(text: str) -> None:
    assert shown(inline(text, 10_000)) == fold(text)


@given(NASTY, st.integers(1, 60))
def test_nothing_in_a_line_pings_links_formats_or_breaks_out(text: str, limit: int) -> None:
    line = inline(text, limit)
    assert "\n" not in line
    rest = bare(line)
    assert not re.search(r"[*_~|`<\[\]]", rest)
    assert not re.match(r"[#>+-]|\d+[.)]", rest)
    assert not re.search(r"@(everyone|here|[!&]?\d)", line, re.IGNORECASE)
    assert "://" not in rest
    assert not re.search(r"discord\.gg/|discord(app)?\.com/", rest, re.IGNORECASE)


@given(NASTY, st.integers(1, 60))
def test_a_code_span_cannot_be_left(text: str, limit: int) -> None:
    span = code(text, limit)
    assert span.startswith("`")
    assert span.endswith("`")
    assert "`" not in span[1:-1]
    assert "\n" not in span
    assert not re.search(r"@(everyone|here|[!&]?\d)", span, re.IGNORECASE)


@given(NASTY)
def test_folding_leaves_one_line_without_invisible_characters(text: str) -> None:
    line = fold(text)
    assert line == line.strip()
    for sign in line:
        kind = unicodedata.category(sign)
        assert kind[0] != "C" or sign in "\u200c\u200d"
        assert kind not in ("Zl", "Zp")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", line)
    assert fold(line) == line


@given(st.text(SIGNS, max_size=80), st.integers(0, 60))
def test_shortening_keeps_the_limit_in_code_points(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text if len(text) <= limit else not limit or short.endswith(ELLIPSIS)


def test_shortening_ends_at_a_near_word_boundary() -> None:
    assert shorten("a lighthouse in the evening storm", 20) == "a lighthouse in the…"
    assert shorten("x" * 30, 10) == "xxxxxxxxx…"


def test_ordinary_prompts_are_unchanged() -> None:
    prompt = "A slow-motion fox (16:9), 50% snow; 一只狐狸 & friends!"
    assert inline(prompt, 300) == prompt


def test_emoji_sequences_stay_whole() -> None:
    assert inline("👨‍👩‍👧 ok", 50) == "👨‍👩‍👧 ok"


def test_stacked_combining_marks_are_limited() -> None:
    assert fold("e" + "\u0301" * 50) == "e" + "\u0301" * 4
