"""When to ask the provider next: few polls, 5–15 s apart, and yet hardly late.

The provider wants that distance, so a poll just before the video is ready costs five seconds more.
Of the possible next moments the one is taken that makes us least late on average, over all the
moments at which the video may be ready; of equals the latest, which saves polls.
"""

from collections.abc import Sequence
from typing import Final

from bot.services.requests.eta import from_progress

SHORTEST_MS: Final = 5_000
LONGEST_MS: Final = 15_000
SLOW_MS: Final = 60_000
SLOW_AFTER_MS: Final = 30 * 60_000
"""After half an hour a task is no longer expected soon: ask once a minute."""
MARGIN_MS: Final = 250
"""The provider says `completed` a little after it is: asking on the dot asks too early."""
EARLIEST_FIRST_MS: Final = 2_000
"""The first question may come sooner after the submission, where like videos were so quick."""
STEPS_MS: Final = (5_000, 7_500, 10_000, 12_500, 15_000)

BACKOFF_MS: Final = (5_000, 10_000, 20_000, 60_000)


def next_poll_ms(
    samples_ms: Sequence[int],
    submitted_at_ms: int,
    now_ms: int,
    seen: Sequence[tuple[int, int]] = (),
    *,
    is_first: bool = False,
) -> int:
    """How many milliseconds from now to ask (again).

    `samples_ms` is how long finished tasks like this one took, `seen` when which percentage was
    seen. A forecast from the task's own progress goes before the others' history.
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
    shortest_ms = EARLIEST_FIRST_MS if is_first else SHORTEST_MS
    moments = {*STEPS_MS, *(moment + MARGIN_MS for moment in away)}
    possible = {min(max(moment, shortest_ms), LONGEST_MS) for moment in moments}
    return min(possible, key=lambda wait_ms: (_lateness_ms(wait_ms, away), -wait_ms))


def _lateness_ms(wait_ms: int, away: Sequence[int]) -> float:
    """How late we are on average with this wait, if the video is ready at one of these moments.

    Ready before: the rest of the wait. Ready within the five seconds after: until the next poll.
    Ready later: the next poll can still be put where it should be.
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
