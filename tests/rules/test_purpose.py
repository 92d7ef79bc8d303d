"""A few models by purpose, from whatever a server allows and whatever the owner's file says."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.catalogue import ModelSpec, load_catalogue
from bot.rules.purpose import Purpose, by_purpose

catalogue = load_catalogue(None)
ALL = tuple(catalogue)


@given(st.lists(st.sampled_from(ALL), unique=True), st.sampled_from(ALL))
def test_each_purpose_is_named_once_and_by_an_allowed_model_that_serves_it(
    allowed: list[ModelSpec], default: ModelSpec
) -> None:
    name = default.name
    picked = by_purpose(allowed, name)
    purposes = [purpose for _, each in picked for purpose in each]
    assert len(purposes) == len(set(purposes))
    assert len(picked) <= 5
    assert len({spec.name for spec, _ in picked}) == len(picked)
    assert all(spec in allowed for spec, _ in picked)
    for spec, each in picked:
        assert Purpose.SOUND not in each or spec.audios.max
        assert Purpose.CLIPS not in each or spec.videos.max
        assert Purpose.START not in each or spec.name == name
        if Purpose.LONGEST in each:
            assert spec.duration.max == max(other.duration.max for other in allowed)
    if name in {spec.name for spec in allowed}:
        assert picked[0][0].name == name


def test_all_models_make_a_short_list() -> None:
    picked = by_purpose(ALL, "seedance2.0-fast-i2v")
    assert 3 <= len(picked) <= 5
    served = {purpose for _, each in picked for purpose in each}
    assert {Purpose.SOUND, Purpose.CLIPS, Purpose.QUALITY} <= served


def test_the_cheapest_is_named_once_there_are_prices(tmp_path: Path) -> None:
    assert all(Purpose.CHEAP not in each for _, each in by_purpose(ALL, ""))
    file = tmp_path / "models.toml"
    file.write_text(
        '[models."seedance2.0-std".price]\nper_task = "0.90"\n'
        '[models."seedance2.0-mini-sp".price]\nper_task = "0.10"\n'
        '[models.sd2_mx_4k.price]\nper_second = "0.03"\n'
    )
    picked = by_purpose(tuple(load_catalogue(file)), "seedance2.0-std")
    (cheapest,) = [spec.name for spec, each in picked if Purpose.CHEAP in each]
    # five seconds of the other cost 0.15
    assert cheapest == "seedance2.0-mini-sp"
