"""Autocomplete: models and requests that match what was typed."""

import pytest

from bot.services.servers.allowed_models import AllowedModelService
from storage.errors import StorageUnavailable
from tests.cogs.conftest import Scene


async def test_autocomplete_offers_models_with_their_inputs(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.alice, "video create", {"model": "FAST"}, "model"
        )
        await asked.wait_answered()
    assert asked.choices[0]["value"] == "seedance2.0-fast-i2v"
    assert "1–15 s" in asked.choices[0]["name"]
    assert all("fast" in choice["name"] for choice in asked.choices)
    assert all(len(choice["name"]) <= 100 for choice in asked.choices)


async def test_autocomplete_offers_own_requests_that_can_be_cancelled(scene: Scene) -> None:
    async with scene.running():
        await scene.create("one " + "x" * 200)
        await scene.create("two")
        one, two = await scene.requests()
        await scene.use("video cancel", {"id": one.id})
        path = "video cancel"
        asked = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.alice, path, {"id": ""}, "id"
        )
        await asked.wait_answered()
        shown = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.alice, "video show", {"id": one.id[:3]}, "id"
        )
        await shown.wait_answered()
    assert [choice["value"] for choice in asked.choices] == [two.id]
    assert "two" in asked.choices[0]["name"]
    assert [choice["value"] for choice in shown.choices] == [one.id]
    assert not scene.discord.invalid_calls()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("LIGHT", ["lighthouse"]),
        ("a red", ["fox"]),
        ("50%", ["percent"]),
        ("5_%", []),
        ('say "hi', ["quotes"]),
        ("灯塔", ["chinese"]),
        ("cancelled", ["fox"]),
        # what is stored beside the prompt is not shown, so it is not found
        ("seedance", []),
        ("model", []),
    ],
)
async def test_autocomplete_matches_id_prompt_and_state(
    scene: Scene, typed: str, found: list[str]
) -> None:
    prompts = {
        "lighthouse": "a lighthouse at dusk",
        "fox": "a red fox",
        "percent": "50% of it",
        "quotes": 'they say "hi" \\ twice',
        "chinese": "海边的灯塔",
    }
    async with scene.running():
        for prompt in prompts.values():
            await scene.create(prompt)
        rows = dict(zip(prompts, await scene.requests(), strict=True))
        await scene.use("video cancel", {"id": rows["fox"].id})
        asked = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.alice, "video show", {"id": typed}, "id"
        )
        await asked.wait_answered()
        others = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.bob, "video show", {"id": typed}, "id"
        )
        await others.wait_answered()
        member = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.bob, "videomod history", {"id": typed}, "id"
        )
        await member.wait_answered()
    assert [choice["value"] for choice in asked.choices] == [rows[name].id for name in found]
    assert not others.choices
    assert not member.choices, "only moderators see what others ask for"


async def test_autocomplete_is_empty_while_the_database_is_down(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("locked")

    monkeypatch.setattr(AllowedModelService, "allowed", away)
    async with scene.running():
        asked = await scene.discord.autocomplete(
            scene.guild, scene.channel, scene.alice, "video create", {"model": ""}, "model"
        )
        await asked.wait_answered()
    assert asked.choices == []
