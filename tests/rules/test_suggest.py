from decimal import Decimal

import pytest

from bot.rules.catalogue import Catalogue
from bot.rules.media import MediaKind
from bot.rules.price_spec import Price
from bot.rules.suggest import suggest
from tests.rules.making import CATALOGUE, FIRST, asset, clip, picture, request, sound

DEFAULT = "seedance2.0-fast-i2v"


def suggested(*media: object, model: str, allowed: object = None, **values: object) -> str | None:
    video_request = request(*media, model=model, **values)  # type: ignore[arg-type]
    names = CATALOGUE.names if allowed is None else allowed
    spec = suggest(CATALOGUE, video_request, names, default=DEFAULT)  # type: ignore[arg-type]
    return spec.name if spec else None


@pytest.mark.parametrize("name", ["4k", "2k", "1080p", "fast_720p", "fast_1080p"])
def test_a_clip_for_a_full_model_is_offered_the_nearest_video_model(name: str) -> None:
    assert suggested(asset(MediaKind.VIDEO), model=f"sd2_mx_{name}") == f"sd2_mx_video_{name}"


def test_the_same_family_comes_before_the_default() -> None:
    assert suggested(clip(), model="seedance2.0-fast-sp") == "seedance2.0-sp"


def test_the_default_comes_before_other_families() -> None:
    assert suggested(picture(), duration=13, model="sd2_mx_720p") == DEFAULT
    assert suggested(FIRST, model="seedance2.0-md") == DEFAULT


def test_then_comes_the_cheapest_class() -> None:
    assert suggested(sound(), model=DEFAULT) == "seedance2.0-std"
    assert suggested(duration=9, resolution="480p", model=DEFAULT) == "seedance2.0-mini-sp"
    assert suggested(resolution="1080p", model=DEFAULT) == "seedance2.0-sp"


def test_what_the_member_chose_is_never_bent() -> None:
    assert suggested(resolution="4k", ratio="Adaptive", model=DEFAULT) == "sd2_mx_4k"
    assert suggested(resolution="4k", duration=15, model=DEFAULT) is None
    assert suggested(duration=2, ratio="21:9", model=DEFAULT) is None
    assert suggested(prompt=" ", model=DEFAULT) is None


def test_only_models_that_the_server_allows_are_offered() -> None:
    allowed = {"seedance2.0-of-sp", DEFAULT}
    assert suggested(sound(), picture(), model=DEFAULT, allowed=allowed) == "seedance2.0-of-sp"
    assert suggested(sound(), model=DEFAULT, allowed={DEFAULT}) is None
    assert suggested(model=DEFAULT, allowed=()) is None


def test_an_unknown_model_is_answered_with_the_default() -> None:
    assert suggested(picture(), model="gone") == DEFAULT


def test_set_prices_count_for_more_than_the_class() -> None:
    price = Price(per_second_by_resolution=dict.fromkeys(("480p", "720p", "1080p"), Decimal("0.1")))
    cheap = CATALOGUE.require("seedance2.0-mini").model_copy(update={"price": price})
    dear = CATALOGUE.require("seedance2.0-std").model_copy(
        update={"price": Price(per_task=Decimal(9))}
    )
    catalogue = Catalogue({spec.name: spec for spec in (dear, cheap)})
    video_request = request(picture(), sound(), model=DEFAULT)
    found = suggest(catalogue, video_request, catalogue.names)
    assert found is cheap
    longer = request(picture(), sound(), model=DEFAULT, duration=15)
    assert suggest(catalogue, longer, {dear.name}) is dear
