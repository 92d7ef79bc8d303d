"""A real discord.py client answers what members do on the recording Discord."""

import asyncio

import discord
import pytest
from discord import app_commands

from tests.support.discord.interactions import DEFER, FORM, REPLY
from tests.support.discord.records import Upload
from tests.support_test.conftest import Scene

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\x36\x88\x49\xd6"
    b"\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)


async def test_a_command_is_answered_in_private(scene: Scene) -> None:
    @scene.bot.tree.command()
    async def ping(interaction: discord.Interaction) -> None:
        """Say pong."""
        await interaction.response.send_message("pong", ephemeral=True)

    await scene.start()
    asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "ping")
    message = await asked.wait_shown()
    assert (asked.answer_type, asked.text, message.is_ephemeral) == (REPLY, "pong", True)
    assert 0 < asked.acknowledged_after_s < 3
    assert scene.discord.messages() == []
    assert scene.discord.late_interactions() == []
    assert scene.discord.invalid_calls() == []


async def test_a_deferred_answer_is_loading_until_the_original_is_edited(scene: Scene) -> None:
    go_on = asyncio.Event()

    @scene.bot.tree.command()
    async def slow(interaction: discord.Interaction) -> None:
        """Take a while."""
        await interaction.response.defer(ephemeral=True)
        await go_on.wait()
        await interaction.edit_original_response(content="done", attachments=[])

    await scene.start()
    asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "slow")
    await asked.wait_answered()
    assert asked.answer_type == DEFER
    assert asked.message is not None
    assert asked.message.is_loading
    assert not asked.shown.is_set()
    go_on.set()
    message = await asked.wait_shown()
    assert (message.content, message.is_loading, message.is_ephemeral) == ("done", False, True)


async def test_options_and_attachments_arrive_as_a_member_gave_them(scene: Scene) -> None:
    seen: dict[str, object] = {}
    group = app_commands.Group(name="video", description="Videos")

    @group.command()
    async def create(
        interaction: discord.Interaction,
        prompt: str,
        image1: discord.Attachment,
        duration: app_commands.Range[int, 1, 15] = 5,
        who: discord.Member | None = None,
    ) -> None:
        """Make a video."""
        seen.update(prompt=prompt, duration=duration, who=who, image=image1)
        seen["bytes"] = await image1.read()
        seen["permissions"] = interaction.app_permissions
        seen["limit"] = interaction.filesize_limit
        await interaction.response.send_message("ok")

    scene.bot.tree.add_command(group)
    await scene.start()
    asked = await scene.discord.slash(
        scene.guild,
        scene.channel,
        scene.alice,
        "video create",
        {"prompt": "a cat", "duration": 7, "who": scene.alice},
        {"image1": Upload("cat.png", PNG)},
    )
    await asked.wait_shown()
    image = seen["image"]
    assert isinstance(image, discord.Attachment)
    assert (image.filename, image.content_type, image.width, image.height) == (
        "cat.png",
        "image/png",
        2,
        3,
    )
    assert (seen["prompt"], seen["duration"], seen["bytes"]) == ("a cat", 7, PNG)
    assert seen["limit"] == 20 * 1024 * 1024
    permissions = seen["permissions"]
    assert isinstance(permissions, discord.Permissions)
    assert permissions.attach_files
    assert not permissions.manage_messages
    assert [m.content for m in scene.discord.messages(scene.channel)] == ["ok"]


async def test_what_a_client_would_not_send_is_not_sent(scene: Scene) -> None:
    @scene.bot.tree.command()
    @app_commands.choices(ratio=[app_commands.Choice(name="wide", value="16:9")])
    async def make(
        interaction: discord.Interaction, prompt: app_commands.Range[str, 1, 5], ratio: str = ""
    ) -> None:
        """Make."""

    await scene.start()
    who = (scene.guild, scene.channel, scene.alice)
    for path, options, error in (
        ("nothing", {}, LookupError),
        ("make", {}, ValueError),
        ("make", {"prompt": "too long"}, ValueError),
        ("make", {"prompt": "x", "ratio": "1:9"}, ValueError),
        ("make", {"prompt": "x", "size": 3}, LookupError),
        ("make", {"prompt": Upload("a.png")}, ValueError),
    ):
        with pytest.raises(error):
            await scene.discord.slash(*who, path, options)


async def test_autocomplete_offers_choices(scene: Scene) -> None:
    @scene.bot.tree.command()
    async def show(interaction: discord.Interaction, name: str) -> None:
        """Show."""

    @show.autocomplete("name")
    async def offer(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}!", value=typed)]

    await scene.start()
    asked = await scene.discord.autocomplete(
        scene.guild, scene.channel, scene.alice, "show", {"name": "ca"}, "name"
    )
    await asked.wait_answered()
    assert asked.choices == [{"name": "ca!", "value": "ca"}]


