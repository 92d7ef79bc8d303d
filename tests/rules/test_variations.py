import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.variations import MOST_VARIATIONS, escape, expand, wants_text

SIGNS = st.text(alphabet="{}|\\｛｜｝ ab，。text", max_size=30)


@pytest.mark.parametrize(
    ("typed", "prompts"),
    [
        ("a fox", ("a fox",)),
        ("", ("",)),
        ("a {red|blue} car", ("a red car", "a blue car")),
        ("{ a | b|c }", ("a", "b", "c")),
        ("{a|b} and {c|d}", ("a and c", "a and d", "b and c", "b and d")),
        ("{a|a}", ("a", "a")),
        ("{text} {a}", ("{text} {a}",)),
        ("{a|{text}} b", ("a b", "{text} b")),
        ("a | b } c", ("a | b } c",)),
        ("a { b", ("a { b",)),
        (":{ then {a|b}", (":{ then a", ":{ then b")),
        ("{big {red|blue} car}", ("{big red car}", "{big blue car}")),
        (r"\{a|b}", ("{a|b}",)),
        (r"\{a|b\}", ("{a|b}",)),
        (r"{a\|b|c}", ("a|b", "c")),
        (r"{a\}|c}", ("a}", "c")),
        (r"\\{a|b}", (r"\a", r"\b")),
        (r"\\server\share \n", (r"\\server\share \n",)),
        ("end\\", ("end\\",)),
        ("一只{红|蓝}色的猫，慢慢转头。", ("一只红色的猫，慢慢转头。", "一只蓝色的猫，慢慢转头。")),
        ("｛猫｜狗｝奔跑", ("猫奔跑", "狗奔跑")),
        ("{猫｜狗｝奔跑", ("猫奔跑", "狗奔跑")),
        ("｛慢动作｝，{猫，狗}", ("｛慢动作｝，{猫，狗}",)),
    ],
)
def test_a_prompt_stands_for_its_choices_in_turn(typed: str, prompts: tuple[str, ...]) -> None:
    found = expand(typed)
    assert (found.prompts, found.faults) == (prompts, ())


@pytest.mark.parametrize(
    ("typed", "rule", "value"),
    [
        ("{a|b|c|d|e}", "variations-too-many", "5"),
        ("{a|b|c} {d|e}", "variations-too-many", "6"),
        ("{a|b}" * 900, "variations-too-many", "> 999999"),
        ("{a|{b|c}}", "variations-nested", ""),
        ("{a|{b|c} d}", "variations-nested", ""),
        ("{a|}", "variations-empty", ""),
        ("{|a}", "variations-empty", ""),
        ("{a| \u200b|b}", "variations-empty", ""),
        ("｛｜｝", "variations-empty", ""),
        ("{a|b", "variations-unclosed", ""),
        (r"{a|b\}", "variations-unclosed", ""),
        ("{a|b {c|d}", "variations-unclosed", ""),
    ],
)
def test_what_is_no_choice_is_a_violation(typed: str, rule: str, value: str) -> None:
    (fault,) = expand(typed).faults
    assert (fault.field, fault.rule, fault.value) == ("prompt", rule, value)
    assert not expand(typed).prompts


@given(SIGNS | st.text())
def test_an_escaped_prompt_is_read_as_itself(plain: str) -> None:
    assert expand(escape(plain)).prompts == (plain,)


@given(SIGNS)
def test_every_prompt_has_prompts_or_a_violation_and_never_too_many(typed: str) -> None:
    found = expand(typed)
    assert bool(found.prompts) is not bool(found.faults)
    assert len(found.prompts) <= MOST_VARIATIONS


@given(st.lists(st.text(alphabet="ab{}|\\｝", min_size=1), min_size=2, max_size=4), st.text("ab "))
def test_escaped_choices_come_back(choices: list[str], around: str) -> None:
    # a backslash at a choice's end would escape the bar behind it
    plain = [each.rstrip("\\") + "x" for each in choices]
    typed = "{" + "|".join(_all_escaped(each) for each in plain) + "}"
    assert expand(around + typed).prompts == tuple(around + each for each in plain)


@given(st.text())
def test_text_goes_in_unread(text: str) -> None:
    assert expand("a {x|{text}} b", text=text).prompts == ("a x b", f"a {text.strip()} b")
    assert expand(r"\{text} {text}", text=text).prompts == ("{text} " + text,)


def test_a_prompt_wants_text_where_the_word_stands_in_plain_braces() -> None:
    assert wants_text("a {text}")
    assert wants_text("{a|{text}}")
    assert wants_text(r"\\{text}")
    assert not wants_text("a text")
    assert not wants_text(r"\{text}")
    assert not wants_text("{Text}")
    assert not wants_text("｛text｝")
    assert not wants_text("{text")


def _all_escaped(plain: str) -> str:
    # a brace more keeps `escape` from leaving the text as it is
    return escape("{z|z}" + plain)[len(r"\{z\|z\}") :]
