"""Failpoints: every one is passed somewhere, and none does anything unless armed."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import failpoints

ROOT = Path(__file__).resolve().parents[1]


def test_every_failpoint_is_passed_and_every_passed_one_is_known() -> None:
    passed = set()
    kinds = ("card", "result", "notice", "log")
    for path in (ROOT / "bot").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for call in re.findall(r"\bpoint\(([^()]*)\)", text):
            passed |= set(re.findall(r'"([a-z]+\.[a-z-]+)"', call))
        for moment in re.findall(r'point_of_message\([a-z._]+, "([a-z]+)"\)', text):
            passed |= {f"{kind}.{moment}" for kind in kinds}
    assert passed == set(failpoints.POINTS)


def test_without_the_variable_no_failpoint_acts() -> None:
    assert failpoints._trigger is None
    for name in failpoints.POINTS:
        failpoints.point(name)


@pytest.mark.parametrize("chosen", ["", "nonsense", "card.sent.twice", ":", "slot.given;rm"])
def test_an_unknown_failpoint_arms_nothing(chosen: str) -> None:
    assert failpoints._armed(chosen) is None


def test_the_armed_failpoint_kills_the_process_at_the_nth_pass() -> None:
    code = (
        "from bot.failpoints import point\n"
        "point('slot.given'); point('card.sent'); print('once', flush=True)\n"
        "point('slot.given'); print('twice', flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={failpoints.VARIABLE: "slot.given:2", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "once\n"
