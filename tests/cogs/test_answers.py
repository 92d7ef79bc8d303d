"""Answers that fail, are refused by Discord, or are cut by a stop: the member still gets words."""

import asyncio
from typing import Any

import pytest
from discord.webhook.async_ import AsyncWebhookAdapter

from bot.services.requests.service import RequestService
from bot.services.servers.allowed_models import AllowedModelService
from tests.cogs.conftest import Scene
from tests.support.discord.http.server import CALLBACK, EDIT_ANSWER
from tests.support.discord.interactions import DEFER, FORM, Interaction
from tests.support.patience import PATIENCE_S

EACH_END = pytest.mark.parametrize("fails", [False, True], ids=["answered", "failed"])


class Held:
    """`/video list` that waits inside its service until `release`, and then fails if it shall."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> None:
        self.begun, self.release, self.ending = asyncio.Event(), asyncio.Event(), asyncio.Event()
        page = RequestService.page

        async def held(*args: Any, **options: Any) -> Any:
            self.begun.set()
            await self.release.wait()
            self.ending.set()
            if fails:
                raise RuntimeError("surprise")
            return await page(*args, **options)

        monkeypatch.setattr(RequestService, "page", held)


async def use(scene: Scene, path: str, **options: Any) -> Interaction:
    return await scene.discord.slash(scene.guild, scene.channel, scene.alice, path, options)


async def test_a_failure_while_its_deferral_is_on_the_way_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, back = Held(monkeypatch, fails=True), asyncio.Event()
    real = AsyncWebhookAdapter.create_interaction_response

    async def slow(*args: Any, **options: Any) -> Any:
        taken = await real(*args, **options)
        await back.wait()  # the way back from Discord
        return taken

    monkeypatch.setattr(AsyncWebhookAdapter, "create_interaction_response", slow)
    async with scene.running():
        asked = await use(scene, "video list")
        await asked.wait_answered(PATIENCE_S)
        assert asked.answer_type == DEFER
        held.release.set()
        async with asyncio.timeout(PATIENCE_S):
            await held.ending.wait()
        back.set()
        await asked.wait_shown()
    assert "Something went wrong" in asked.text
    assert not asked.refused


@pytest.mark.parametrize("status", [400, 413])
async def test_an_answer_that_discord_refuses_is_replaced_by_words(
    scene: Scene, status: int
) -> None:
    scene.discord.fail(CALLBACK, status=status)
    async with scene.running():
        asked = await scene.use("video list")
    assert "Something went wrong" in asked.text
    assert str(asked.id) in asked.text


async def test_a_late_answer_that_discord_refuses_is_replaced_by_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch, fails=False)
    scene.discord.fail(EDIT_ANSWER, status=413, code=40005)
    async with scene.running():
        asked = await use(scene, "video list")
        await asked.wait_answered(PATIENCE_S)
        held.release.set()
        await asked.wait_shown()
    assert "Something went wrong" in asked.text


async def test_a_form_that_discord_refuses_is_replaced_by_words(scene: Scene) -> None:
    scene.discord.fail(CALLBACK, status=400, code=50035)
    async with scene.running():
        asked = await scene.use("video create")
    assert asked.answer_type != FORM
    assert "Something went wrong" in asked.text


async def test_when_the_replacement_is_refused_as_well_it_is_left_at_that(scene: Scene) -> None:
    scene.discord.fail(CALLBACK, times=2, status=400)
    async with scene.running():
        await use(scene, "video list")
        await scene.discord.wait_for(lambda: len(scene.discord.calls(CALLBACK)) == 2)
        await scene.use("video help")
    assert len(scene.discord.calls(CALLBACK)) == 3


@EACH_END
async def test_a_stop_waits_for_answers_in_progress(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    held = Held(monkeypatch, fails=fails)

    async def release_without_gateway() -> None:
        await scene.discord.wait_for(lambda: not scene.discord.gateway.ready())
        # a stop that doesn't wait is over by then
        await scene.discord.quiet()
        held.release.set()

    async with scene.running():
        asked = await use(scene, "video list")
        async with asyncio.timeout(PATIENCE_S):
            await held.begun.wait()
        releasing = asyncio.create_task(release_without_gateway())
    await releasing
    assert asked.shown.is_set()
    assert ("Something went wrong" if fails else "/video create") in asked.text


async def test_a_stop_does_not_wait_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.client.FINISH_S", 0.01)
    held = Held(monkeypatch, fails=False)
    async with scene.running():
        await use(scene, "video list")
        async with asyncio.timeout(PATIENCE_S):
            await held.begun.wait()
    held.release.set()


async def test_what_was_given_wrong_is_refused_in_time_although_the_database_is_slow(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, release = AllowedModelService.default_model, asyncio.Event()

    async def slow(*args: Any) -> Any:
        await release.wait()
        return await real(*args)

    monkeypatch.setattr(AllowedModelService, "default_model", slow)
    async with scene.running():
        asked = await scene.use("video create", {"links": "notalink"})
        release.set()
    assert asked.text.startswith("This can't be made yet.")
    assert "notalink" in asked.text
    assert not scene.discord.late_interactions()
