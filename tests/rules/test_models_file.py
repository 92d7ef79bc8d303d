from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.catalogue import (
    Catalogue,
    CatalogueError,
    CatalogueFault,
    ModelSpec,
    load_catalogue,
)
from tests.rules.making import CATALOGUE

RULES = tuple(ModelSpec.model_fields.keys() - {"name", "family", "price"})


def load(tmp_path: Path, text: str) -> Catalogue:
    file = tmp_path / "models.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalogue(file)


def faults(tmp_path: Path, text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, text)
    for fault in caught.value.faults:
        assert str(fault) in str(caught.value)
        assert fault.file == str(tmp_path / "models.toml")
    return [(fault.block, fault.key, fault.reason) for fault in caught.value.faults]


def test_a_block_of_a_known_model_overrides_single_keys_and_resets_their_origin(
    tmp_path: Path,
) -> None:
    catalogue = load(
        tmp_path,
        """
        [models."seedance2.0-md"]
        duration = { min = 4 }
        videos = { max = 2, origin = "page" }
        output = { resolutions = ["720p", "1080p"], default = "1080p" }
        """,
    )
    spec, old = catalogue.require("seedance2.0-md"), CATALOGUE.require("seedance2.0-md")
    assert (spec.duration.min, spec.duration.max, spec.duration.origin) == (4, 15, "known")
    assert (spec.videos.max, spec.videos.max_seconds, spec.videos.origin) == (2, 15, "page")
    assert (spec.fixed_output, spec.default_resolution) == (None, "1080p")
    assert (spec.ratio, spec.ratio.origin) == (old.ratio, "page")
    assert catalogue.names == CATALOGUE.names
    # blocks that were made like it in the built-in file do not follow
    assert catalogue.require("seedance2.0-fast-md").duration.min == 1


def test_a_new_model_may_be_like_one_that_comes_later_in_the_file(tmp_path: Path) -> None:
    catalogue = load(
        tmp_path,
        """
        [models.third]
        like = "second"
        price = { per_task = 1 }
        [models.second]
        like = "seedance2.0-std"
        duration = { max = 30 }
        """,
    )
    assert catalogue.names[-2:] == ("third", "second")
    assert catalogue.require("third").duration.max == 30
    assert catalogue.require("second").price is None


def test_a_new_model_may_give_every_rule_itself(tmp_path: Path) -> None:
    catalogue = load(
        tmp_path,
        """
        [models.own]
        family = "Own"
        billing = { by = "task" }
        duration = { min = 5, max = 5 }
        output = { fixed = "8k" }
        ratio = { values = ["2:1"], default = "2:1" }
        prompt = { max = 10 }
        sources = { https = false, asset = false }
        images = { max = 0 }
        image_formats = {}
        frames = { takes = "no" }
        videos = { max = 0 }
        audios = { max = 0 }
        """,
    )
    own = catalogue.require("own")
    assert not own.takes_references
    assert {getattr(own, rule).origin for rule in RULES} == {"known"}


def test_an_empty_file_and_one_with_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    assert load(tmp_path, "").names == CATALOGUE.names
    assert load(tmp_path, "\ufeff# nothing\n").names == CATALOGUE.names


@pytest.mark.parametrize(
    ("text", "block", "key", "reason"),
    [
        ("duration = { max = 3 }", "seedance2.0-sp", "duration", "min 4 is more than max 3"),
        ("duration = { max = '9' }", "seedance2.0-sp", "duration.max", "valid integer"),
        ("duration = { max = true }", "seedance2.0-sp", "duration.max", "valid integer"),
        ("duration = { max = 9.0 }", "seedance2.0-sp", "duration.max", "valid integer"),
        ("duration = { default = 3 }", "seedance2.0-sp", "duration", "default 3 is not within"),
        ("duration = 5", "seedance2.0-sp", "duration", "should be a table"),
        ("duration = { most = 3 }", "seedance2.0-sp", "duration.most", "unknown key"),
        ("durations = { max = 3 }", "seedance2.0-sp", "durations", "unknown key"),
        ("name = 'x'", "seedance2.0-sp", "name", "title is the name"),
        ("like = 'seedance2.0-md'", "seedance2.0-sp", "like", "is there already"),
        ("family = ''", "seedance2.0-sp", "family", "at least 1"),
        ("billing = { by = 'minute' }", "seedance2.0-sp", "billing.by", "'task'"),
        ("output = { fixed = '4k' }", "seedance2.0-sp", "billing", "the output is fixed"),
        ("output = {}", "seedance2.0-sp", "output", "give either"),
        ("output = { fixed='4k', default='4k' }", "seedance2.0-sp", "output", "no default"),
        ("output = { resolutions = ['4k'] }", "seedance2.0-sp", "output", "default None is not"),
        ("output = { resolutions = '4k' }", "seedance2.0-sp", "output.resolutions", "a list"),
        ("ratio = { default = '2:1' }", "seedance2.0-sp", "ratio", "default 2:1 is not one of"),
        ("ratio = { values = [] }", "seedance2.0-sp", "ratio.values", "at least 1"),
        ("ratio = { values = ['16:9', 'wide'] }", "seedance2.0-sp", "ratio.values.1", "malformed"),
        (
            "ratio = { values = ['16:9', '16:9'] }",
            "seedance2.0-sp",
            "ratio",
            "should not name a value twice",
        ),
        ("images = { max = -1 }", "seedance2.0-sp", "images.max", "greater than or equal to 0"),
        (
            "image_formats = { refused=['jpg'] }",
            "seedance2.0-sp",
            "image_formats.refused.0",
            "'jpeg'",
        ),
        ("videos = { min_side = 9, max_side = 8 }", "seedance2.0-sp", "videos", "min_side 9"),
        ("sources = { https=false, asset=false }", "seedance2.0-sp", "sources", "neither"),
        ("duration = { origin = 'me' }", "seedance2.0-sp", "duration.origin", "'page' or 'known'"),
    ],
)
def test_a_broken_rule_is_refused_with_block_key_and_reason(
    tmp_path: Path, text: str, block: str, key: str, reason: str
) -> None:
    (found,) = faults(tmp_path, f'[models."{block}"]\n{text}\n')
    assert found[:2] == (block, key)
    assert reason in found[2]


