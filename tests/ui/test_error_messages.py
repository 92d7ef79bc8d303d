"""Every refusal says which rule, which value, and what would pass."""

import pytest

from bot.errors import (
    InvalidRequest,
    NotAllowed,
    QuotaExceeded,
    TooLate,
    UnknownVideo,
    UserError,
)
from bot.rules.violation import PARAMS, RULES, WARNING_PARAMS, WARNINGS, Violation
from bot.ui.error_messages import SHOWN_AT_ONCE, explain, fault_line, field_name
from bot.ui.texts import Localised, Texts
from tests.ui.making import chinese, english

BOTH = pytest.mark.parametrize("t", [english, chinese], ids=["en-US", "zh-CN"])
ALL_PARAMS = {**PARAMS, **WARNING_PARAMS}


def violation(rule: str, **changes: str) -> Violation:
    params = {"model": "seedance2.0-md", "name": "cat.png"}
    return Violation(
        field=changes.get("field", "image1"),
        rule=rule,
        value=changes.get("value", "21:9"),
        allowed=changes.get("allowed", "16:9 9:16"),
        params={key: params[key] for key in ALL_PARAMS[rule]},
    )


@BOTH
@pytest.mark.parametrize("rule", [*RULES, *WARNINGS])
def test_every_rule_has_a_line_in_every_language(rule: str, t: Localised) -> None:
    line = fault_line(violation(rule), t)
    assert line
    assert "{" not in line
    assert "\n" not in line


@BOTH
def test_a_refusal_names_rule_value_and_what_would_pass(t: Localised) -> None:
    error = InvalidRequest(
        [
            violation("ratio-not-taken", field="ratio"),
            violation("duration-range", field="duration", value="99", allowed="1–15"),
        ],
        model="seedance2.0-md",
        suggestion="seedance2.0-std",
    )
    text = explain(error, t)
    for word in ("`21:9`", "16:9", "9:16", "99", "1–15", "`seedance2.0-md`", "`seedance2.0-std`"):
        assert word in text


def test_options_are_named_as_the_member_sees_them() -> None:
    assert field_name("image3", english) == "`image3`"
    assert field_name("image3", chinese) == "`图片3`"
    assert field_name("first_link", chinese) == "`首帧链接`"
    assert field_name("images", english) == "pictures"
    assert field_name("something", english) == "`something`"


def test_a_file_is_named_beside_its_option() -> None:
    assert fault_line(violation("file-unreadable"), english).startswith("`image1` (`cat.png`):")


@pytest.mark.parametrize(
    ("value", "allowed", "words"),
    [
        ("video", "image", "this has to be a picture, but it is a clip."),
        ("", "image video audio", "a picture, a clip or a sound, but I can't read it as one."),
        ("pdf", "image", "this has to be a picture, but it is `pdf`."),
    ],
)
def test_a_wrong_kind_names_the_found_and_the_wanted_kind(
    value: str, allowed: str, words: str
) -> None:
    line = fault_line(violation("wrong-kind", value=value, allowed=allowed), english)
    assert line.endswith(words)


def test_an_unknown_rule_still_says_what_would_pass() -> None:
    fault = Violation(field="prompt", rule="brand-new", value="x", allowed="y")
    assert fault_line(fault, english) == "`prompt`: `x` can't be used here. Choose y."


