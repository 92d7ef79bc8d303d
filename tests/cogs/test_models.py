"""`/video models` as a layout: read page by page, begun from, and only what the server allows."""

from bot.rules.catalogue import load_catalogue
from bot.services import crowd
from tests.cogs.conftest import Scene
from tests.support.discord.interactions import DEFER
from tests.support.discord.records import MessageFlag
from tests.support.locked_database import locked

ALLOWED = "seedance2.0-fast-i2v,seedance2.0-md"


async def test_only_allowed_models_are_listed_and_autocompleted(scene: Scene) -> None:
    async with scene.running(new_server_models=ALLOWED):
        asked = await scene.use("video models")
        offered = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.alice, "video create", {"model": ""}, "model"
        )
        await offered.wait_answered()
    assert asked.message is not None
    assert asked.message.flags & MessageFlag.COMPONENTS_V2
    assert asked.message.is_ephemeral
    assert not asked.message.embeds
    assert asked.text.count("**`") == 2
    assert "**`seedance2.0-fast-i2v`** · default\n-# 1–15 s · 720p · 🖼️9 ⏮️" in asked.text
    assert "-# 1–15 s · 720p · 🖼️4 🎬3 ⏮️⏭️" in asked.text
    assert "First time here?" not in asked.text
    assert "Next" not in asked.text
    assert [choice["value"] for choice in offered.choices] == ALLOWED.split(",")
    assert all("1–15 s" in choice["name"] for choice in offered.choices)
    assert not scene.discord.invalid_calls()


async def test_a_deferred_page_goes_forward_and_back(scene: Scene) -> None:
    in_time = round(crowd.LATE_S / crowd.FIRST_PACE_S)
    async with scene.running():
        async with locked(scene.settings):
            # in a crowd of commands that wait for the database this one is deferred
            others = [
                await scene.discord.slash(
                    scene.guild, scene.channel, scene.bob, "video create", {"prompt": "a fox"}
                )
                for _ in range(in_time)
            ]
            asked = await scene.discord.slash(
                scene.guild, scene.channel, scene.alice, "video models", {}
            )
            message = await asked.wait_shown()
        for other in others:
            await other.wait_shown()
        assert asked.answer_type == DEFER
        assert message.flags & MessageFlag.COMPONENTS_V2
        first = asked.text
    async with scene.running():
        await (await scene.discord.click(message, "Next", scene.alice)).wait_shown()
        assert "Page 2 of" in asked.text
        await (await scene.discord.click(message, "Back", scene.alice)).wait_shown()
        assert asked.text == first
    assert not scene.discord.invalid_calls()


async def test_many_models_begin_with_a_few_by_purpose_and_next_pages_through_all(
    scene: Scene,
) -> None:
    async with scene.running():
        asked = await scene.use("video models")
        first = asked.text
        assert asked.message is not None
        assert 3 <= first.count(" s · ") <= 5
        assert "**With sound" in first
        assert "Press **Next** to see all 23 models" in first
        seen = ""
        for _ in range(3):
            await (await scene.discord.click(asked.message, "Next", scene.alice)).wait_shown()
            seen += asked.text
    names = [spec.name for spec in load_catalogue(None)]
    assert [name for name in names if f"**`{name}`**" not in seen] == []
    assert not scene.discord.invalid_calls()


async def test_the_models_menu_opens_a_prefilled_form_after_a_restart(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.use("video models")
        assert asked.message is not None
    async with scene.running():
        await (await scene.discord.click(asked.message, "Next", scene.alice)).wait_shown()
        pressed = await scene.discord.select(
            asked.message, "vb:models:use", scene.alice, ["seedance2.0-md"]
        )
        await pressed.wait_answered()
        chosen = [
            option["value"]
            for row in pressed.modal["components"]
            for option in (row.get("component") or {}).get("options", ())
            if option.get("default") and option["value"].startswith("seedance")
        ]
        assert chosen == ["seedance2.0-md"]
        sent = await scene.discord.submit(pressed, {"Prompt": "a fox"})
        await sent.wait_shown()
        (request,) = await scene.requests()
    assert request.model == "seedance2.0-md"
    assert not scene.discord.invalid_calls()