@pytest.mark.parametrize(
    ("price", "key", "reason"),
    [
        ("per_task = 1", "price", "give per_second_by_resolution and no other"),
        ("per_second_by_resolution = { 480p = 1 }", "price.per_second_by_resolution", "exactly"),
        ("per_second_by_resolution = 1", "price.per_second_by_resolution", "table"),
        ("per_second_by_resolution = { 720p = -1 }", "…720p", "should not be negative"),
        ("per_second_by_resolution = { 720p = 'x' }", "…720p", "decimal number"),
        ("per_second_by_resolution = { 720p = true }", "…720p", "decimal number"),
        ("per_second_by_resolution = { 720p = [1] }", "…720p", "decimal number"),
        ("per_second_by_resolution = { 720p = nan }", "…720p", "finite"),
        ("per_second_by_resolution = { 720p = '-Infinity' }", "…720p", "finite"),
        ("per_second_by_resolution = { 720p = 1e7 }", "…720p", "at most 1000000"),
        ("per_second_by_resolution = { 720p = 1e-13 }", "…720p", "decimal places"),
    ],
)
def test_a_broken_price_is_refused_with_block_key_and_reason(
    tmp_path: Path, price: str, key: str, reason: str
) -> None:
    (found,) = faults(tmp_path, f'[models."seedance2.0-sp".price]\n{price}\n')
    assert found[0] == "seedance2.0-sp"
    assert found[1] == key.replace("…", "price.per_second_by_resolution.")
    assert reason in found[2]


def test_clip_seconds_cannot_be_billed_by_a_price_per_task(tmp_path: Path) -> None:
    text = '[models."seedance2.0-md".price]\nper_task=1\nreference_video_seconds_billed=true'
    assert faults(tmp_path, text)[0][1] == "price"


@pytest.mark.parametrize(
    ("text", "block", "key", "reason"),
    [
        ("[models", "", "", "is not TOML"),
        ("n = " + "9" * 5000, "", "", "is not TOML"),
        ("[modles.x]", "", "modles", "unknown"),
        ("models = 3", "", "models", "tables"),
        ("[models]\nx = 3", "x", "", "table"),
        ("[models.x]\nlike = 'y'", "x", "like", "no model is called y"),
        ("[models.x]\nlike = 3", "x", "like", "no model is called 3"),
        ("[models.x]\nlike = 'x'", "x", "like", "itself"),
        ("[models.x]\nlike='y'\n[models.y]\nlike='x'", "y", "like", "itself"),
        ("[models.'a b']\nlike = 'seedance2.0-md'", "a b", "name", "malformed"),
        ("[models.'seedance-2.5-pro']\nlike = 'sd2_mx_4k'", "seedance-2.5-pro", "", "billed"),
        ("[models.'Seedance2.5']\nlike = 'sd2_mx_4k'", "Seedance2.5", "", "billed"),
        ("[models.sd25_4k]\nlike = 'sd2_mx_4k'", "sd25_4k", "", "billed"),
    ],
)
def test_a_broken_file_is_refused_with_file_block_key_and_reason(
    tmp_path: Path, text: str, block: str, key: str, reason: str
) -> None:
    (found,) = faults(tmp_path, text)
    assert found[:2] == (block, key)
    assert reason in found[2]


def test_all_mistakes_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    text = """
    [models.fresh]
    family = "Fresh"
    [models."seedance2.0-md"]
    frames = { takes = "maybe" }
    images = { max = "four" }
    """
    found = faults(tmp_path, text)
    assert {key for block, key, _ in found if block == "fresh"} == set(RULES) - {
        "image_size",
        "picture_name",
        "billed_as",
    }
    assert {key for block, key, _ in found if block == "seedance2.0-md"} == {
        "frames.takes",
        "images.max",
    }


def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(CatalogueError, match="cannot be read") as caught:
            load_catalogue(path)
        assert caught.value.faults[0].file == str(path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueError, match="UTF-8"):
        load_catalogue(binary)


def test_a_fault_reads_as_one_line_with_file_block_key_and_reason() -> None:
    fault = CatalogueFault("m.toml", "x.y", "duration.max", "is missing")
    assert str(fault) == 'm.toml: [models."x.y"] duration.max: is missing'


leaves: st.SearchStrategy[object] = st.one_of(
    st.booleans(), st.integers(), st.text(max_size=5).filter(str.isprintable), st.just([])
)


@given(st.sampled_from(RULES), st.text("abcdefghij", min_size=1, max_size=5), leaves)
def test_no_content_makes_the_loader_fail_in_another_way(
    tmp_path_factory: pytest.TempPathFactory, rule: str, key: str, value: object
) -> None:
    written = str(value).lower() if isinstance(value, bool) else repr(value)
    text = f'[models."seedance2.0-sp".{rule}]\n{key} = {written}\n'
    with pytest.raises(CatalogueError):
        load(tmp_path_factory.mktemp("models"), text)
