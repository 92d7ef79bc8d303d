"""Start, registration, stop, buttons after a restart, and what must not end the bot."""

import asyncio
import logging
from typing import Any

import pytest

from bot.client import DiscordRefused, VideoBot
from bot.delivery.poster import DiscordPoster
from bot.services import crowd
from bot.services.caller import Progress
from bot.services.requests.service import RequestService
from storage.records import State
from tests.cogs.conftest import Scene
from tests.support.discord.http.server import CALLBACK, SEND
from tests.support.discord.interactions import DEFER, Interaction
from tests.support.discord.records import Message
from tests.support.locked_database import locked

PUT_COMMANDS = "PUT /applications/{application_id}/commands"
LOG_IN = "GET /users/@me"


async def put_up_card(scene: Scene, bot: VideoBot) -> Message:
    """Send the card of the newest request, as the worker would."""
    request = (await scene.requests())[-1]
    services = bot.services
    poster = DiscordPoster(bot, services.texts, services.catalogue)
    await poster.send(await scene.card(request), request, Progress(place="next"), None)
    return scene.discord.messages(scene.channel)[-1]


async def shown(pressed: Interaction) -> str:
    await pressed.wait_shown()
    return pressed.text


async def test_commands_are_registered_once_and_only_when_they_change(scene: Scene) -> None:
    async with scene.running():
        assert len(scene.discord.calls(PUT_COMMANDS)) == 1
    async with scene.running():
        assert len(scene.discord.calls(PUT_COMMANDS)) == 1
    scene.discord.world.commands[0].clear()
    async with scene.running():
        assert len(scene.discord.calls(PUT_COMMANDS)) == 2
    assert not scene.discord.invalid_calls()


async def test_the_contracts_commands_and_options_are_registered_in_order(scene: Scene) -> None:
    async with scene.running():
        (group,) = [each for each in scene.discord.world.commands[0] if each["name"] == "video"]
    commands = {each["name"]: each for each in group["options"]}
    assert list(commands) == [
        *(
            "create",
            "frames",
            "series",
            "list",
            "show",
            "cancel",
            "models",
            "stats",
            "top",
            "mydata",
            "help",
        )
    ]
    assert [each["name"] for each in commands["create"]["options"]] == [
        *("prompt", "image1", "image2", "duration", "ratio", "model", "resolution"),
        *(f"image{number}" for number in range(3, 10)),
        *(f"video{number}" for number in range(1, 4)),
        *(f"audio{number}" for number in range(1, 4)),
        *("cast", "template", "links"),
    ]
    assert [each["name"] for each in commands["frames"]["options"]] == [
        *("prompt", "first", "last", "first_link", "last_link"),
        *("duration", "ratio", "model", "resolution"),
    ]
    ratio = next(each for each in commands["create"]["options"] if each["name"] == "ratio")
    assert {choice["value"] for choice in ratio["choices"]} >= {"16:9", "9:16", "1:1", "Adaptive"}
    assert group["contexts"] == [0]
    assert group["integration_types"] == [0]
    assert group["name_localizations"]["zh-CN"] == "视频"


async def test_a_start_whose_registration_fails_still_answers(scene: Scene) -> None:
    async with scene.running():
        pass
    scene.discord.fail("GET /applications/{application_id}/commands", times=None, status=403)
    scene.discord.fail(PUT_COMMANDS, times=None, status=403, code=50001)
    async with scene.running():
        asked = await scene.use("video help")
    assert "`/video create`" in asked.text


async def test_a_cards_button_works_after_a_restart(scene: Scene) -> None:
    async with scene.running() as bot:
        await scene.create()
        card = await put_up_card(scene, bot)
    async with scene.running():
        text = await shown(await scene.discord.click(card, "Cancel", scene.alice))
    assert "is cancelled" in text
    assert (await scene.requests())[0].state is State.CANCELLED
    assert not scene.discord.invalid_calls()


async def test_two_taps_cancel_once_and_both_are_answered(scene: Scene) -> None:
    async with scene.running() as bot:
        await scene.create()
        card = await put_up_card(scene, bot)
        pressed = [await scene.discord.click(card, "Cancel", scene.alice) for _ in range(2)]
        texts = sorted([await shown(each) for each in pressed])
    assert "has already been cancelled" in texts[0]
    assert "It doesn't count" in texts[1]


async def test_a_stranger_cannot_cancel_from_the_card(scene: Scene) -> None:
    async with scene.running() as bot:
        await scene.create()
        card = await put_up_card(scene, bot)
        text = await shown(await scene.discord.click(card, "Cancel", scene.bob))
    assert "Only the member who requested" in text
    assert (await scene.requests())[0].state is State.QUEUED


