"""Estimates when a running task finishes, from finished tasks like it and its own progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

STUCK_FROM: Final = 95
"""Tasks are known to sit at 95 % for long: from there on, progress predicts nothing."""


@dataclass(frozen=True, slots=True)
class Eta:
    """`ready_at_ms` is the likeliest moment, `latest_at_ms` the one 90 % keep; 0 is unknown."""

    ready_at_ms: int = 0
    latest_at_ms: int = 0


def eta(
    samples_ms: Sequence[int],
    submitted_at_ms: int,
    now_ms: int,
    seen: Sequence[tuple[int, int]] = (),
) -> Eta:
    """Predict from `samples_ms` (how long finished ones took) and `seen` (at_ms, percent).

    Progress is believed over history once two sightings give its speed, or one above 10 %.
    """
    by_history = _from_history(samples_ms, submitted_at_ms, now_ms)
    ready_at_ms = from_progress(seen, submitted_at_ms)
    if not ready_at_ms:
        return by_history
    return Eta(ready_at_ms, max(ready_at_ms, by_history.latest_at_ms))


def _from_history(samples_ms: Sequence[int], submitted_at_ms: int, now_ms: int) -> Eta:
    # Only those that took longer than this one has already taken can say how long it will take.
    elapsed_ms = now_ms - submitted_at_ms
    longer = sorted(sample for sample in samples_ms if sample > elapsed_ms)
    if not longer:
        return Eta()
    return Eta(
        submitted_at_ms + longer[len(longer) // 2],
        submitted_at_ms + longer[min(len(longer) - 1, len(longer) * 9 // 10)],
    )


def from_progress(seen: Sequence[tuple[int, int]], submitted_at_ms: int) -> int:
    """The moment at which progress, going on as it did, is complete; 0 where it says nothing."""
    if not seen or not 0 < seen[-1][1] < STUCK_FROM:
        return 0
    at_ms, percent = seen[-1]
    for earlier_ms, earlier_percent in seen:
        if 0 < earlier_percent < percent and at_ms > earlier_ms:
            speed = (percent - earlier_percent) / (at_ms - earlier_ms)
            return at_ms + round((100 - percent) / speed)
    if percent >= 10 and at_ms > submitted_at_ms:
        return submitted_at_ms + round((at_ms - submitted_at_ms) * 100 / percent)
    return 0
