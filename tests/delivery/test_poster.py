"""The poster over real sockets: sent once, found again, refused in classes."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.delivery import poster as poster_module
from bot.delivery.poster import DiscordPoster
from bot.delivery.rendering import MessageRenderer
from bot.errors import (
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)
from bot.rules.violation import Violation
from bot.services.caller import Progress
from storage.records import MessageKind, OutboxMessage, Request, State
from tests.delivery.conftest import Scene
from tests.support.discord.http.server import EDIT, SEND
from tests.support.discord.records import MEMBER_PERMISSIONS, Permission
from tests.ui.making import ID, catalogue, post, request, texts

NOWHERE = Progress()


def asked(scene: Scene, state: State = State.QUEUED, **changes: Any) -> Request:
    values = {
        "guild_id": scene.guild.id,
        "channel_id": scene.channel.id,
        "user_id": scene.alice.id,
        "rendered_at_ms": request().created_at_ms + 5000,
    }
    return request(state, **{**values, **changes})


def messages(scene: Scene, kind: MessageKind = MessageKind.CARD, **changes: Any) -> OutboxMessage:
    values = {
        "guild_id": scene.guild.id,
        "channel_id": scene.channel.id,
        "user_id": scene.alice.id,
        "intent_at_ms": round(scene.discord.world.now() * 1000),
        "after_id": scene.before,
    }
    return post(kind, **{**values, **changes})


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(bytes(range(256)) * 500)
    return path


async def test_a_card_is_sent_once_with_its_button_and_pings_nobody(scene: Scene) -> None:
    card, wanted = messages(scene), asked(scene)
    first = await scene.poster.send(card, wanted, Progress(place="next"), None)
    again = await scene.poster.send(card, wanted, Progress(place="soon"), None)
    assert first == again
    (message,) = scene.discord.messages(scene.channel)
    assert first == (scene.channel.id, message.id)
    assert f"vb:cancel:{ID}" in str(message.components)
    assert not message.pinged
    assert not scene.discord.invalid_calls()


async def test_a_result_is_the_file_byte_for_byte_and_pings_its_member_alone(
    scene: Scene, film: Path
) -> None:
    bob = scene.discord.add_user("bob")
    wanted = asked(scene, State.RENDERED, prompt=f"hi <@{bob.id}> @everyone")
    await scene.poster.send(messages(scene, MessageKind.RESULT), wanted, NOWHERE, film)
    (message,) = scene.discord.messages(scene.channel)
    assert message.file(".mp4").filename == f"{ID}.mp4"
    assert message.file(".mp4").read() == film.read_bytes()
    assert message.pinged == {scene.alice.id}
    assert not message.pinged_everyone
    assert not scene.discord.invalid_calls()


async def test_a_direct_message_goes_to_the_member(scene: Scene, film: Path) -> None:
    where = await scene.poster.send(
        messages(scene, MessageKind.RESULT, channel_id=0),
        asked(scene, State.RENDERED),
        NOWHERE,
        film,
    )
    (message,) = scene.discord.messages()
    assert (message.channel_id, message.id) == where
    assert message.channel_id != scene.channel.id
    assert "can't be reached" in message.content


async def test_a_long_direct_message_loses_a_line_but_neither_its_text_nor_its_marker(
    scene: Scene,
) -> None:
    faults = [
        Violation(field=f"image{number}", rule="member-room", value="25 MB", allowed="3 MB")
        for number in range(30)
    ]
    note = json.dumps({"violations": [each.model_dump(mode="json") for each in faults]})
    refused = asked(
        scene,
        State.FAILED,
        failure="refused-media",
        failure_note=note,
        prompt="word " * 800,
    )
    renderer = MessageRenderer(texts, catalogue)
    # as long as it may be by itself
    for length in range(300, 0, -1):
        body = json.dumps({"state": "failed", "reason": "*" * length})
        notice = messages(scene, MessageKind.NOTICE, channel_id=0, body=body)
        alone = renderer.content(notice, refused, NOWHERE, with_file=False)
        if len(alone) > 1977 and ID in alone.splitlines()[-1]:
            break
    await scene.poster.send(notice, refused, NOWHERE, None)
    (message,) = scene.discord.messages()
    first, *lines = message.content.split("\n")
    assert "Home" in first
    assert len(alone) + len(first) >= 2000 >= len(message.content)
    # without the longest of its lines
    assert lines == [line for line in alone.split("\n") if line != max(alone.split("\n"), key=len)]
    assert ID in lines[-1]


async def test_a_log_line_needs_no_request(scene: Scene) -> None:
    body = '{"text": "alarm-provider-money", "params": {}}'
    line = messages(scene, MessageKind.DIRECT, channel_id=0, request_id="", body=body)
    await scene.poster.send(line, None, NOWHERE, None)
    assert await scene.poster.find(line) is not None


async def test_a_card_without_its_request_is_refused(scene: Scene) -> None:
    with pytest.raises(DeliveryRefused):
        await scene.poster.send(messages(scene), None, NOWHERE, None)


async def test_cards_speak_the_servers_language(scene: Scene) -> None:
    await scene.poster.send(messages(scene), asked(scene, guild_locale="zh-CN"), NOWHERE, None)
    (message,) = scene.discord.messages(scene.channel)
    assert "排队中" in message.content
    assert "取消" in str(message.components)


@pytest.mark.parametrize(
    "kind", [MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE, MessageKind.LOG]
)
async def test_each_kind_is_found_again_after_a_crash(
    scene: Scene, kind: MessageKind, film: Path
) -> None:
    body = '{"text": "log-uncertain", "params": {"id": "x", "user": "1"}}'
    message = messages(scene, kind, body=body if kind is MessageKind.LOG else "{}")
    state = {MessageKind.RESULT: State.RENDERED, MessageKind.NOTICE: State.FAILED}.get(
        kind, State.QUEUED
    )
    file = film if kind is MessageKind.RESULT else None
    where = await scene.poster.send(message, asked(scene, state), NOWHERE, file)
    others = [
        each for each in (MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE) if each != kind
    ]
    assert await scene.poster.find(message) == where
    for other in others:
        assert await scene.poster.find(replace(message, kind=other, body="{}")) is None


async def test_nothing_is_found_where_another_one_wrote_the_marker(scene: Scene) -> None:
    stranger = scene.discord.add_user("stranger")
    await scene.discord.say(scene.channel, stranger, f"-# `{ID}` · x\n-# `{ID}`")
    assert await scene.poster.find(messages(scene)) is None


async def test_an_older_message_with_the_marker_is_not_this_one(scene: Scene) -> None:
    card = messages(scene)
    await scene.poster.send(card, asked(scene), NOWHERE, None)
    later = replace(card, after_id=scene.discord.world.new_id())
    assert await scene.poster.find(later) is None


async def test_a_message_is_found_however_far_ahead_our_clock_is(scene: Scene) -> None:
    card = messages(scene)
    where = await scene.poster.send(card, asked(scene), NOWHERE, None)
    assert await scene.poster.find(replace(card, intent_at_ms=2**42)) == where


async def test_the_newest_id_of_a_place_is_discords(scene: Scene) -> None:
    assert await scene.poster.newest_id(messages(scene)) == 0
    await scene.discord.say(scene.channel, scene.alice, "1")
    said = await scene.discord.say(scene.channel, scene.alice, "2")
    assert await scene.poster.newest_id(messages(scene)) == said.id


async def test_an_empty_place_that_may_be_read_is_empty(scene: Scene) -> None:
    assert await scene.poster.find(messages(scene)) is None


async def test_an_empty_answer_without_the_right_to_history_proves_nothing(scene: Scene) -> None:
    card = messages(scene)
    await scene.poster.send(card, asked(scene), NOWHERE, None)
    scene.channel.bot_permissions = MEMBER_PERMISSIONS & ~Permission.READ_MESSAGE_HISTORY
    with pytest.raises(HistoryClosed):
        await scene.poster.find(card)


async def test_a_scan_that_would_never_end_is_given_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_module, "SCAN_LIMIT", 3)
    card = messages(scene)
    for number in range(4):
        await scene.discord.say(scene.channel, scene.alice, str(number))
    with pytest.raises(HistoryClosed):
        await scene.poster.find(card)


async def test_an_edit_shows_the_new_state_and_an_end_takes_the_button(scene: Scene) -> None:
    _, message_id = await scene.poster.send(messages(scene), asked(scene), NOWHERE, None)
    card = messages(scene, message_id=message_id, sent_channel_id=scene.channel.id)
    await scene.poster.edit(card, asked(scene, State.RUNNING, progress=40), NOWHERE)
    (message,) = scene.discord.messages(scene.channel)
    assert "40%" in message.content
    assert message.components
    await scene.poster.edit(card, asked(scene, State.CANCELLED), NOWHERE)
    assert "Cancelled" in message.content
    assert not message.components
    assert not scene.discord.invalid_calls()


async def test_deleting_twice_is_fine_and_editing_what_is_gone_is_told(scene: Scene) -> None:
    channel_id, message_id = await scene.poster.send(messages(scene), asked(scene), NOWHERE, None)
    await scene.poster.delete(channel_id, message_id)
    await scene.poster.delete(channel_id, message_id)
    card = messages(scene, message_id=message_id, sent_channel_id=channel_id)
    with pytest.raises(MessageGone):
        await scene.poster.edit(card, asked(scene), NOWHERE)


async def test_a_deleted_message_is_not_sent_again_within_the_nonces_time(scene: Scene) -> None:
    channel_id, message_id = await scene.poster.send(messages(scene), asked(scene), NOWHERE, None)
    await scene.poster.delete(channel_id, message_id)
    with pytest.raises(MessageGone):
        await scene.poster.send(messages(scene), asked(scene), NOWHERE, None)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 403, "code": 50013}, PlaceGone),
        ({"status": 413, "code": 40005}, FileTooLarge),
        ({"status": 400, "code": 50035}, DeliveryRefused),
        ({"status": 503}, DiscordUnavailable),
        ({"drop": True}, DiscordUnavailable),
        ({"drop": True, "after_effect": True}, DiscordUnavailable),
    ],
    ids=str,
)
async def test_a_failed_send_has_its_class(
    scene: Scene, film: Path, fault: dict[str, Any], expected: type[Exception]
) -> None:
    scene.discord.fail(SEND, times=1, **fault)
    result = messages(scene, MessageKind.RESULT)
    with pytest.raises(expected):
        await scene.poster.send(result, asked(scene, State.RENDERED), NOWHERE, film)
    if expected is DiscordUnavailable:
        await scene.poster.send(result, asked(scene, State.RENDERED), NOWHERE, film)
        assert len(scene.discord.messages(scene.channel)) == 1


async def test_a_channel_that_is_gone_is_told(scene: Scene) -> None:
    await scene.discord.delete_channel(scene.channel)
    with pytest.raises(PlaceGone):
        await scene.poster.send(messages(scene), asked(scene), NOWHERE, None)
    with pytest.raises(PlaceGone):
        await scene.poster.find(messages(scene))


async def test_closed_direct_messages_are_a_lost_place(scene: Scene) -> None:
    scene.alice.takes_messages = False
    with pytest.raises(PlaceGone):
        await scene.poster.send(messages(scene, channel_id=0), asked(scene), NOWHERE, None)


async def test_a_call_that_hangs_ends_by_itself(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()
    scene.discord.fail(EDIT, times=1, release=release, stall_s=30)
    monkeypatch.setattr(poster_module, "CALL_TIMEOUT_S", 0.2)
    with pytest.raises(DiscordUnavailable):
        await scene.poster.edit(
            messages(scene, message_id=99, sent_channel_id=scene.channel.id), asked(scene), NOWHERE
        )
    release.set()


async def test_before_the_log_in_everything_waits(scene: Scene) -> None:
    fresh = discord.Client(intents=discord.Intents(guilds=True))
    poster = DiscordPoster(fresh, texts, catalogue)
    with pytest.raises(DiscordUnavailable):
        await poster.send(messages(scene), asked(scene), NOWHERE, None)
    with pytest.raises(DiscordUnavailable):
        await poster.delete(scene.channel.id, 1)
