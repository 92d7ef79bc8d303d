"""A member's data as a file that Discord takes."""

import io
import json
import random
import zipfile
from typing import Any

import pytest

from bot.services.privacy.export_file import ExportFile, export_file

NOW_MS = 1_790_000_000_000


def document(requests: int, *, is_random: bool = False) -> dict[str, Any]:
    draw = random.Random(7)
    prompts = [draw.randbytes(200).hex() if is_random else "a fox " * 60 for _ in range(requests)]
    made = [{"id": number, "prompt": prompt} for number, prompt in enumerate(prompts)]
    return {"member": "1", "requests": made, "blocks": []}


def content(made: ExportFile) -> Any:
    if made.name == "my-data.json":
        return json.loads(made.data)
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        assert archive.namelist() == ["my-data.json"]
        return json.loads(archive.read("my-data.json"))


def test_what_fits_is_plain_json() -> None:
    made = export_file(document(3), 0, NOW_MS)
    assert (made.name, made.left_out) == ("my-data.json", 0)
    assert content(made) == document(3)


def test_what_is_larger_is_zipped_and_whole() -> None:
    made = export_file(document(100), 5000, NOW_MS)
    assert (made.name, made.left_out) == ("my-data.zip", 0)
    assert len(made.data) <= 5000
    assert content(made) == document(100)


@pytest.mark.parametrize("limit_bytes", [1200, 5000, 15_000])
def test_what_is_larger_still_is_the_newest_part(limit_bytes: int) -> None:
    whole = document(100, is_random=True)
    made = export_file(whole, limit_bytes, NOW_MS)
    assert 0 < made.left_out < 100
    assert len(made.data) <= limit_bytes
    assert content(made) == {**whole, "requests": whole["requests"][made.left_out :]}
    # not much less than would fit
    assert len(made.data) > limit_bytes / 2
