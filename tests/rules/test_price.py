from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.media import MediaKind
from bot.rules.model_spec import ModelSpec
from bot.rules.price import price_micros
from bot.rules.price_spec import Price
from tests.rules.making import CATALOGUE, asset, clip, link, picture, request

TASK = CATALOGUE.require("seedance2.0-md")
SECOND = CATALOGUE.require("sd2_mx_video_720p")
RESOLUTION = CATALOGUE.require("seedance2.0-sp")

amounts = st.decimals(0, 1_000_000, allow_nan=False, allow_infinity=False, places=8)
lengths = st.integers(1, 3600)


def priced(spec: ModelSpec, **price: Any) -> ModelSpec:
    return spec.model_copy(update={"price": Price(**price)})


def micros(amount: Decimal, seconds: int = 1) -> int:
    exact = Fraction(amount) * seconds * 1_000_000
    return -(-exact.numerator // exact.denominator)


def test_without_a_price_there_is_none() -> None:
    assert price_micros(TASK, request()) is None


@given(amounts, lengths)
def test_a_price_per_task_ignores_duration(amount: Decimal, seconds: int) -> None:
    spec = priced(TASK, per_task=amount)
    clips = (clip(duration_s=12.0), clip())
    assert price_micros(spec, request(*clips, duration=seconds)) == micros(amount)


@given(amounts, lengths)
def test_a_price_per_second_is_exact_and_rounded_up(amount: Decimal, seconds: int) -> None:
    spec = priced(SECOND, per_second=amount)
    assert price_micros(spec, request(duration=seconds)) == micros(amount, seconds)


@given(amounts, amounts, amounts, lengths, st.sampled_from(("480p", "720p", "1080p", None)))
def test_a_price_by_resolution_takes_the_chosen_or_the_default_one(
    low: Decimal, middle: Decimal, high: Decimal, seconds: int, chosen: str | None
) -> None:
    table = {"480p": low, "720p": middle, "1080p": high}
    spec = priced(RESOLUTION, per_second_by_resolution=table)
    expected = micros(table[chosen or "720p"], seconds)
    assert price_micros(spec, request(duration=seconds, resolution=chosen)) == expected


@given(amounts, st.lists(st.floats(0, 60), max_size=3))
def test_billed_clips_never_cost_less_than_their_length_and_a_second_more_at_most(
    amount: Decimal, clip_lengths: list[float]
) -> None:
    clips = [clip(duration_s=length) for length in clip_lengths]
    video_request = request(*clips, duration=5)
    free = price_micros(priced(SECOND, per_second=amount), video_request)
    billed = price_micros(
        priced(SECOND, per_second=amount, reference_video_seconds_billed=True), video_request
    )
    assert free == micros(amount, 5)
    assert billed is not None
    assert amount * 5 + amount * sum(map(Decimal, map(str, clip_lengths))) <= (
        Decimal(billed) / 1_000_000
    )
    assert billed <= micros(amount, 6 + int(sum(clip_lengths)))


def test_a_price_uses_the_default_duration_if_none_is_chosen() -> None:
    assert price_micros(priced(SECOND, per_second="0.1"), request()) == 500_000


def test_clips_of_unknown_length_count_as_the_longest_that_is_taken() -> None:
    spec = priced(SECOND, per_second=1, reference_video_seconds_billed=True)
    unacknowledged = asset(MediaKind.VIDEO)
    assert price_micros(spec, request(unacknowledged, unacknowledged)) == (5 + 30) * 1_000_000
    assert price_micros(spec, request(clip(duration_s=15.1), picture(), link())) == 21_000_000
    assert price_micros(spec, request(clip(duration_s=float("nan")))) == 20_000_000
    limited = spec.model_copy(update={"videos": spec.videos.model_copy(update={"max_seconds": 12})})
    assert (
        price_micros(limited, request(unacknowledged, unacknowledged, clip(duration_s=4)))
        == 17_000_000
    )


def test_a_resolution_without_a_price_has_none() -> None:
    table = {"480p": 1, "720p": 2, "1080p": 3}
    spec = priced(RESOLUTION, per_second_by_resolution=table)
    assert price_micros(spec, request(resolution="4k")) is None


@pytest.mark.parametrize("amount", [0, "0", "0.000000000001"])
def test_the_smallest_prices_hold(amount: int | str) -> None:
    assert price_micros(priced(TASK, per_task=amount), request()) == (
        0 if amount in (0, "0") else 1
    )
