"""A template from outside: written from a posted video, offered by a panel, used, changed, gone."""

import json

from storage.records import State
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, Message, Permission, Upload, User


def boss_of(bot_env: BotEnv) -> User:
    boss = bot_env.discord.add_user("boss")
    bot_env.discord.world.add_member(
        bot_env.guild, boss, MEMBER_PERMISSIONS | Permission.MANAGE_GUILD
    )
    return boss


async def admin(bot_env: BotEnv, who: User, command: str, **options: object) -> Interaction:
    asked = await bot_env.discord.slash(
        bot_env.guild, bot_env.channel, who, f"videoadmin template {command}", options
    )
    await asked.wait_shown()
    return asked


async def panel_of(bot_env: BotEnv) -> Message:
    return await bot_env.discord.wait_message(lambda message: "Snow globe" in message.content)


async def test_a_panel_is_made_from_a_video_used_changed_and_removed(bot_env: BotEnv) -> None:
    boss = boss_of(bot_env)
    discord = bot_env.discord
    async with bot_env.running():
        await bot_env.create(files={"image1": Upload("boat.png", picture())})
        source = await bot_env.until_state(State.POSTED)
        await discord.wait_for(lambda: bool(bot_env.videos()))
        more = await (await discord.click(bot_env.videos()[0], "More", boss)).wait_shown()
        opened = await (await discord.click(more, "Make template", boss)).wait_answered()
        values = {"Name": "Snow globe", "Prompt": "a globe with {text}", "Picture": ["required"]}
        written = await discord.submit(opened, values, boss)
        await written.wait_shown()
        assert "**Snow globe** is added" in written.text
        await admin(bot_env, boss, "post", name="snow globe", channel=bot_env.channel)
        panel = await panel_of(bot_env)
        assert "Give a picture and a few words" in panel.content
        assert [each.filename for each in panel.attachments] == [f"{source.id}-example.mp4"]
    async with bot_env.running():
        opened = await (await discord.click(panel, "Make mine", bot_env.alice)).wait_answered()
        given = {"Picture": [Upload("cat.png", picture(colour="salmon"))], "Text": "{a|b} @mia"}
        await (await discord.submit(opened, given, bot_env.alice)).wait_shown()
        made = await bot_env.until_state(State.POSTED, number=1)
        assert bot_env.provider.creates[-1].body["prompt"] == "a globe with {a|b} @mia"
        await discord.wait_for(
            lambda: any("template Snow globe" in text for text in bot_env.texts())
        )
        shown = await discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": made.id}
        )
        await shown.wait_shown()
        assert "Snow globe" in str(shown.message.embeds if shown.message else "")
        changed = {"name": "Snow globe", "prompt": "a bowl", "picture": "none"}
        await admin(bot_env, boss, "add", **changed)
        await discord.wait_for(lambda: "Just press the button" in panel.content)
        pressed = await discord.click(panel, "Make mine", bot_env.alice)
        question = await pressed.wait_shown()
        assert "Confirm" in question.content
        await admin(bot_env, boss, "remove", name="Snow globe")
        await discord.wait_for(lambda: "isn't offered any more" in panel.content)
        assert not panel.attachments
        custom_id = f"vb:make:{template_of(opened)}:1"
        forged = await discord.press_stale(panel, custom_id, bot_env.alice)
        await forged.wait_shown()
        assert "isn't offered any more" in forged.text
        late = await discord.submit(opened, given, bot_env.alice)
        await late.wait_shown()
        assert "isn't offered any more" in late.text
    assert not discord.invalid_calls()


def template_of(opened: Interaction) -> str:
    return str(opened.modal["custom_id"]).split(":")[2]


@on_sqlite
async def test_a_template_works_from_the_keyboard_and_travels_in_a_file(bot_env: BotEnv) -> None:
    boss, discord = boss_of(bot_env), bot_env.discord
    file = {
        "version": 1,
        "templates": [{"name": "Rain", "prompt": "rain on {text}", "picture": "optional"}],
    }
    async with bot_env.running():
        upload = Upload("templates.json", json.dumps(file).encode())
        imported = await admin(bot_env, boss, "import", file=upload)
        assert "**Rain** is added" in imported.text
        exported = await admin(bot_env, boss, "export")
        assert "1 template" in exported.text
        wrong = await admin(bot_env, boss, "import", file=Upload("x.json", b"{}"))
        assert "`version`" in wrong.text
        chosen = {"prompt": "a roof", "template": "rain"}
        asked = await discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video create", chosen
        )
        await asked.wait_shown()
        request = await bot_env.request()
        assert request.template == "Rain"
        assert "rain on a roof" in request.spec
        opened = await discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video create", {"template": "rain"}
        )
        await opened.wait_answered()
        assert [each["label"] for each in opened.modal["components"]] == ["Picture", "Text"]
        other = await discord.slash(
            bot_env.guild,
            bot_env.channel,
            bot_env.alice,
            "video create",
            {**chosen, "duration": 5},
        )
        await other.wait_shown()
        assert "`duration`" in other.text
    assert not discord.invalid_calls()
