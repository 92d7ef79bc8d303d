"""`@name` in prompts: where a name stands, what is none, and what is sent in its place."""

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.rules.cast import (
    LONGEST,
    as_name,
    cast_names,
    fold,
    is_name,
    mentions,
    names_in,
    unmentioned,
    worded,
)
from bot.rules.media import MediaKind, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from tests.rules.making import CATALOGUE, clip, link, picture, request, rules_of

SPEC = CATALOGUE.require("seedance2.0-std")
LETTERS = st.characters(categories=["Ll", "Lu", "Lo", "Nd"])
NAMES = st.text(LETTERS | st.just("_"), min_size=2, max_size=12).map(as_name).filter(is_name)
BREAKS = st.sampled_from(
    ["", " ", "\n", "，", "。", "、", "！", "（", "“", "(", "'", "—", "…", "#"]
)


def found(text: str, *names: str) -> list[str]:
    return [text[each.start : each.end] for each in mentions(text, {fold(name) for name in names})]


def named(name: str, number: int = 1) -> MediaRef:
    return MediaRef(
        source=MediaSource.CAST,
        url=f"cast:abc2345678/{number}",
        kind=MediaKind.IMAGE,
        field="cast",
        name=f"{name}-{number}.png",
        format="png",
        cast=name,
    )


def sent(prompt: str, *media: MediaRef, word: str = "") -> str:
    spec = SPEC
    if word:
        rule = spec.picture_name.model_copy(update={"word": word})
        spec = spec.model_copy(update={"picture_name": rule})
    return worded(spec, request(*media, prompt=prompt)).prompt


@given(NAMES, BREAKS, BREAKS)
@example("小明", "让", "跳舞")
def test_a_name_is_found_between_spaces_and_punctuation_of_every_script(
    name: str, before: str, after: str
) -> None:
    assert found(f"{before}@{name}{after}", name) == [f"@{name}"]


@given(NAMES)
@example("Straße")
@example("ΣΊΣΥΦΟΣ")
def test_case_and_compatibility_variants_are_the_same_name(name: str) -> None:
    for variant in (
        name.upper(),
        name.lower(),
        name.casefold(),
        unicodedata.normalize("NFKD", name),
    ):
        if fold(variant) == fold(name) and all(c.isalnum() or c == "_" for c in variant):
            assert found(f"a @{variant}.", name) == [f"@{variant}"]


@given(st.text(max_size=80), st.lists(NAMES, max_size=3))
@example("mail bob@mascot.com", ["mascot"])
@example("@everyone @here <@123> <@!123> <@&123>", ["123"])
def test_a_text_without_known_names_is_left_as_it_is(text: str, names: list[str]) -> None:
    outside = [name for name in names if fold(f"@{name}") not in fold(text).replace("＠", "@")]
    assert found(text, *outside) == []


@given(st.text(max_size=60), st.lists(NAMES, min_size=1, max_size=4), st.text(max_size=20))
def test_mentions_are_apart_in_order_and_of_known_names_alone(
    head: str, names: list[str], tail: str
) -> None:
    text = head + " ".join(f"@{name}" for name in names) + tail
    known = {fold(name) for name in names}
    after = 0
    for each in mentions(text, known):
        assert each.start >= after
        assert text[each.start] in "@＠"
        assert fold(text[each.start + 1 : each.end]) == each.name
        assert each.name in known
        after = each.end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("让@小明跳舞", ["@小明"]),
        ("@小明明跳舞", ["@小明明"]),
        ("＠小明，你好", ["＠小明"]),
        ("@mascot跳舞", ["@mascot"]),
        ("@小明2号", ["@小明"]),
        ("@MASCOT @mascot", ["@MASCOT", "@mascot"]),
        ("(@mascot)/@mascot's", ["@mascot", "@mascot"]),
        ("@@mascot", ["@mascot"]),
        ("@mascots", []),
        ("@mascot_2", []),
        ("@mas", []),
        ("bob@mascot.com, x.y+z@mascot", []),
        ("<@123> <@!123> <@&123>", []),
        ("https://example.com/@mascot see", []),
        ("@everyone @here", []),
        ("@ mascot @", []),
    ],
)
def test_what_is_a_mention_and_what_is_not(text: str, expected: list[str]) -> None:
    assert found(text, "mascot", "小明", "小明明", "123") == expected


def test_a_name_has_2_to_32_letters_digits_or_underscores_of_any_script() -> None:
    for name in ("ab", "小明", "Ёжик_2", "नमस्ते", "x" * LONGEST, "42"):
        assert is_name(as_name(name)), name
    for name in (
        "",
        "a",
        "x" * (LONGEST + 1),
        "a b",
        "a-b",
        "a.b",
        "everyone",
        "HERE",
        "🦊🦊",
        "a\n",
    ):
        assert not is_name(name), name
    assert as_name(" @Fox ") == "Fox"


def test_the_option_takes_names_with_spaces_or_commas_each_once() -> None:
    assert names_in("fox, @owl，Fox 、 小明") == ("Fox", "owl", "小明")
    assert names_in(" ,, ") == ()


def test_a_name_is_replaced_by_the_places_of_its_pictures() -> None:
    assert sent("@fox meets @owl", named("fox"), named("owl")) == "image 1 meets image 2"
    assert (
        sent("@fox, @Fox!", named("fox", 1), named("fox", 2))
        == "image 1, image 2, image 1, image 2!"
    )
    assert sent("让@小明跳舞", picture(), named("小明")) == "让 image 2 跳舞"
    assert sent("@fox", named("fox"), word="图片{n}") == "图片1"


def test_only_pictures_count_and_unknown_links_count_until_they_are_known() -> None:
    assert sent("@fox", clip(), picture(), named("fox")) == "image 2"
    asked = request(link(), named("fox"), prompt="@fox")
    first = worded(SPEC, asked)
    assert (first.prompt, first.typed) == ("image 2", "@fox")
    known = first.media[0].model_copy(update={"kind": MediaKind.VIDEO})
    again = worded(SPEC, first.model_copy(update={"media": (known, first.media[1])}))
    assert (again.prompt, again.typed) == ("image 1", "@fox")


def test_a_name_of_the_option_alone_is_said_in_a_line_of_its_own() -> None:
    assert sent("a dance", named("fox", 1), named("fox", 2)) == "a dance\nfox: image 1, image 2"
    assert sent("@owl dances", named("owl"), named("fox")) == "image 1 dances\nfox: image 2"


@given(st.text(max_size=60), st.lists(NAMES, max_size=3, unique_by=fold))
def test_wording_is_idempotent_and_keeps_what_was_typed(text: str, names: list[str]) -> None:
    video = VideoRequest(prompt=text, model=SPEC.name, media=tuple(named(name) for name in names))
    once = worded(SPEC, video)
    assert once.shown_prompt == text
    assert worded(SPEC, once) == once
    assert worded(SPEC, once.asked()) == once
    assert cast_names(once) == tuple(names)


@given(st.text(max_size=40), NAMES)
def test_without_its_sign_a_name_is_a_plain_word(text: str, name: str) -> None:
    assume("@" not in text and "＠" not in text)
    assert unmentioned(f"{text} @{name} {text}", [name]) == f"{text} {name} {text}"


def test_the_limits_count_the_cast_and_name_it() -> None:
    nine = [picture(f"image{number}") for number in range(1, 10)]
    assert rules_of(request(*nine, named("fox"), model=SPEC.name)) == ["cast-too-many"]
    assert rules_of(request(*nine, model=SPEC.name)) == []
