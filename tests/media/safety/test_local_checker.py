"""A classifier on this machine: a package with NudeNet's name and interface, in a real process."""

from pathlib import Path

import pytest

from bot.media.process import MediaProcess
from bot.media.safety.checker import CheckCall, Item, Label, NoAnswer
from bot.media.safety.local_checker import LocalChecker
from bot.safety_setting import read_safety_check
from bot.setting_examples import EXAMPLES
from tests.support.bot_env import picture

STAND_IN = """
import os
from PIL import Image

class NudeDetector:
    def detect(self, path):
        with Image.open(path) as shown:
            red, green, blue = shown.convert("RGB").resize((1, 1)).getpixel((0, 0))
        if blue > 200:
            os._exit(3)
        found = [{"class": "FACE_MALE", "score": 0.99, "box": [0, 0, 1, 1]}]
        if red > 200:
            found.append({"class": "BUTTOCKS_EXPOSED", "score": 0.75, "box": [0, 0, 1, 1]})
        return found
"""


def _item(folder: Path, colour: str) -> Item:
    path = folder / f"{colour}.jpg"
    path.write_bytes(picture(colour=colour, form="JPEG"))
    return Item(colour, path)


async def test_nudity_is_a_label_and_a_crash_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "nudenet.py").write_text(STAND_IN)
    (packages / "onnxruntime.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(packages))
    monkeypatch.syspath_prepend(str(packages))
    assert read_safety_check(" NudeNet ") == "nudenet"
    media = MediaProcess()
    try:
        checker = LocalChecker(media, "nudenet")
        red, grey, blue = (_item(tmp_path, colour) for colour in ("red", "grey", "blue"))
        answer = await checker.check(CheckCall("r", "", [red, grey]))
        assert answer.is_whole
        assert answer.labels == {"red": [Label("exposed buttocks", 0.75)], "grey": []}
        with pytest.raises(NoAnswer):
            await checker.check(CheckCall("r", "", [blue]))
        assert (await checker.check(CheckCall("r", "", [grey]))).is_whole
    finally:
        await media.close()


async def test_a_classifier_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    media = MediaProcess()
    try:
        with pytest.raises(NoAnswer):
            await LocalChecker(media, "nobody").check(CheckCall("r", "", [_item(tmp_path, "grey")]))
    finally:
        await media.close()


@pytest.mark.parametrize(
    "good",
    [
        EXAMPLES["SAFETY_CHECK"],
        "http://127.0.0.1:8000/check",
        "http://10.1.2.3/check",
        "http://classifier:8000/check",
        "http://box.lan/",
    ],
)
def test_addresses_that_are_taken(good: str) -> None:
    assert read_safety_check(good) == good


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("http://classifier.example/check", "takes https://"),
        ("http://8.8.8.8/", "takes https://"),
        ("https://user:word@classifier.example/", "without user"),
        ("ftp://classifier.example/", "takes nudenet"),
        ("yes", "takes nudenet"),
        ("https://", "takes nudenet"),
    ],
)
def test_addresses_that_are_refused(bad: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_safety_check(bad)
