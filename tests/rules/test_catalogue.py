import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

import bot.rules
from bot.rules.catalogue import (
    ModelSpec,
    UnknownModelError,
    load_catalogue,
)
from bot.rules.media import MediaKind
from tests.rules.making import CATALOGUE
from tests.rules.oracle import TABLE

BUILT_IN = Path(bot.rules.__path__[0]) / "models.toml"
RULES = tuple(ModelSpec.model_fields.keys() - {"name", "family", "price"})


@pytest.mark.parametrize("name", TABLE)
def test_every_row_of_the_providers_table_is_in_the_catalogue(name: str) -> None:
    row, spec = TABLE[name], CATALOGUE.require(name)
    assert spec.billing.by == row.billed
    assert (spec.duration.min, spec.duration.max, spec.duration.default) == (
        row.shortest,
        row.longest,
        5,
    )
    assert set(spec.ratios) == row.ratios
    assert spec.ratio.default == "16:9"
    assert spec.default_resolution == ("720p" if "720p" in row.outputs else min(row.outputs))
    assert (spec.fixed_output is not None) is row.fixed
    assert set(spec.resolutions) == (set() if row.fixed else row.outputs)
    assert spec.prompt.max == 5000
    assert (spec.images.max, spec.videos.max, spec.audios.max) == (
        row.images,
        row.videos,
        row.audios,
    )
    assert spec.sources.https is ("https" in row.schemes)
    assert spec.sources.asset is ("asset" in row.schemes)
    is_full = name.startswith("sd2_mx")
    assert spec.frames.takes == (
        "pair" if name.endswith("-md") else "first" if is_full else "single"
    )
    assert spec.sources.reviewed is is_full
    assert spec.price is None


def test_the_catalogue_has_those_models_and_no_others() -> None:
    assert set(CATALOGUE.names) == set(TABLE)
    assert len(CATALOGUE) == len(TABLE) == 23
    assert [spec.name for spec in CATALOGUE] == list(CATALOGUE.names)
    assert sum(spec.family == "Full" for spec in CATALOGUE) == 12


def test_every_rule_that_is_written_down_says_where_it_comes_from() -> None:
    blocks = tomllib.loads(BUILT_IN.read_text(encoding="utf-8"))["models"]
    for name, block in blocks.items():
        assert set(block) - {"family", "like"} <= set(RULES), name
        for key in set(block) & set(RULES):
            assert block[key]["origin"] in {"page", "known"}, (name, key)


def test_every_key_is_explained_at_the_top_of_the_file() -> None:
    text = BUILT_IN.read_text(encoding="utf-8")
    head = text[: text.index("# ---- ")]
    for spec in CATALOGUE:
        for rule in RULES:
            assert f"# {rule} " in head
            for key in getattr(spec, rule).model_fields_set:
                assert key in head, (rule, key)


def test_the_example_at_the_top_of_the_file_is_a_file_that_works(tmp_path: Path) -> None:
    lines = BUILT_IN.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if "[models." in line)
    end = next(number for number, line in enumerate(lines) if line.startswith("# family"))
    file = tmp_path / "models.toml"
    file.write_text("\n".join(line.removeprefix("#") for line in lines[start:end]))
    catalogue = load_catalogue(file)
    price = catalogue.require("seedance2.0-fast-i2v").price
    assert price is not None
    assert price.per_task == Decimal("0.35")
    assert catalogue.names[-1] == "seedance2.1-sp"
    added, base = catalogue.require("seedance2.1-sp"), catalogue.require("seedance2.0-sp")
    assert (added.duration.max, added.duration.min) == (20, 4)
    assert added.price == base.price
    assert added.audios == base.audios


def test_names_are_exact() -> None:
    assert CATALOGUE.get("Seedance2.0-std") is None
    assert "seedance2.0-std" in CATALOGUE
    with pytest.raises(UnknownModelError, match="sora"):
        CATALOGUE.require("sora")


def test_kinds_and_limits_have_the_same_words() -> None:
    spec = CATALOGUE.require("seedance2.0-sp")
    assert all(hasattr(spec, f"{kind.value}s") for kind in MediaKind)
