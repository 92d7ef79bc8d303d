"""Menus, forged presses and posted files on the recording Discord."""

import asyncio
import io
from typing import Any

import discord
import pytest

from tests.support.discord.http import server as server_module
from tests.support_test.conftest import Scene


async def test_a_posted_file_is_kept_byte_for_byte_and_served(scene: Scene) -> None:
    bot = await scene.start()
    content = bytes(range(256)) * 4096
    channel = bot.get_partial_messageable(scene.channel.id)
    sent = await channel.send(
        f"<@{scene.alice.id}> @everyone",
        file=discord.File(io.BytesIO(content), "v1.mp4"),
        allowed_mentions=discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(scene.alice.id)]
        ),
    )
    message = scene.discord.messages(scene.channel)[0]
    assert message.file(".mp4").read() == content
    assert (message.pinged, message.pinged_everyone) == ({scene.alice.id}, False)
    assert await sent.attachments[0].read() == content
    call = scene.discord.calls(server_module.SEND)[0]
    assert (call.files[0].size, call.status) == (len(content), 200)
    scene.discord.world.dead_links.add(sent.attachments[0].id)
    with pytest.raises(discord.NotFound):
        await sent.attachments[0].read()


async def test_a_select_menu_sends_whom_it_names(scene: Scene) -> None:
    class Panel(discord.ui.View):
        @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who", placeholder="Who")
        async def who(
            self, interaction: discord.Interaction, menu: discord.ui.UserSelect["Panel"]
        ) -> None:
            names = [user.name for user in menu.values]
            await interaction.response.send_message(f"chosen: {names}", ephemeral=True)

    bot = await scene.start()
    await bot.get_partial_messageable(scene.channel.id).send(view=Panel(timeout=None))
    message = scene.discord.messages()[0]
    chosen = await scene.discord.select(message, "who", scene.alice, [scene.alice])
    assert (await chosen.wait_shown()).content == "chosen: ['alice']"


async def test_forged_and_duplicate_presses_reach_the_bot(scene: Scene) -> None:
    heard: asyncio.Queue[tuple[int, object]] = asyncio.Queue()

    async def note(interaction: discord.Interaction) -> None:
        data: Any = interaction.data
        heard.put_nowait((interaction.id, data["custom_id"]))

    bot = await scene.start()
    bot.on_interaction = note  # type: ignore[attr-defined]
    await bot.get_partial_messageable(scene.channel.id).send("no button here")
    message = scene.discord.messages()[0]
    pressed = await scene.discord.press_stale(message, "forged:1", scene.alice)
    assert await scene.discord.replay(pressed)
    async with asyncio.timeout(5):
        assert [await heard.get(), await heard.get()] == [(pressed.id, "forged:1")] * 2


async def test_a_bot_that_was_removed_has_no_access(scene: Scene) -> None:
    bot = await scene.start()
    place = bot.get_partial_messageable(scene.channel.id)
    await scene.discord.remove_bot(scene.guild)
    with pytest.raises(discord.Forbidden) as refusal:
        await place.send("hello")
    assert refusal.value.code == 50001
