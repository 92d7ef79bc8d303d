"""What an answer means: flagged at the threshold, and never clear where something is missing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.safety.checker import CheckAnswer, Label
from bot.worker.safety_check.verdict import frames_of, hundredths, judged
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import Outcome, SafetyCheck, SafetyFinding

ASKED = SafetyCheck("r", Stage.PROMPT, 10, "nudenet", "digest", Outcome.CLEAR, 1)
PLACES = {"image1": (0, -1), "video2@1.5": (1, 1500), "frame@2": (-1, 2000)}


def judge(answer: CheckAnswer, threshold: int = 60) -> SafetyCheck:
    return judged(ASKED, answer, PLACES, threshold=threshold)


@given(st.integers(0, 100), st.integers(0, 100))
def test_flagged_is_a_score_of_the_threshold_or_more(score: int, threshold: int) -> None:
    check = judge(CheckAnswer({"image1": [Label("explicit", score / 100)]}), threshold)
    assert (check.outcome is Outcome.FLAGGED) == (score >= threshold)
    assert check.top_score == hundredths(score / 100) == score


def test_findings_are_the_surest_first_with_their_place() -> None:
    check = judge(
        CheckAnswer(
            {
                "image1": [Label("gore", 0.61), Label("hat", 0.59)],
                "video2@1.5": [Label("explicit", 0.999)],
                "nobody": [Label("lie", 1)],
            }
        )
    )
    assert check.flagged == (
        SafetyFinding("explicit", 99, 1, 1500),
        SafetyFinding("gore", 61, 0),
    )
    assert len(json.loads(check.findings)) == 2


@pytest.mark.parametrize(
    ("score", "is_whole", "outcome"),
    [
        (0.9, True, Outcome.FLAGGED),
        (0.9, False, Outcome.FLAGGED),
        (0.1, True, Outcome.CLEAR),
        (0.1, False, Outcome.UNANSWERED),
    ],
)
def test_a_part_that_is_missing_is_never_clear(
    score: float, is_whole: bool, outcome: Outcome
) -> None:
    answer = CheckAnswer({"frame@2": [Label("explicit", score)]}, is_whole=is_whole)
    assert judge(answer).outcome is outcome


def test_a_moment_for_each_second_is_looked_at() -> None:
    assert [frames_of(seconds, most=16) for seconds in (0, 3, 4.2, 10, 60)] == [4, 4, 5, 10, 16]
