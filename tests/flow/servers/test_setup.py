"""Managers set a server up: the panel, the settings, models and channels, and the first word."""

import pytest

from bot.app import App
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.servers.onboarding import ADOPTED
from bot.services.servers.setting_values import NAMES
from storage.operations import key_values
from storage.records import MessageKind, State
from storage.servers import servers
from tests.support.bot_env import BotEnv
from tests.support.dialects import on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, ChannelType, Message, Permission, User


@pytest.fixture
def boss(bot_env: BotEnv) -> User:
    """A member with Manage Server."""
    boss = bot_env.discord.add_user("boss")
    bot_env.discord.world.add_member(
        bot_env.guild, boss, MEMBER_PERMISSIONS | Permission.MANAGE_GUILD
    )
    return boss


async def settings_of(bot_env: BotEnv) -> ServerSettings:
    async with bot_env.database.reading() as tx:
        return await read_settings(tx, bot_env.guild.id)


async def admin(bot_env: BotEnv, who: User, command: str, **options: object) -> Interaction:
    return await bot_env.discord.slash(
        bot_env.guild, bot_env.channel, who, f"videoadmin {command}", options
    )


async def started(bot_env: BotEnv, app: App) -> None:
    """Wait until the servers of the start are known: what comes now is new."""
    await app.bot.wait_until_ready()

    async def is_noted() -> bool:
        async with bot_env.database.reading() as tx:
            return await key_values.get(tx, ADOPTED) is not None

    await bot_env.until_so(is_noted)


async def said(bot_env: BotEnv, who: User, command: str, **options: object) -> str:
    asked = await admin(bot_env, who, command, **options)
    await asked.wait_shown()
    return asked.text


async def pick(
    bot_env: BotEnv, who: User, panel: Message, name: str, *values: object
) -> Interaction:
    """Choose in a menu of the panel and wait for it to be shown anew."""
    chosen = await bot_env.discord.select(panel, f"vb:setup:set:{name}", who, values)
    await chosen.wait_answered()
    edits = len(panel.edits)
    await bot_env.discord.wait_for(lambda: chosen.answer_type == 7 or len(panel.edits) > edits)
    return chosen


@on_sqlite
async def test_the_panel_keeps_each_choice_and_ends_with_a_check(
    bot_env: BotEnv, boss: User
) -> None:
    review = bot_env.discord.add_channel(bot_env.guild, "review", is_hidden=True)
    log = bot_env.discord.add_channel(
        bot_env.guild, "log", bot_permissions=MEMBER_PERMISSIONS & ~Permission.SEND_MESSAGES
    )
    async with bot_env.running():
        panel = await (await admin(bot_env, boss, "setup")).wait_shown()
        assert panel.is_ephemeral
        await pick(bot_env, boss, panel, "review", "result")
        await pick(bot_env, boss, panel, "review_channel", review)
    # a panel that was open goes on after a restart
    async with bot_env.running():
        role = next(iter(bot_env.guild.roles.values()))
        refused = await pick(bot_env, boss, panel, "moderator_role", role)
        assert "@everyone" in refused.text
        await (await bot_env.discord.click(panel, "Next", boss)).wait_shown()
        await pick(bot_env, boss, panel, "log_channel", log)
        await pick(bot_env, boss, panel, "server_daily", "20")
        await pick(bot_env, boss, panel, "language", "zh-CN")
        checked = await bot_env.discord.click(panel, "Next", boss)
        await checked.wait_shown()
        text = checked.text
    assert f"<#{log.id}>" in text
    assert "Send Messages" in text
    assert "I'm missing" in text
    assert "Integrations" in text
    kept = await settings_of(bot_env)
    assert (kept.review, kept.review_channel, kept.log_channel) == ("result", review.id, log.id)
    assert (kept.server_daily, kept.language, kept.moderator_role) == (20, "zh-CN", 0)
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_a_check_finds_all_well_and_warns_of_a_review_channel_that_all_can_see(
    bot_env: BotEnv, boss: User
) -> None:
    review = bot_env.discord.add_channel(bot_env.guild, "review")
    async with bot_env.running():
        await said(bot_env, boss, "settings", review="prompt", review_channel=review)
        panel = await (await admin(bot_env, boss, "setup")).wait_shown()
        await (await bot_env.discord.click(panel, "Next", boss)).wait_shown()
        checked = await bot_env.discord.click(panel, "Next", boss)
        await checked.wait_shown()
        assert f"Everyone can see <#{review.id}>" in checked.text
        review.is_hidden = True
        again = await bot_env.discord.click(panel, "Check again", boss)
        await again.wait_shown()
    assert "All set" in again.text


