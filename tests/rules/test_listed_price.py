"""Prices of models by the provider's list: names, units, clips, and what is quoted stays."""

import math
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.catalogue import CatalogueError, load_catalogue
from bot.rules.media import MediaKind, MediaSource
from bot.rules.price import (
    MICROS,
    Rate,
    billing_names,
    listed_price,
    price_micros,
    requoted_micros,
    unpriced,
)
from bot.rules.request import MediaRef, VideoRequest

CATALOGUE = load_catalogue()
PER_TASK, PER_SECOND = "per_task", "per_second"


def rates(**listed: tuple[str, str]) -> dict[str, Rate]:
    """Rates by name; `_dot_` and `__` stand for `.` and `-`."""
    return {
        name.replace("_dot_", ".").replace("__", "-"): Rate(mode, Decimal(amount))
        for name, (mode, amount) in listed.items()
    }


def cost(
    model: str, listed: dict[str, Rate], resolution: str = "720p", clip_s: float = 0
) -> object:
    spec = CATALOGUE.require(model)
    spec = spec.model_copy(update={"price": listed_price(spec, listed)})
    return price_micros(spec, request(model, resolution, clip_s))


def request(model: str, resolution: str = "720p", clip_s: float | None = 0) -> VideoRequest:
    clip = MediaRef(
        source=MediaSource.ATTACHMENT, url="https://x", kind=MediaKind.VIDEO, duration_s=clip_s
    )
    is_plain = clip_s == 0
    return VideoRequest(
        prompt="p",
        model=model,
        duration=4,
        resolution=resolution,
        media=() if is_plain else (clip,),
    )


@pytest.mark.parametrize("spec", list(CATALOGUE), ids=lambda spec: spec.name)
def test_the_models_own_name_is_one_of_its_billing_names(spec: object) -> None:
    model = str(getattr(spec, "name", ""))
    listed = {model: Rate(PER_TASK, Decimal("0.35"))}
    assert model in billing_names(CATALOGUE.require(model))
    assert cost(model, listed) == 350_000
    assert cost(model, {}) is None
    tokens = {model: Rate("per_million_tokens", Decimal(2))}
    assert listed_price(CATALOGUE.require(model), tokens) is None


def test_billing_names_differ_by_resolution_and_clips() -> None:
    listed = rates(
        sd2_sp_720p=(PER_SECOND, "0.1"),
        sd2_sp_1080p=(PER_SECOND, "0.2"),
        sd2_sp_video_720p=(PER_SECOND, "0.3"),
        seedance2_dot_0__mini__480p=(PER_SECOND, "0.01"),
        seedance2_dot_0__mini__720p__video=(PER_SECOND, "0.5"),
    )
    assert cost("seedance2.0-sp", listed) == 400_000
    assert cost("seedance2.0-sp", listed, "1080p") == 800_000
    assert cost("seedance2.0-sp", listed, "480p") is None
    assert cost("seedance2.0-sp", listed, clip_s=3) == 1_200_000
    assert cost("seedance2.0-sp", listed, "1080p", clip_s=3) is None
    assert cost("seedance2.0-mini", listed, "480p") == 40_000
    assert cost("seedance2.0-mini-video", listed, clip_s=2.2) == 3_500_000
    assert cost("seedance2.0-fast-i2v", listed) is None


def test_a_more_exact_name_goes_before_the_models_own() -> None:
    listed = rates(
        seedance2_dot_0__mini__sp=(PER_TASK, "1"), seedance2_dot_0__mini__sp__480p=(PER_TASK, "0.5")
    )
    assert cost("seedance2.0-mini-sp", listed, "480p") == 500_000
    assert cost("seedance2.0-mini-sp", listed, "720p") == MICROS


def test_units_that_differ_between_resolutions_are_no_price() -> None:
    listed = rates(sd2_sp_480p=(PER_TASK, "1"), sd2_sp_720p=(PER_SECOND, "0.1"))
    assert cost("seedance2.0-sp", listed) is None


def test_what_has_no_price_is_named() -> None:
    spec = CATALOGUE.require("seedance2.0-sp")
    only = listed_price(spec, rates(sd2_sp_720p=(PER_SECOND, "0.1")))
    assert list(unpriced(spec, only)) == ["480p", "1080p", "clips"]
    assert list(unpriced(spec, listed_price(spec, {}))) == [""]
    all_of_it = {name: Rate(PER_SECOND, Decimal(1)) for name in billing_names(spec)}
    assert not list(unpriced(spec, listed_price(spec, all_of_it)))


