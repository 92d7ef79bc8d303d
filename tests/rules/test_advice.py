import pytest

from bot.rules.check import warnings
from bot.rules.media import MediaRole
from bot.rules.request import MediaRef
from bot.rules.violation import WARNING_PARAMS
from tests.rules.making import (
    asset,
    attachment,
    clip,
    faults_of,
    frame,
    link,
    picture,
    request,
)


@pytest.mark.parametrize(
    ("media", "rule", "value", "allowed"),
    [
        (picture(width=299, height=400), "picture-side", "299×400", "300–6000"),
        (picture(width=6001, height=6000), "picture-side", "6001×6000", "300–6000"),
        (picture(width=2510, height=1000), "picture-shape", "2.51", "0.4–2.5"),
        (picture(width=390, height=1000), "picture-shape", "0.39", "0.4–2.5"),
        (picture(size_bytes=30_000_000), "picture-large", "30 MB", "30 MB"),
        (picture(content_type="image/gif"), "picture-format", "gif", "jpeg png webp"),
        (frame(MediaRole.FIRST, format="bmp"), "picture-format", "bmp", "jpeg png webp"),
    ],
)
def test_an_unusual_picture_causes_a_warning_not_a_refusal(
    media: MediaRef, rule: str, value: str, allowed: str
) -> None:
    (advice,) = warnings(request(media))
    assert (advice.rule, advice.value, advice.allowed) == (rule, value, allowed)
    assert set(advice.params) == set(WARNING_PARAMS[rule])
    assert not faults_of(request(media))


def test_an_ordinary_or_unknown_picture_needs_no_advice() -> None:
    limits = picture(width=300, height=750, size_bytes=29_999_999, format="webp")
    assert not warnings(request(limits, picture(content_type="image/jpg"), picture(width=5)))
    assert not warnings(request(attachment(), clip(width=5, height=5), link(), asset()))