async def test_settings_are_checked_written_and_logged(bot_env: BotEnv, boss: User) -> None:
    log = bot_env.discord.add_channel(bot_env.guild, "log")
    async with bot_env.running():
        text = await said(
            bot_env,
            boss,
            "settings",
            log_channel=log,
            remix="everyone",
            at_once="3",
            confirm_above="1.50",
            retention_days=7,
            hold_links=True,
        )
        for word in ("everyone", "1.5", "7"):
            assert word in text
        line = await bot_env.discord.wait_message(
            lambda message: message.channel_id == log.id and "remix" in message.content
        )
        everything = await said(bot_env, boss, "settings")
    assert f"<@{boss.id}>" in line.content
    assert not line.pinged
    assert "**no wait** · `cooldown`" in everything
    assert "**everyone's** videos · `remix`" in everything
    assert "**3 videos** at once · `at_once`" in everything
    assert "kept **7 days** · `retention_days`" in everything
    assert all(f"`{name}`" in everything for name in NAMES)
    kept = await settings_of(bot_env)
    assert kept.model_dump(exclude_defaults=True) == {
        "log_channel": log.id,
        "remix": "everyone",
        "at_once": 3,
        "confirm_above": "1.5",
        "retention_days": 7,
        "hold_links": True,
    }


WRONG = (
    ("at_once", "0", "1–1000, unlimited"),
    ("at_once", "many", "unlimited"),
    ("server_daily", "-1", "0–1000000"),
    ("server_daily", "2.5", "unlimited"),
    ("confirm_above", "NaN", "unlimited"),
    ("default_model", "no-such-model", "seedance2.0-fast-i2v"),
)


@on_sqlite
async def test_a_value_that_will_not_do_is_refused_with_what_would(
    bot_env: BotEnv, boss: User
) -> None:
    async with bot_env.running():
        for option, value, passes in WRONG:
            text = await said(bot_env, boss, "settings", remix="everyone", **{option: value})
            assert value in text
            assert passes in text
    assert await settings_of(bot_env) == ServerSettings()


@on_sqlite
async def test_a_channel_in_which_the_bot_cannot_work_is_refused(
    bot_env: BotEnv, boss: User
) -> None:
    mute = bot_env.discord.add_channel(
        bot_env.guild, "mute", bot_permissions=Permission.VIEW_CHANNEL
    )
    async with bot_env.running():
        text = await said(bot_env, boss, "settings", review_channel=mute)
        other = await said(bot_env, boss, "channels", allow=mute)
    for each in (text, other):
        assert "Attach Files" in each
        assert f"<#{mute.id}>" in each
    assert await settings_of(bot_env) == ServerSettings()


@on_sqlite
async def test_only_managers_may_whatever_discord_has_shown(bot_env: BotEnv, boss: User) -> None:
    async with bot_env.running():
        for command in ("setup", "settings", "models", "channels"):
            text = await said(bot_env, bot_env.alice, command)
            assert "Manage Server" in text
        text = await said(bot_env, bot_env.alice, "settings", remix="everyone")
        assert "Manage Server" in text
        panel = await (await admin(bot_env, boss, "setup")).wait_shown()
        shown = await (await admin(bot_env, boss, "settings")).wait_shown()
        await said(bot_env, boss, "channels", allow=bot_env.channel)
        listed = await (await admin(bot_env, boss, "channels")).wait_shown()
        again = await (await admin(bot_env, boss, "settings")).wait_shown()
        await (await bot_env.discord.click(again, "Delete", boss)).wait_shown()
        for message, button in (
            (panel, "Next"),
            (shown, "Delete"),
            (again, "Confirm"),
            (listed, "Allow everywhere"),
        ):
            pressed = await bot_env.discord.click(message, button, bot_env.alice)
            await pressed.wait_shown()
            assert "Manage Server" in pressed.text, button
    assert await settings_of(bot_env) == ServerSettings(channels=(bot_env.channel.id,))


@on_sqlite
async def test_models_are_allowed_and_removed_several_at_once(bot_env: BotEnv, boss: User) -> None:
    first, second, third = "seedance2.0-fast-i2v", "seedance2.0-std", "seedance2.0-md"
    async with bot_env.running(new_server_models=("default",)):
        text = await said(bot_env, boss, "models", allow=f"{second}, {third}")
        assert second in text
        offered = await bot_env.discord.autocomplete(
            bot_env.guild,
            bot_env.channel,
            boss,
            "videoadmin models",
            {"remove": f"{first} se"},
            "remove",
        )
        await offered.wait_answered()
        assert f"{first} {third}" in [each["value"] for each in offered.choices]
        text = await said(bot_env, boss, "models", remove=f"{first} {second}")
        assert f"- `{third}`" in text
        text = await said(bot_env, boss, "models", remove=third)
        assert "only one left" in text
        refused = await bot_env.create(model=first)
        await refused.wait_shown()
        assert "isn't allowed here" in refused.text
    assert (await settings_of(bot_env)).models == (third,)


