"""What everybody reads: cards, posted videos, news of an end, log lines."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.violation import Violation
from bot.services.caller import Progress
from bot.ui import messages
from bot.ui.markers import carries_marker
from bot.ui.texts import Localised
from storage.records import ENDS, MessageKind, OutboxMessage, State
from tests.ui.making import ID, NOW_MS, catalogue, chinese, english, post, request

BOTH = pytest.mark.parametrize("t", [english, chinese], ids=["en-US", "zh-CN"])
FULL = Progress("soon", 3, NOW_MS + 60_000, NOW_MS + 90_000, "slow")
ENDED = (*sorted(ENDS), State.UNCERTAIN)


def in_channel(channel_id: int, **body: Any) -> OutboxMessage:
    return post(MessageKind.RESULT, channel_id=channel_id, body=json.dumps(body))


def card(state: State, t: Localised = english, standing: Progress = FULL, **changes: Any) -> str:
    values: dict[str, Any] = {"progress": 45, "submitted_at_ms": NOW_MS, "ended_at_ms": NOW_MS}
    return messages.card(request(state, **{**values, **changes}), standing, catalogue, t)


@BOTH
@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_card_with_its_id(state: State, t: Localised) -> None:
    text = card(state, t)
    assert f"-# `{ID}` · `seedance2.0-fast-i2v` · 5" in text
    assert "16:9 · 720p" in text
    # what waits for a moderator, or has ended, does not repeat its prompt in public
    shows_prompt = state not in (State.HELD, *ENDS)
    assert ("> a red fox" in text) is shows_prompt
    assert "> a red fox" not in card(State.UNCERTAIN, t, parked_from=State.HELD)
    assert "<@7>" in text


@BOTH
@pytest.mark.parametrize("state", ENDED)
def test_an_ended_card_shows_no_busy_word_no_percentage_and_no_estimate(
    state: State, t: Localised
) -> None:
    text = card(state, t)
    assert "45" not in text
    assert t("hindrance-slow") not in text
    assert t("card-cancel-note") not in text
    assert f"<t:{FULL.ready_at_ms // 1000}:R>" not in text
    assert not messages.can_cancel(request(state))


def test_a_running_card_shows_percentage_start_and_estimate() -> None:
    text = card(State.RUNNING, standing=Progress(ready_at_ms=NOW_MS + 60_000))
    assert "45%" in text
    assert f"Started <t:{NOW_MS // 1000}:R>" in text
    assert f"Expected <t:{NOW_MS // 1000 + 60}:R>" in text
    assert "discarded and still counts" in text


def test_without_progress_a_card_shows_no_percentage() -> None:
    assert "%" not in card(State.RUNNING, progress=0)


@pytest.mark.parametrize(
    ("place", "word"), [("next", "Next"), ("soon", "Soon"), ("later", "Later")]
)
def test_a_queued_card_says_next_soon_or_later(place: str, word: str) -> None:
    assert word in card(State.QUEUED, standing=Progress(place=place))


@pytest.mark.parametrize(
    "hindrance", ["paused", "provider-down", "provider-key", "provider-money", "slow", "brand-new"]
)
@BOTH
def test_a_card_says_why_a_request_makes_no_progress(hindrance: str, t: Localised) -> None:
    plain = card(State.QUEUED, t, Progress(place="next"))
    assert len(card(State.QUEUED, t, Progress(place="next", hindrance=hindrance))) > len(plain)


@given(st.text(min_size=1, max_size=400), st.sampled_from(list(State)))
def test_a_prompt_cannot_forge_a_card(prompt: str, state: State) -> None:
    plain = card(state).split("\n")
    lines = card(state, prompt=prompt).split("\n")
    assert len(lines) == len(plain)
    assert [line for line in lines if not line.startswith(">")] == [
        line for line in plain if not line.startswith(">")
    ]


@BOTH
def test_a_result_mentions_its_member_and_says_it_is_made_by_ai(t: Localised) -> None:
    # made in 1 min 23 s, after an hour in the queue
    done = request(State.RENDERED, rendered_at_ms=NOW_MS + 3_683_000, took_ms=83_000)
    text = messages.result(done, in_channel(5), catalogue, t)
    assert text.startswith("<@7>")
    assert "> a red fox" in text
    assert "`seedance2.0-fast-i2v`" in text
    assert "16:9" in text
    assert re.search(r"1 (min|分) ?23 (s|秒)", text)
    assert "AI" in text.split("\n")[-1]
    assert text.split("\n")[-1].startswith("-# ")


def test_a_result_elsewhere_says_why() -> None:
    done = request(State.RENDERED, rendered_at_ms=NOW_MS)
    assert "can't be reached" in messages.result(done, in_channel(0), catalogue, english)


def test_a_result_that_is_too_large_carries_a_link() -> None:
    done = request(State.RENDERED, rendered_at_ms=NOW_MS)
    text = messages.result(done, in_channel(5), catalogue, english, link="https://x.example/v?s=1")
    assert "](<https://x.example/v?s=1>)" in text


@BOTH
@pytest.mark.parametrize("back", [True, False])
@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED, State.CANCELLED])
def test_a_notice_says_what_happened_and_what_it_counts(
    state: State, back: bool, t: Localised
) -> None:
    text = messages.notice(
        request(state, failure="content_person"), {"state": state, "count_came_back": back}, t
    )
    assert text.startswith("<@7>")
    assert t("quota-back" if back else "quota-kept") in text
    assert text.endswith(f"-# `{ID}`")
    assert (t("failure-content-person") in text) is (state is State.FAILED)


@BOTH
def test_an_uncertain_notice_uses_that_word_and_promises_nothing(t: Localised) -> None:
    text = messages.notice(
        request(State.UNCERTAIN), {"state": "uncertain", "count_came_back": False}, t
    )
    assert ("uncertain" if t is english else "不确定") in text
    assert t("quota-kept") not in text


def test_a_notice_reports_the_state_it_was_enqueued_for() -> None:
    text = messages.notice(request(State.FAILED), {"state": "uncertain"}, english)
    assert "uncertain" in text


def test_every_violation_of_refused_media_is_listed() -> None:
    fault = Violation(
        field="image1", rule="wrong-kind", value="", allowed="image", params={"name": "cat.png"}
    )
    note = json.dumps({"violations": [fault.model_dump(mode="json")]})
    text = messages.notice(
        request(State.FAILED, failure="refused-media", failure_note=note),
        {"state": "failed", "count_came_back": True},
        english,
    )
    assert "`image1` (`cat.png`): this has to be a picture, but I can't read it as one" in text


@pytest.mark.parametrize("note", ["", "[]", "nonsense", '{"violations": [1]}', '{"violations": 3}'])
def test_a_notice_survives_an_unreadable_failure_note(note: str) -> None:
    failed = request(State.FAILED, failure="never-heard-of", failure_note=note)
    text = messages.notice(failed, {"state": "failed"}, english)
    assert "gave no clear reason" in text


def test_a_moderators_reason_is_escaped() -> None:
    text = messages.notice(
        request(State.REJECTED), {"state": "rejected", "reason": "no\n# @everyone"}, english
    )
    assert "@everyone" not in text
    assert "\n#" not in text


@BOTH
@pytest.mark.parametrize(
    "key", ["log-uncertain", "log-undeliverable", "log-unverified", "alarm-provider-down"]
)
def test_log_lines_and_alerts_are_formatted(key: str, t: Localised) -> None:
    params = {"id": ID, "user": "7", "channel": "5"} if key.startswith("log") else {}
    text = messages.line({"text": key, "params": params}, t)
    assert ("<@7>" in text) is key.startswith("log")
    assert ("<#5>" in text) is (key in ("log-undeliverable", "log-unverified"))


def test_an_unreadable_body_is_empty() -> None:
    assert messages.body_of(post(body="{")) == {}
    assert messages.body_of(post(body="[1]")) == {}


def everything() -> dict[MessageKind, list[str]]:
    done = request(State.RENDERED, rendered_at_ms=NOW_MS)
    return {
        MessageKind.CARD: [card(state) for state in State],
        MessageKind.RESULT: [
            messages.result(done, in_channel(5), catalogue, english, link="https://x.example/v")
        ],
        MessageKind.NOTICE: [
            messages.notice(request(state), {"state": state}, english)
            for state in (*(ENDS - {State.POSTED}), State.UNCERTAIN)
        ],
    }


@pytest.mark.parametrize("kind", [MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE])
def test_each_kind_is_found_by_its_marker_and_by_no_others(kind: MessageKind) -> None:
    for other, contents in everything().items():
        for content in contents:
            found = carries_marker(kind, ID, content=content, file_names=(), custom_ids=())
            assert found is (other is kind), (kind, content)
            assert not carries_marker(
                kind, "zzz9zzzzzz", content=content, file_names=(), custom_ids=()
            )


def test_a_result_is_found_by_its_file_and_a_card_by_its_button() -> None:
    assert carries_marker(
        MessageKind.RESULT, ID, content="", file_names=(f"SPOILER_{ID}.mp4",), custom_ids=()
    )
    assert carries_marker(
        MessageKind.CARD, ID, content="", file_names=(), custom_ids=(f"vb:cancel:{ID}",)
    )


@BOTH
def test_everything_fits_a_message_with_the_longest_prompt(t: Localised) -> None:
    long = "*" * 5000
    faults = [
        Violation(field="links", rule="link-malformed", value="x" * 100, allowed="")
        for _ in "1" * 40
    ]
    note = json.dumps({"violations": [fault.model_dump(mode="json") for fault in faults]})
    failed = request(State.FAILED, long, failure="refused-media", failure_note=note)
    text = messages.notice(failed, {"state": "failed", "count_came_back": True}, t)
    assert len(text) <= 2000
    assert text.endswith(f"-# `{ID}`")
    for state in State:
        assert len(card(state, t, prompt=long)) <= 2000
        assert re.search(rf"^-# `{ID}` · ", card(state, t, prompt=long), re.MULTILINE)
