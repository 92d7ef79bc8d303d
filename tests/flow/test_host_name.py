"""A data directory has one name, whoever starts on it first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.building.workshop import host_of


def test_processes_that_start_on_one_empty_folder_take_one_name(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        with ThreadPoolExecutor(8) as pool:
            names = set(pool.map(host_of, [folder] * 8))
        assert len(names) == 1
        assert names != {""}
        assert [path.name for path in folder.iterdir()] == ["host-id"]


def test_an_empty_name_left_by_a_crash_is_made_anew_and_then_stays(tmp_path: Path) -> None:
    (tmp_path / "host-id").touch()
    name = host_of(tmp_path)
    assert name
    assert host_of(tmp_path) == name