def test_the_owners_file_goes_before_the_list(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text('[models."seedance2.0-std".price]\nper_task = "9"')
    catalogue = load_catalogue(file)
    listed = rates(seedance2_dot_0__std=(PER_TASK, "1"), seedance2_dot_0__fast__i2v=(PER_TASK, "2"))
    prices = {spec.name: listed_price(spec, listed) for spec in catalogue}
    catalogue.set_listed_prices({name: price for name, price in prices.items() if price})
    found = {spec.name: spec.price.per_task for spec in catalogue if spec.price}
    assert found == {"seedance2.0-std": 9, "seedance2.0-fast-i2v": 2}
    assert catalogue.has_own_price("seedance2.0-std")
    assert not catalogue.has_own_price("seedance2.0-fast-i2v")
    catalogue.set_listed_prices({})
    assert [spec.name for spec in catalogue if spec.price] == ["seedance2.0-std"]


def test_billing_names_and_prices_with_clips_are_the_owners_to_set(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text(
        '[models."seedance2.0-sp"]\nbilled_as = { names = ["x-{resolution}"] }\n'
        "[models.sd2_mx_video_720p.price]\nper_second = 1\nwith_clips = { per_second = 2 }\n"
        '[models."seedance2.0-mini-sp".price]\n'
        'per_task_by_resolution = { 480p = "0.3", 720p = "0.4" }\n'
    )
    catalogue = load_catalogue(file)
    assert "x-480p" in billing_names(catalogue.require("seedance2.0-sp"))
    assert "sd2_sp_video_480p" not in billing_names(catalogue.require("seedance2.0-sp"))
    full, mini = catalogue.require("sd2_mx_video_720p"), catalogue.require("seedance2.0-mini-sp")
    assert price_micros(full, request(full.name)) == 4 * MICROS
    assert price_micros(full, request(full.name, clip_s=2)) == 8 * MICROS
    assert price_micros(mini, request(mini.name, "480p")) == 300_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("price = { per_second = 1, with_clips = { per_task = 1 } }", "give per_second"),
        (
            "price = { per_second = 1, with_clips = { per_second = 1, with_clips = {} } }",
            "holds no with_clips",
        ),
        ('billed_as = { names = ["a b"] }', "malformed"),
        ('billed_as = { names = ["{size}"] }', "malformed"),
    ],
)
def test_mistakes_in_prices_and_billing_names_are_named(
    line: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(f"[models.sd2_mx_720p]\n{line}\n")
    with pytest.raises(CatalogueError, match=reason):
        load_catalogue(file)


@given(st.integers(0, 10**9), st.floats(0.1, 15), st.decimals("0.001", 10, places=3))
def test_a_quote_is_kept_whatever_the_price_is_by_now(
    quoted_micros: int, clip_s: float, price_now: Decimal
) -> None:
    model = "seedance2.0-mini-video"
    spec = CATALOGUE.require(model)
    names = {name: Rate(PER_SECOND, price_now) for name in billing_names(spec)}
    spec = spec.model_copy(update={"price": listed_price(spec, names)})
    before, now = request(model, clip_s=None), request(model, clip_s=clip_s)
    requoted = requoted_micros(spec, quoted_micros, before, now)
    seconds = 4 + math.ceil(clip_s)
    assert requoted is not None
    assert requoted <= quoted_micros
    assert 0 <= requoted * 19 - quoted_micros * seconds < 19
    assert requoted_micros(spec, quoted_micros, now, now) == quoted_micros
    assert requoted_micros(spec, None, before, now) is None
    unlisted = spec.model_copy(update={"price": None})
    assert requoted_micros(unlisted, quoted_micros, before, now) == quoted_micros


@given(st.decimals("0.000001", 10, places=6), st.floats(0.1, 15))
def test_an_unchanged_price_is_requoted_exactly(price: Decimal, clip_s: float) -> None:
    model = "seedance2.0-mini-video"
    spec = CATALOGUE.require(model)
    names = {name: Rate(PER_SECOND, price) for name in billing_names(spec)}
    spec = spec.model_copy(update={"price": listed_price(spec, names)})
    before, now = request(model, clip_s=None), request(model, clip_s=clip_s)
    quoted = price_micros(spec, before)
    assert requoted_micros(spec, quoted, before, now) == price_micros(spec, now)
