"""Schedules polls from predicted completion times: 5–15 s apart, with the least expected delay.

The provider asks for that interval, so a poll just before the video is ready costs five more
seconds. Of the candidate times the one with the least expected delay over all predicted completion
times is chosen; of equals the latest, which saves polls.
"""

from collections.abc import Sequence
from typing import Final

from bot.services.requests.eta import from_progress

SHORTEST_MS: Final = 5_000
LONGEST_MS: Final = 15_000
SLOW_MS: Final = 60_000
SLOW_AFTER_MS: Final = 30 * 60_000
"""After half an hour poll once a minute: the task is no longer expected soon."""
MARGIN_MS: Final = 250
"""The provider reports `completed` a little late: a poll on the predicted moment is too early."""
STEPS_MS: Final = (5_000, 7_500, 10_000, 12_500, 15_000)

BACKOFF_MS: Final = (5_000, 10_000, 20_000, 60_000)


def next_poll_ms(
    samples_ms: Sequence[int],
    submitted_at_ms: int,
    now_ms: int,
    seen: Sequence[tuple[int, int]] = (),
) -> int:
    """Milliseconds until the next poll.

    `samples_ms` are the durations of similar finished tasks, `seen` pairs of when a percentage was
    seen. A forecast from the task's own progress takes precedence over the samples.
    """
    elapsed_ms = now_ms - submitted_at_ms
    if elapsed_ms >= SLOW_AFTER_MS:
        return SLOW_MS
    ready_ms = from_progress(seen, submitted_at_ms)
    if ready_ms:
        away = [max(0, ready_ms - now_ms)]
    else:
        away = [sample - elapsed_ms for sample in samples_ms if sample > elapsed_ms]
    if not away:
        return SHORTEST_MS
    moments = {*STEPS_MS, *(moment + MARGIN_MS for moment in away)}
    possible = {min(max(moment, SHORTEST_MS), LONGEST_MS) for moment in moments}
    return min(possible, key=lambda wait_ms: (_expected_delay_ms(wait_ms, away), -wait_ms))


def _expected_delay_ms(wait_ms: int, away: Sequence[int]) -> float:
    """The expected delay of this wait, if the video is ready at one of these moments.

    Ready before it: the rest of the wait. Ready within five seconds after it: until the next poll.
    Ready later: none, since the next poll can still be scheduled accordingly.
    """
    late = 0
    for moment in away:
        ready = moment + MARGIN_MS
        if ready <= wait_ms:
            late += wait_ms - ready
        elif ready < wait_ms + SHORTEST_MS:
            late += wait_ms + SHORTEST_MS - ready
    return late / len(away)


def backoff_ms(attempt: int) -> int:
    """How long to wait after the n-th failure in a row (from 1): 5, 10, 20, then 60 s."""
    return BACKOFF_MS[min(max(attempt, 1), len(BACKOFF_MS)) - 1]