@on_sqlite
async def test_channels_close_with_the_first_one_allowed(bot_env: BotEnv, boss: User) -> None:
    other = bot_env.discord.add_channel(bot_env.guild, "videos")
    thread = bot_env.discord.add_channel(
        bot_env.guild, "ours", type=ChannelType.PUBLIC_THREAD, parent_id=other.id
    )
    async with bot_env.running():
        text = await said(bot_env, boss, "channels", remove=other)
        assert "every channel" in text
        await said(bot_env, boss, "channels", allow=other)
        refused = await bot_env.create()
        await refused.wait_shown()
        assert f"<#{other.id}>" in refused.text
        await (await bot_env.create(channel=thread)).wait_shown()
        await bot_env.until_state(State.POSTED)
        text = await said(bot_env, boss, "channels", remove=other)
        assert "last one left" in text
        refusal = await admin(bot_env, boss, "channels", remove=other)
        shown = await refusal.wait_shown()
    async with bot_env.running():
        opened = await bot_env.discord.click(shown, "Allow everywhere", boss)
        await opened.wait_shown()
        assert (await settings_of(bot_env)).channels is None
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    assert {video.channel_id for video in bot_env.videos()} == {thread.id, bot_env.channel.id}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_channels_are_named_to_who_can_see_them_alone(bot_env: BotEnv, boss: User) -> None:
    seen = bot_env.discord.add_channel(bot_env.guild, "videos")
    hidden = bot_env.discord.add_channel(bot_env.guild, "staff", is_hidden=True)
    async with bot_env.running():
        await said(bot_env, boss, "channels", allow=hidden)
        refused = await bot_env.create()
        await refused.wait_shown()
        assert "<#" not in refused.text
        assert "Videos aren't made in this channel" in refused.text
        await said(bot_env, boss, "channels", allow=seen)
        refused = await bot_env.create()
        await refused.wait_shown()
        assert f"<#{seen.id}>" in refused.text
        assert f"<#{hidden.id}>" not in refused.text


@on_sqlite
async def test_posts_and_cards_speak_the_servers_language(bot_env: BotEnv, boss: User) -> None:
    async with bot_env.running():
        await said(bot_env, boss, "settings", language="zh-CN")
        asked = await bot_env.create()
        await asked.wait_shown()
        assert "On its way" in asked.text
        request = await bot_env.until_state(State.POSTED)
    assert request.guild_locale == "zh-CN"
    (video,) = bot_env.videos()
    assert "视频" in video.content


async def test_a_server_that_invites_the_bot_is_pointed_to_the_setup_once(bot_env: BotEnv) -> None:
    async with bot_env.running() as app:
        await started(bot_env, app)
        guild = bot_env.discord.add_guild("Second", locale="zh-CN")
        hall = bot_env.discord.add_channel(guild, "hall")
        guild.system_channel_id = hall.id
        await bot_env.discord.announce(guild)
        word = await bot_env.discord.wait_message(lambda message: message.channel_id == hall.id)
        assert "/videoadmin setup" in word.content or "videoadmin setup:" in word.content
        assert "Second" in word.content
        assert "感谢" in word.content
    async with bot_env.running():
        await bot_env.discord.announce(guild)
        await bot_env.discord.quiet()
    assert len(bot_env.discord.messages(hall)) == 1
    assert not bot_env.discord.messages(bot_env.channel)
    async with bot_env.database.reading() as tx:
        known = await servers.require(tx, guild.id)
    assert known.joined_at_ms


@on_sqlite
async def test_where_the_bot_may_not_write_the_owner_gets_a_direct_message(bot_env: BotEnv) -> None:
    async with bot_env.running() as app:
        await started(bot_env, app)
        guild = bot_env.discord.add_guild("Second")
        await bot_env.discord.announce(guild)
        word = await bot_env.discord.wait_message(lambda message: "Second" in message.content)
    place = bot_env.discord.world.channels[word.channel_id]
    assert place.recipient is guild.owner


async def test_settings_outlive_the_bots_removal_and_end_with_their_deletion(
    bot_env: BotEnv, boss: User
) -> None:
    async with bot_env.running() as app:
        await started(bot_env, app)
        await said(bot_env, boss, "settings", remix="everyone")
        await bot_env.create()
        request = await bot_env.until_state(State.POSTED)
        await bot_env.discord.remove_bot(bot_env.guild)
        bot_env.discord.world.guilds[bot_env.guild.id] = bot_env.guild
        bot_env.guild.members[bot_env.discord.world.bot.id].joined_at_ms += 1000
        bot_env.channel.bot_permissions = MEMBER_PERMISSIONS
        await bot_env.discord.announce(bot_env.guild)
        await bot_env.discord.quiet()
        assert not [text for text in bot_env.texts() if "Thanks for adding me" in text]
        assert (await settings_of(bot_env)).remix == "everyone"
        shown = await (await admin(bot_env, boss, "settings")).wait_shown()
        asked = await bot_env.discord.click(shown, "Delete", boss)
        await asked.wait_shown()
        assert (await settings_of(bot_env)).remix == "everyone"
        sure = await bot_env.discord.click(asked.message or shown, "Confirm", boss)
        await sure.wait_shown()
        video = app.settings.data_dir / request.result_path
        await bot_env.until(lambda _: not video.exists())
    assert await settings_of(bot_env) == ServerSettings()
    (erased,) = await bot_env.requests()
    assert "lighthouse" not in erased.spec
    assert erased.user_id < 0
    assert not [
        post for post in await bot_env.messages(request.id) if post.kind is MessageKind.RESULT
    ]
