"""What a series' member reads in the messages that tell of a stop."""

from typing import Any

import pytest

from bot.ui.markers import carries_marker, series_mark
from bot.ui.series.notices import series_notice
from bot.ui.texts import Localised
from storage.records import MessageKind, State
from tests.ui.making import ID, NOW_MS, chinese, english, request

CARD = "https://discord.com/channels/1/5/99"


def read(t: Localised, state: str, *, in_private: bool = False, **body: Any) -> str:
    whole = request(State.RUNNING, "a secret fox\nanother", shots=3)
    told = {
        "shot": 2,
        "count": 3,
        "can_retry": True,
        "can_finish": True,
        "until_ms": NOW_MS,
        "card": CARD,
    }
    return series_notice(whole, {"state": state, **told, **body}, t, in_private=in_private)


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
def test_a_stop_says_why_what_to_do_and_where(t: Localised) -> None:
    text = read(t, "series-stopped", failure="content")
    assert "<@7>" in text
    assert t("failure-content") in text
    assert t("series-next-retry") in text
    assert t("series-next-finish") in text
    assert t("series-until", ms=NOW_MS) in text
    assert CARD in text
    assert "fox" not in text


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
def test_an_uncertain_shot_offers_no_retry(t: Localised) -> None:
    text = read(t, "series-uncertain", can_retry=False, can_finish=False)
    assert ("uncertain" if t is english else "不确定") in text
    assert t("series-next-uncertain") in text
    assert t("series-next-retry") not in text
    assert t("series-until-nothing", ms=NOW_MS) in text


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
def test_a_moderators_note_is_for_the_member_alone(t: Localised) -> None:
    told: dict[str, Any] = {"failure": "rules", "failure_note": '{"note": "no wolves"}'}
    assert "no wolves" in read(t, "series-rejected", in_private=True, **told)
    public = read(t, "series-rejected", **told)
    assert "no wolves" not in public
    assert t("reason-rules") in public


@pytest.mark.parametrize("t", [english, chinese], ids=["en", "zh"])
def test_a_late_end_says_of_how_many_shots_the_film_is(t: Localised) -> None:
    assert t("notice-series-late", user="<@7>", count=2) in read(t, "series-late", made=2)


def test_notices_of_one_series_are_never_taken_for_each_other_nor_for_another_message() -> None:
    states = ("series-stopped", "series-rejected", "series-uncertain", "series-late")
    texts = [read(english, state, shot=shot, made=1) for state in states for shot in (1, 2)]
    marks = [
        series_mark(ID, {"state": state, "shot": shot, "count": 3})
        for state in states
        for shot in (1, 2)
    ]
    for number, text in enumerate(texts):
        found = [mark in text.split("\n") for mark in marks]
        assert found == [each == number for each in range(len(marks))]
        for kind in (MessageKind.NOTICE, MessageKind.CARD, MessageKind.RESULT, MessageKind.FILM):
            assert not carries_marker(kind, ID, content=text, file_names=(), custom_ids=())
