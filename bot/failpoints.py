"""Named moments in a request's life at which a test can let the process die as by `kill -9`.

`VIDEO_BOT_KILL_AT=<name>` or `<name>:<n>` ends this process, with SIGKILL and nothing else, when it
passes that moment for the n-th time. The variable is read once, at import; without it `point` is a
call that compares one value with None. Whoever may set a process's environment may end it anyway,
so this gives nobody anything.
"""

import os
import signal
from collections.abc import Callable
from typing import Final

VARIABLE: Final = "VIDEO_BOT_KILL_AT"

POINTS: Final = (
    "request.recorded",
    "inputs.fetched",
    "inputs.recorded",
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
"""Every moment, in the order of a request's life; kinds of messages as `MessageKind` names them."""


def _armed(chosen: str) -> Callable[[str], None] | None:
    """What to call at each point; None, and so nothing at all, where none is chosen."""
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


_strike: Callable[[str], None] | None = _armed(os.environ.get(VARIABLE, ""))


def point(name: str) -> None:
    """Pass a named moment; a call without effect unless a test has chosen it."""
    if _strike is not None:
        _strike(name)


def point_of_message(kind: str, moment: str) -> None:
    """Pass a moment of a message of this kind."""
    if _strike is not None:
        _strike(f"{kind}.{moment}")
