"""Failpoints: named places in the code where a test can kill the process as by `kill -9`.

`VIDEO_BOT_KILL_AT=<name>` or `<name>:<n>` sends SIGKILL to this process when it passes that
failpoint for the n-th time. The variable is read once, at import; without it `point` only compares
a value with None. It grants no new power: whoever sets a process's environment can kill it anyway.
"""

import os
import signal
from collections.abc import Callable
from typing import Final

VARIABLE: Final = "VIDEO_BOT_KILL_AT"

POINTS: Final = (
    "request.recorded",
    "series.advanced",
    "inputs.fetched",
    "inputs.recorded",
    "assets.submitted",
    "assets.recorded",
    "assets.checked",
    "slot.given",
    "inputs.put-up",
    "submit.intended",
    "submit.answered",
    "submit.recorded",
    "uncertain.recorded",
    "failure.recorded",
    "task.asked",
    "result.downloaded",
    "result.recorded",
    "film.made",
    "film.recorded",
    *(
        f"{kind}.{moment}"
        for kind in ("card", "result", "notice", "log")
        for moment in ("claimed", "intended", "sent", "recorded")
    ),
    "card.edited",
    "card.edit-recorded",
    "card.deleted",
    "card.delete-recorded",
)
"""Every failpoint, in the order of a request's life; message kinds are those of `MessageKind`."""


def _armed(chosen: str) -> Callable[[str], None] | None:
    """The function to call at each failpoint; None when none is armed."""
    name, _, times = chosen.partition(":")
    if name not in POINTS:
        return None
    left = int(times) if times.isdecimal() else 1

    def trigger(passed: str) -> None:
        nonlocal left
        if passed == name:
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return trigger


_trigger: Callable[[str], None] | None = _armed(os.environ.get(VARIABLE, ""))


def point(name: str) -> None:
    """Pass a failpoint; does nothing unless a test has armed it."""
    if _trigger is not None:
        _trigger(name)


def point_of_message(kind: str, moment: str) -> None:
    """Pass a failpoint of a message of this kind."""
    if _trigger is not None:
        _trigger(f"{kind}.{moment}")