async def test_a_button_changes_the_message_it_is_on(scene: Scene) -> None:
    class Panel(discord.ui.View):
        @discord.ui.button(label="Cancel", custom_id="cancel:1")
        async def cancel(self, interaction: discord.Interaction, _: object) -> None:
            await interaction.response.edit_message(content="cancelled", view=None)

    await scene.start()
    channel = scene.bot.get_partial_messageable(scene.channel.id)
    posted = await channel.send("working", view=Panel(timeout=None))
    message = scene.discord.messages(scene.channel)[0]
    assert message.id == posted.id
    pressed = await scene.discord.click(message, "Cancel", scene.alice)
    await pressed.wait_shown()
    assert (message.content, message.components) == ("cancelled", [])
    with pytest.raises(LookupError):
        await scene.discord.click(message, "Cancel", scene.alice)


class _Form(discord.ui.Modal, title="Make a video"):
    prompt: discord.ui.Label[discord.ui.Modal] = discord.ui.Label(
        text="Prompt", component=discord.ui.TextInput(custom_id="prompt", default="a cat")
    )
    files: discord.ui.Label[discord.ui.Modal] = discord.ui.Label(
        text="Files", component=discord.ui.FileUpload(custom_id="files", max_values=10)
    )
    model: discord.ui.Label[discord.ui.Modal] = discord.ui.Label(
        text="Model",
        component=discord.ui.Select(
            custom_id="model", options=[discord.SelectOption(label="Fast", default=True)]
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        prompt, files, model = self.prompt.component, self.files.component, self.model.component
        assert isinstance(prompt, discord.ui.TextInput)
        assert isinstance(files, discord.ui.FileUpload)
        assert isinstance(model, discord.ui.Select)
        names = [file.filename for file in files.values]
        await interaction.response.send_message(f"{prompt.value} {model.values} {names}")


async def test_a_form_is_opened_and_submitted_with_files(scene: Scene) -> None:
    @scene.bot.tree.command(name="form")
    async def open_form(interaction: discord.Interaction) -> None:
        """Open a form."""
        await interaction.response.send_modal(_Form(timeout=60))

    await scene.start()
    asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "form")
    await asked.wait_answered()
    assert asked.answer_type == FORM
    uploads = [Upload("one.png", PNG), Upload("two.png", PNG)]
    sent = await scene.discord.submit(asked, {"Files": uploads})
    message = await sent.wait_shown()
    # Discord gives the files in an order of its own; discord.py passes that order on
    assert message.content == "a cat ['Fast'] ['two.png', 'one.png']"
    raw = sent.payload["data"]["components"][1]["component"]["values"]
    resolved = sent.payload["data"]["resolved"]["attachments"]
    assert [resolved[number]["filename"] for number in raw] == ["one.png", "two.png"]


async def test_the_entry_of_a_messages_menu_gets_the_message(scene: Scene) -> None:
    @scene.bot.tree.context_menu(name="Animate")
    async def animate(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"of: {message.content}")

    await scene.start()
    said = await scene.discord.say(scene.channel, scene.alice, "my picture")
    asked = await scene.discord.menu(scene.guild, scene.channel, scene.alice, "Animate", said)
    assert (await asked.wait_shown()).content == "of: my picture"


async def test_an_answer_after_three_seconds_and_a_second_answer_are_refused(scene: Scene) -> None:
    codes: asyncio.Queue[int] = asyncio.Queue()
    go_on = asyncio.Event()

    @scene.bot.tree.command()
    async def late(interaction: discord.Interaction) -> None:
        """Be late."""
        await go_on.wait()
        for _ in range(2):
            # a second interaction response is refused by the client itself: ask Discord
            interaction.response._response_type = None
            try:
                await interaction.response.send_message("hm", ephemeral=True)
            except discord.HTTPException as error:
                codes.put_nowait(error.code)

    await scene.start()
    who = (scene.guild, scene.channel, scene.alice)
    asked = await scene.discord.slash(*who, "late")
    scene.discord.world.advance(3.5)
    go_on.set()
    async with asyncio.timeout(5):
        assert [await codes.get(), await codes.get()] == [10062, 10062]
        assert len(asked.refused) == 2
        await (await scene.discord.slash(*who, "late")).wait_shown()
        assert await codes.get() == 40060


async def test_a_token_dies_after_fifteen_minutes(scene: Scene) -> None:
    codes: asyncio.Queue[int] = asyncio.Queue()

    @scene.bot.tree.command()
    async def ping(interaction: discord.Interaction) -> None:
        """Say pong."""
        await interaction.response.send_message("pong", ephemeral=True)
        await interaction.followup.send("in time", ephemeral=True)
        scene.discord.world.advance(15 * 60 + 1)
        try:
            await interaction.followup.send("more")
        except discord.HTTPException as error:
            codes.put_nowait(error.code)

    await scene.start()
    asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "ping")
    assert await asyncio.wait_for(codes.get(), 5) == 50027
    assert [message.content for message in asked.followups] == ["in time"]


async def test_an_interaction_without_a_bot_is_never_heard(scene: Scene) -> None:
    @scene.bot.tree.command()
    async def ping(interaction: discord.Interaction) -> None:
        """Say pong."""

    await scene.start()
    await scene.stop()
    await scene.discord.wait_for(lambda: not scene.discord.gateway.connections)
    asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "ping")
    assert asked.sent_at == 0
    assert asked.acknowledged_after_s == float("inf")