@BOTH
def test_what_a_member_typed_cannot_break_out_of_a_refusal(t: Localised) -> None:
    fault = violation("link-malformed", value="`@everyone`\n# big [a](https://x.example)")
    line = fault_line(fault, t)
    assert "\n" not in line
    assert "@everyone" not in line
    assert line.count("`") == 2 * (line.count("`") // 2)


@BOTH
def test_very_many_violations_are_counted_and_fit_a_message(t: Localised) -> None:
    faults = [violation("link-malformed", value="x" * 100) for _ in range(60)]
    text = explain(InvalidRequest(faults, model="seedance2.0-md", suggestion=None), t)
    assert len(text) <= 2000
    few = [violation("prompt-blank", allowed="1–5000")] * (SHOWN_AT_ONCE + 3)
    assert "3" in explain(InvalidRequest(few, model="m", suggestion=None), t)


@BOTH
@pytest.mark.parametrize("scope", ["member", "server", "bot"])
@pytest.mark.parametrize("unit", ["videos", "seconds", "cost"])
@pytest.mark.parametrize("frees", [None, 1_790_000_000_000])
def test_a_quota_refusal_names_limit_usage_and_reset(
    t: Localised, scope: str, unit: str, frees: int | None
) -> None:
    error = QuotaExceeded(
        scope=scope, unit=unit, period="day", limit="12", used="11", frees_at_ms=frees
    )
    text = explain(error, t, "USD")
    assert "12" in text
    assert "11" in text
    assert ("<t:1790000000:R>" in text) is (frees is not None)


def test_a_limit_of_zero_promises_no_reset() -> None:
    error = QuotaExceeded(
        scope="member", unit="videos", period="day", limit="0", used="0", frees_at_ms=None
    )
    assert "your limit is 0 videos" in explain(error, english)


def test_missing_permissions_are_named_in_the_members_language() -> None:
    error = NotAllowed("refused-bot-permissions", {"missing": "attach-files,view-channel"})
    assert "Attach Files and View Channel" in explain(error, english)
    assert "「附加文件」和「查看频道」" in explain(error, chinese)


@BOTH
def test_models_are_listed_verbatim(t: Localised) -> None:
    error = NotAllowed("refused-model", {"model": "sd2_mx_4k", "models": "a-1, b_2"})
    text = explain(error, t)
    assert all(word in text for word in ("`sd2_mx_4k`", "`a-1`", "`b_2`"))
    assert explain(NotAllowed("refused-model", {"model": "x", "models": ""}), t)


@BOTH
@pytest.mark.parametrize(
    "error",
    [
        UnknownVideo("<@1>`"),
        NotAllowed("refused-server", {"guild": "12345"}),
        NotAllowed("refused-member-permissions", {"missing": "attach-files"}),
        NotAllowed("refused-not-yours"),
        NotAllowed("refused-channel", {"channels": ""}),
        NotAllowed("refused-channel", {"channels": "<#1> <#2>"}),
        UserError("refused-try-again"),
        UserError("refused-disk-full", {"limit": "10 GB"}),
        UserError(
            "refused-member-room",
            {"used": "2400 MB", "limit": "2500 MB", "needed": "120 MB", "left": "100 MB"},
        ),
        UserError("refused-frames-missing"),
        UserError("refused-unknown-model", {"model": "x y", "models": "a, b"}),
        *(
            UserError("refused-too-late", {"id": "abc2defghj", "state": state})
            for state in ("posted", "failed", "rejected", "cancelled", "uncertain", "rendered")
        ),
    ],
    ids=lambda error: error.key if isinstance(error, UserError) else None,
)
def test_every_other_refusal_has_a_text(error: UserError, t: Localised) -> None:
    text = explain(error, t)
    assert text
    assert "{" not in text


@pytest.mark.parametrize(
    ("given", "room", "words"),
    [
        ("1", "0", "1 link, and `m` has room for no more references."),
        ("2", "1", "2 links, and `m` has room for 1 more reference."),
        ("9", "3", "9 links, and `m` has room for 3 more references."),
    ],
)
def test_counts_in_refusals_have_plurals(given: str, room: str, words: str) -> None:
    fault = Violation(
        field="links",
        rule="references-too-many",
        value=given,
        allowed=room,
        params={"model": "m"},
    )
    assert fault_line(fault, Texts().of("en-US")).endswith(words)
    assert f" {given} 个链接" in fault_line(fault, Texts().of("zh-CN"))


def test_who_deleted_their_data_is_a_mark_in_a_refusal() -> None:
    decided: dict[str, str | int] = {
        "by": -123,
        "state": "approved",
        "decided_ms": 1_790_000_000_000,
    }
    told = explain(TooLate("refused-decided", decided), english, "")
    assert "<@" not in told
    assert "#7b" in told
