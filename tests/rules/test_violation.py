import pytest

from bot.rules.violation import RULES, WARNINGS, Violation, megabytes
from tests.rules.making import (
    CATALOGUE,
    FIRST,
    LAST,
    asset,
    clip,
    link,
    picture,
    pictures,
    request,
    rules_of,
    sound,
)

MD = "seedance2.0-md"
STD = "seedance2.0-std"
SP = "seedance2.0-sp"
FULL = "sd2_mx_720p"


def test_sizes_are_rounded_up_to_a_tenth_of_a_megabyte() -> None:
    assert [megabytes(size) for size in (0, 1, 100_000, 1_000_000, 1_000_001)] == [
        "0 MB",
        "0.1 MB",
        "0.1 MB",
        "1 MB",
        "1.1 MB",
    ]


def test_rules_and_warnings_are_named_once_and_apart() -> None:
    assert len({*RULES, *WARNINGS}) == len(RULES) + len(WARNINGS)
    assert all(rule == rule.lower() and " " not in rule for rule in (*RULES, *WARNINGS))


def test_every_rule_but_those_of_reading_is_reached_by_some_request_here() -> None:
    from_bytes = {"file-unreadable", "picture-pixels", "file-too-heavy"}
    from_bytes |= {"cast-in-frames", "cast-unknown", "cast-not-ready"}
    from_bytes |= {"asset-refused", "model-unknown", "asset-malformed", "link-malformed"}
    # of the prompt as it was typed: see test_variations
    from_bytes |= {rule for rule in RULES if rule.startswith("variations-")}
    # of several requests together: see the tests of series
    from_bytes |= {rule for rule in RULES if rule.startswith("series-")}
    ten = pictures(10)
    video_requests = [
        request(prompt=" ", duration=0, ratio="x", resolution="x"),
        request(prompt="x" * 5001, resolution="x", model=SP),
        request(*ten, *ten[:1], FIRST, FIRST, clip(size_bytes=10**9), sound(), asset(), model=MD),
        request(*[clip(duration_s=9, size_bytes=10**8, width=1, height=1)] * 4, model=MD),
        request(picture(content_type="image/gif"), clip("image2"), model=MD),
        request(*[sound()] * 4, FIRST, model=STD),
        request(sound(), model=SP),
        request(picture(content_type="image/jxl"), model=SP),
        request(picture(width=100, height=1000), model=FULL),
        request(LAST, model=FULL),
        request(*[link()] * 10),
        request(clip()),
        request(*[picture(cast="fox")] * 10),
    ]
    reached = {rule for video_request in video_requests for rule in rules_of(video_request)}
    spec = CATALOGUE.require(SP)
    nothing = spec.model_copy(
        update={
            "images": spec.images.model_copy(update={"max": 0}),
            "frames": spec.frames.model_copy(update={"takes": "no"}),
        }
    )
    assets_only = spec.model_copy(
        update={"sources": spec.sources.model_copy(update={"https": False})}
    )
    reached |= set(rules_of(request(picture()), assets_only))
    reached |= set(rules_of(request(picture(cast="fox")), nothing))
    reached |= {*rules_of(request(picture()), nothing), *rules_of(request(FIRST), nothing)}
    assert reached == set(RULES) - from_bytes


def test_a_violation_cannot_be_changed() -> None:
    fault = Violation(field="prompt", rule="prompt-blank")
    with pytest.raises(ValueError, match="frozen"):
        fault.value = "x"
