"""Answers that fail, are refused by Discord, or are cut by a stop: the member still gets words."""

import asyncio
from typing import Any

import pytest

from bot.app import open_app
from tests.cogs.conftest import Scene
from tests.support.discord.http.server import CALLBACK, EDIT_ANSWER
from tests.support.discord.interactions import DEFER, FORM, Interaction
from tests.support.locked_database import locked
from tests.support.patience import PATIENCE_S

BROKEN = "ALTER TABLE outbox RENAME TO away"
"""A request can't be recorded any more, which nobody foresees."""


async def use(scene: Scene, path: str, **options: Any) -> Interaction:
    return await scene.discord.slash(scene.guild, scene.channel, scene.alice, path, options)


async def deferred(scene: Scene) -> Interaction:
    """A request that waits for the database, which is locked."""
    asked = await use(scene, "video create", prompt="a fox")
    await asked.wait_answered(PATIENCE_S)
    assert asked.answer_type == DEFER
    return asked


class Held:
    """The database is locked from `take` to `release`, and broken in the end if it `fails`."""

    def __init__(self, scene: Scene, *, fails: bool) -> None:
        self._lock = locked(scene.settings, then=BROKEN if fails else "")

    async def take(self) -> None:
        await self._lock.__aenter__()

    async def release(self) -> None:
        await self._lock.__aexit__(None, None, None)


async def test_a_failure_while_its_deferral_is_on_the_way_is_told(scene: Scene) -> None:
    back = asyncio.Event()
    async with scene.running():
        scene.discord.fail(CALLBACK, after_effect=True, answers=back)
        async with locked(scene.settings, then=BROKEN):
            asked = await deferred(scene)
        # it fails while Discord's answer is on its way
        await scene.discord.quiet()
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


async def test_a_late_answer_that_discord_refuses_is_replaced_by_words(scene: Scene) -> None:
    scene.discord.fail(EDIT_ANSWER, status=413, code=40005)
    async with scene.running():
        async with locked(scene.settings):
            asked = await deferred(scene)
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


@pytest.mark.parametrize("fails", [False, True], ids=["answered", "failed"])
async def test_a_stop_waits_for_answers_in_progress(scene: Scene, *, fails: bool) -> None:
    held = Held(scene, fails=fails)

    async def release_without_gateway() -> None:
        await scene.discord.wait_for(lambda: not scene.discord.gateway.ready())
        # a stop that doesn't wait is over by then
        await scene.discord.quiet()
        await held.release()

    async with scene.running():
        await held.take()
        asked = await deferred(scene)
        releasing = asyncio.create_task(release_without_gateway())
    await releasing
    assert asked.shown.is_set()
    assert ("Something went wrong" if fails else "On its way") in asked.text


async def test_a_stop_does_not_wait_for_ever(scene: Scene) -> None:
    held, stop = Held(scene, fails=False), asyncio.Event()
    async with open_app(scene.settings, clock=scene.clock) as app:
        serving = asyncio.create_task(app.bot.serve(scene.discord.token, stop))
        await scene.discord.wait_ready_unless(serving)
        await held.take()
        asked = await deferred(scene)
        stop.set()
        await asyncio.wait_for(serving, PATIENCE_S)
        assert not asked.shown.is_set()
        await held.release()
