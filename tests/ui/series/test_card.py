"""What a series' card shows in the channel: never words that a moderator has not passed."""

import pytest

from bot.services.caller import Progress
from bot.services.series.standing import series_view
from bot.ui.series.card import series_card
from bot.ui.texts import Localised
from storage.records import State
from tests.ui.making import NOW_MS, catalogue, chinese, english, request

SECRET = "what nobody has passed"


def card(state: State, t: Localised, failure: str = "", parked_from: str = "") -> str:
    """The card of a series whose second shot is in this state."""
    whole = request(State.RUNNING, "a fox wakes\nthe fox runs", shots=2)
    made = request(State.RENDERED, "a fox wakes", id="shot2first", series_of=whole.id, shot=1)
    second = request(
        state,
        SECRET,
        id="shot3again",
        series_of=whole.id,
        shot=2,
        acked_at_ms=NOW_MS,
        ended_at_ms=NOW_MS,
        failure=failure,
        parked_from=parked_from,
    )
    view = series_view(whole, [made, second])
    text, _ = series_card(whole, view, Progress(series=view), catalogue, t)
    return text


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
@pytest.mark.parametrize("state", [State.HELD, State.REJECTED])
def test_a_shot_that_no_moderator_has_passed_keeps_its_words(state: State, t: Localised) -> None:
    text = card(state, t)
    assert SECRET not in text
    assert "a fox wakes" in text
    assert SECRET not in card(State.UNCERTAIN, t, parked_from="held")
    assert SECRET in card(State.UNCERTAIN, t, parked_from="queued")


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
def test_a_held_shot_is_said_to_wait_for_a_moderator(t: Localised) -> None:
    assert t("state-held") in card(State.HELD, t) or "moderator" in card(State.HELD, t)
    assert SECRET in card(State.RUNNING, t)


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
def test_a_rejected_shot_says_why(t: Localised) -> None:
    text = card(State.REJECTED, t, "rules")
    assert t("reason-rules") in text
    assert t("failure-unknown") not in text
    assert t("shot-rejected-late") in card(State.REJECTED, t, "timeout")
