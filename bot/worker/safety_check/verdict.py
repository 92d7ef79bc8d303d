"""How much is looked at, and what an answer of the safety check means. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from bot.media.safety.checker import CheckAnswer
from storage.moderation.safety_checks import Outcome, SafetyCheck, SafetyFinding

MOST_FRAMES: Final = 16
"""Of a result."""
MOST_OF_REFERENCE: Final = 8
"""Frames of a clip that a member gave."""
FINDINGS_KEPT: Final = 10

Places = Mapping[str, tuple[int, int]]
"""Position and `at_ms` of each item."""


def frames_of(seconds: float, *, most: int) -> int:
    """How many moments of a clip are looked at: one for each second, between 4 and `most`."""
    return min(most, max(4, math.ceil(seconds)))


def judged(
    check: SafetyCheck, answer: CheckAnswer, places: Places, *, threshold: int
) -> SafetyCheck:
    """The check with what came of it.

    Flagged is a score of so many hundredths or more, even where the rest of the answer is missing;
    without anything flagged a part that is missing makes it unanswered.
    """
    seen = sorted(
        (
            SafetyFinding(label.name, hundredths(label.score), *places[item_id])
            for item_id, labels in answer.labels.items()
            if item_id in places
            for label in labels
        ),
        key=lambda finding: -finding.score,
    )
    flagged = [finding for finding in seen if finding.score >= threshold]
    outcome = Outcome.CLEAR if answer.is_whole else Outcome.UNANSWERED
    return SafetyCheck(
        request_id=check.request_id,
        stage=check.stage,
        guild_id=check.guild_id,
        checker=check.checker,
        digest=check.digest,
        outcome=Outcome.FLAGGED if flagged else outcome,
        checked_at_ms=check.checked_at_ms,
        top_score=seen[0].score if seen else 0,
        findings=json.dumps([asdict(each) for each in flagged[:FINDINGS_KEPT]], ensure_ascii=False),
    )


def hundredths(score: float) -> int:
    """A score from 0 to 1 in whole hundredths, rounded down: 0.57 is 57, whatever binary makes."""
    return math.floor(round(score * 100, 6))
