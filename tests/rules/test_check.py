import pytest

from bot.rules.check import is_blank, settle, violations
from tests.rules.making import (
    CATALOGUE,
    faults_of,
    pictures,
    request,
    rules_of,
    sound,
)

MD = "seedance2.0-md"
SP = "seedance2.0-sp"


def test_defaults_are_filled_in_once_and_choices_stay() -> None:
    settled = settle(CATALOGUE.require(SP), request(model=SP, prompt="  a cat\n"))
    assert (settled.prompt, settled.duration, settled.ratio, settled.resolution) == (
        "a cat",
        5,
        "16:9",
        "720p",
    )
    chosen = request(model=SP, duration=99, ratio="8:1", resolution="4k")
    assert settle(CATALOGUE.require(SP), chosen) == chosen


def test_a_fixed_output_is_filled_in_for_display() -> None:
    spec = CATALOGUE.require("sd2_mx_4k")
    assert settle(spec, request(model="sd2_mx_4k")).resolution == "4k"
    assert spec.resolutions == ()


@pytest.mark.parametrize("prompt", ["", " ", "\n\t\u3000", "\u200b\u200d\ufeff", "\u3164", "\x00"])
def test_a_prompt_without_visible_characters_is_blank(prompt: str) -> None:
    (fault,) = faults_of(request(prompt=prompt))
    assert (fault.rule, fault.field, fault.allowed) == ("prompt-blank", "prompt", "1–5000")


@pytest.mark.parametrize("prompt", [".", "\U0001f3fd", "\ue000", "\U0001fae9", "a\u200b"])
def test_a_prompt_with_visible_characters_is_not_blank(prompt: str) -> None:
    assert not is_blank(prompt)
    assert not faults_of(request(prompt=prompt))


def test_a_prompt_is_measured_in_code_points_after_trimming() -> None:
    assert not faults_of(request(prompt=" " + "🐈" * 5000 + "\n"))
    (fault,) = faults_of(request(prompt="🐈" * 5001))
    assert (fault.rule, fault.value, fault.allowed) == ("prompt-too-long", "5001", "1–5000")
    assert "🐈" not in fault.model_dump_json()


def test_all_violations_are_listed_with_field_value_and_allowed() -> None:
    video_request = request(
        *pictures(5),
        sound(),
        model=MD,
        prompt=" ",
        duration=16,
        ratio="4:3",
        resolution="1080p",
    )
    assert [(f.rule, f.field, f.value, f.allowed) for f in faults_of(video_request)] == [
        ("prompt-blank", "prompt", "", "1–5000"),
        ("duration-range", "duration", "16", "1–15"),
        ("ratio-not-taken", "ratio", "4:3", "16:9 9:16 1:1"),
        ("resolution-fixed", "resolution", "1080p", "720p"),
        ("images-too-many", "images", "5", "4"),
        ("audio-not-taken", "audios", "1", "0"),
    ]
    assert {f.params["model"] for f in faults_of(video_request)[1:]} == {MD}


def test_a_resolution_is_checked_against_the_list_or_the_fixed_output() -> None:
    (fault,) = faults_of(request(model="seedance2.0-mini-sp", resolution="1080p"))
    assert (fault.rule, fault.allowed) == ("resolution-not-taken", "480p 720p")
    assert not faults_of(request(resolution="720p"))
    assert rules_of(request(resolution="480p")) == ["resolution-fixed"]


def test_adaptive_is_for_the_full_family_alone() -> None:
    taking = {s.family for s in CATALOGUE if not rules_of(request(ratio="Adaptive"), s)}
    assert taking == {"Full"}


def test_a_request_as_written_is_checked_like_a_settled_one() -> None:
    assert not violations(CATALOGUE.require(SP), request(model=SP))