@pytest.mark.parametrize("custom_id", ["vb:cancel:ABC", "vb:cancel:x", "old:thing", "vb:none"])
async def test_a_forged_or_outdated_button_is_answered(scene: Scene, custom_id: str) -> None:
    async with scene.running() as bot:
        await scene.create()
        card = await put_up_card(scene, bot)
        text = await shown(await scene.discord.press_stale(card, custom_id, scene.alice))
    assert text
    assert (await scene.requests())[0].state is State.QUEUED


async def test_a_button_whose_service_fails_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("surprise")

    async with scene.running() as bot:
        await scene.create()
        card = await put_up_card(scene, bot)
        monkeypatch.setattr(RequestService, "cancel", fail)
        text = await shown(await scene.discord.click(card, "Cancel", scene.alice))
    assert "Something went wrong" in text


async def test_a_slow_service_is_deferred_in_time_and_answered_after(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()
    page = RequestService.page

    async def slow(*args: Any, **options: Any) -> Any:
        await release.wait()
        return await page(*args, **options)

    monkeypatch.setattr(RequestService, "page", slow)
    async with scene.running():
        asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "video list", {})
        await asked.wait_answered()
        assert asked.acknowledged_after_s < 1.5
        assert not asked.shown.is_set()
        release.set()
        assert "/video create" in await shown(asked)
    assert asked.message is not None
    assert asked.message.is_ephemeral


async def test_an_answer_behind_many_others_is_deferred_at_once(scene: Scene) -> None:
    in_time = round(crowd.LATE_S / crowd.FIRST_PACE_S)
    async with scene.running():
        async with locked(scene.settings):
            asked = [
                await scene.discord.slash(
                    scene.guild, scene.channel, scene.alice, "video create", {"prompt": "a fox"}
                )
                for _ in range(in_time + 3)
            ]
            await asyncio.gather(*(each.wait_answered() for each in asked))
            assert all(each.answer_type == DEFER for each in asked)
            soonest = min(each.acknowledged_after_s for each in asked[:in_time])
            assert all(each.acknowledged_after_s < soonest for each in asked[in_time:])
        for each in asked:
            await shown(each)


async def test_a_request_whose_answer_was_lost_is_not_acknowledged(scene: Scene) -> None:
    scene.discord.fail(CALLBACK, times=None, status=404, code=10062)
    async with scene.running():
        await scene.discord.slash(
            scene.guild, scene.channel, scene.alice, "video create", {"prompt": "x"}
        )
        await scene.discord.wait_for(lambda: bool(scene.discord.calls(CALLBACK)))
        await scene.discord.quiet()
    (request,) = await scene.requests()
    assert request.acked_at_ms == 0


async def test_a_first_answer_that_was_lost_leaves_the_privacy_notice_to_the_next(
    scene: Scene,
) -> None:
    scene.discord.fail(CALLBACK, status=404, code=10062)
    async with scene.running():
        await scene.discord.slash(
            scene.guild, scene.channel, scene.alice, "video create", {"prompt": "x"}
        )
        await scene.discord.wait_for(lambda: bool(scene.discord.calls(CALLBACK)))
        await scene.discord.quiet()
        second = await scene.create("again")
        third = await scene.create("and again")
    assert "First time here" in second.text
    assert "First time here" not in third.text


async def test_an_unparsable_event_is_dropped_alone(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="bot.client"):
        async with scene.running():
            await scene.discord.gateway.push(
                "CHANNEL_UPDATE", {"id": "1", "name": "___hidden___"}, guild_id=scene.guild.id
            )
            asked = await scene.use("video help")
    assert "How it works" in asked.text


async def test_a_refused_token_ends_the_start_with_an_explanation(scene: Scene) -> None:
    scene.discord.fail(LOG_IN, times=1, status=401)
    with pytest.raises(DiscordRefused, match="DISCORD_TOKEN"):
        async with scene.running(discord_token="wrong"):
            pass


async def test_the_log_in_is_retried_until_discord_is_available(scene: Scene) -> None:
    scene.discord.fail(LOG_IN, times=2, status=503)
    async with scene.running():
        asked = await scene.use("video help")
    assert "How it works" in asked.text


async def test_messages_are_sent_after_the_gateway_is_closed(scene: Scene) -> None:
    stop = asyncio.Event()
    async with scene.running() as bot:
        await scene.create()
    assert stop is not None
    async with scene.running() as bot:
        await bot.leave_gateway()
        await put_up_card(scene, bot)
    assert len(scene.discord.calls(SEND)) == 1
