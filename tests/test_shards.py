"""`SHARDS`: what is read, what is refused and how, and which shard hears of a server."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import open_app
from bot.settings import SettingsError, load_settings
from bot.shards import MOST_SHARDS, Shards, ranges, read_shards, shard_of
from tests.support.bot_env import GivenSettings

GIVEN: dict[str, Any] = {
    "discord_token": "token",
    "seedance_base_url": "https://provider.example",
    "seedance_api_key": "key",
}


@given(st.integers(1, MOST_SHARDS), st.data())
def test_a_range_is_read_as_it_is_written(total: int, data: st.DataObject) -> None:
    last = data.draw(st.integers(0, total - 1))
    first = data.draw(st.integers(0, last))
    shards = Shards(first, last, total)
    assert read_shards(str(shards)) == shards
    assert read_shards(f" {first} - {last} / {total} ") == shards
    assert len(shards.ids) == last - first + 1
    assert shards.is_whole == (first == 0 and last == total - 1)


@given(st.text(max_size=12))
def test_whatever_is_written_is_read_or_refused_in_words(text: str) -> None:
    words = ""
    shards: Shards | None = None
    try:
        shards = read_shards(text)
    except ValueError as error:
        words = str(error)
    if shards is not None:
        assert 0 <= shards.first <= shards.last < shards.total <= MOST_SHARDS
    assert words.startswith(("takes ", "counts ")) or shards is not None or not text.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4", "'4' is not of this form"),
        ("0-3", "such as 0-3/16"),
        ("0-3/x", "'0-3/x' is not of this form"),
        ("-1/4", "'-1/4' is not of this form"),
        ("0,1/4", "'0,1/4' is not of this form"),
        ("0-3/0", "takes a total from 1 to"),
        (f"0-3/{MOST_SHARDS + 1}", f"this is {MOST_SHARDS + 1}"),
        ("3-1/4", "3-1 ends before it begins"),
        ("0-4/4", "of 4 the last is 3; 4 is past it"),
        ("9/4", "of 4 the last is 3; 9 is past it"),
    ],
)
def test_a_malformed_range_is_refused_with_what_would_pass(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({**GIVEN, "shards": text})
    (line,) = refused.value.lines
    assert line.startswith("SHARDS: ")
    assert words in line
    assert line.endswith("Example: SHARDS=0-3/16")


def test_an_empty_setting_is_what_discord_recommends() -> None:
    assert load_settings({**GIVEN, "shards": ""}).shard_range is None
    assert load_settings({**GIVEN, "shards": "5/8"}).shard_range == Shards(5, 5, 8)


async def test_sqlite_takes_no_part_of_the_shards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    given = {**GIVEN, "database_url": url, "data_dir": tmp_path, "shards": "0-1/4"}
    settings = GivenSettings(**given)
    with pytest.raises(SettingsError, match="SHARDS: 0-1/4 is a part, and SQLite serves one"):
        async with open_app(settings):
            pass


@given(st.integers(0, 2**63 - 1), st.integers(1, 64))
def test_each_server_is_heard_of_by_one_shard(guild_id: int, total: int) -> None:
    assert shard_of(guild_id, total) in range(total)
    assert shard_of(0, total) == 0


@given(st.sets(st.integers(0, 40)))
def test_ranges_hold_each_number_once(ids: set[int]) -> None:
    found = ranges(ids)
    assert [n for first, last in found for n in range(first, last + 1)] == sorted(ids)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(found))
