"""Managers set a server up: the panel, the settings, models and channels, and the first word."""

import pytest

from bot.app import App
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.servers.onboarding import ADOPTED
from bot.services.servers.setting_values import NAMES
from storage.operations import key_values
from storage.records import MessageKind, State
from storage.servers import servers
from tests.support.bot_env import House
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, ChannelType, Message, Permission, User


@pytest.fixture
def boss(house: House) -> User:
    """A member with Manage Server."""
    boss = house.discord.add_user("boss")
    house.discord.world.add_member(house.guild, boss, MEMBER_PERMISSIONS | Permission.MANAGE_GUILD)
    return boss


async def settings_of(house: House) -> ServerSettings:
    async with house.database.reading() as tx:
        return await read_settings(tx, house.guild.id)


async def admin(house: House, who: User, command: str, **options: object) -> Interaction:
    return await house.discord.slash(
        house.guild, house.channel, who, f"videoadmin {command}", options
    )


async def started(house: House, app: App) -> None:
    """Wait until the servers of the start are known: what comes now is new."""
    await app.bot.wait_until_ready()

    async def is_noted() -> bool:
        async with house.database.reading() as tx:
            return await key_values.get(tx, ADOPTED) is not None

    await house.until_so(is_noted)


async def said(house: House, who: User, command: str, **options: object) -> str:
    asked = await admin(house, who, command, **options)
    await asked.wait_shown()
    return asked.text


async def pick(house: House, who: User, panel: Message, name: str, *values: object) -> Interaction:
    """Choose in a menu of the panel and wait for it to be shown anew."""
    chosen = await house.discord.select(panel, f"vb:setup:set:{name}", who, values)
    await chosen.wait_answered()
    edits = len(panel.edits)
    await house.discord.wait_for(lambda: chosen.answer_type == 7 or len(panel.edits) > edits)
    return chosen


async def test_the_panel_keeps_each_choice_and_ends_with_a_check(house: House, boss: User) -> None:
    review = house.discord.add_channel(house.guild, "review", is_hidden=True)
    log = house.discord.add_channel(
        house.guild, "log", bot_permissions=MEMBER_PERMISSIONS & ~Permission.SEND_MESSAGES
    )
    async with house.running():
        panel = await (await admin(house, boss, "setup")).wait_shown()
        assert panel.is_ephemeral
        await pick(house, boss, panel, "review", "result")
        await pick(house, boss, panel, "review_channel", review)
    # a panel that was open goes on after a restart
    async with house.running():
        role = next(iter(house.guild.roles.values()))
        refused = await pick(house, boss, panel, "moderator_role", role)
        assert "@everyone" in refused.text
        await (await house.discord.click(panel, "Next", boss)).wait_shown()
        await pick(house, boss, panel, "log_channel", log)
        await pick(house, boss, panel, "server_daily", "20")
        await pick(house, boss, panel, "language", "zh-CN")
        checked = await house.discord.click(panel, "Next", boss)
        await checked.wait_shown()
        text = checked.text
    assert f"<#{log.id}>" in text
    assert "Send Messages" in text
    assert "I'm missing" in text
    assert "Integrations" in text
    kept = await settings_of(house)
    assert (kept.review, kept.review_channel, kept.log_channel) == ("result", review.id, log.id)
    assert (kept.server_daily, kept.language, kept.moderator_role) == (20, "zh-CN", 0)
    assert not house.discord.invalid_calls()


async def test_a_check_finds_all_well_and_warns_of_a_review_channel_that_all_can_see(
    house: House, boss: User
) -> None:
    review = house.discord.add_channel(house.guild, "review")
    async with house.running():
        await said(house, boss, "settings", review="prompt", review_channel=review)
        panel = await (await admin(house, boss, "setup")).wait_shown()
        await (await house.discord.click(panel, "Next", boss)).wait_shown()
        checked = await house.discord.click(panel, "Next", boss)
        await checked.wait_shown()
        assert f"Everyone can see <#{review.id}>" in checked.text
        review.is_hidden = True
        again = await house.discord.click(panel, "Check again", boss)
        await again.wait_shown()
    assert "All set" in again.text


async def test_settings_are_checked_written_and_logged(house: House, boss: User) -> None:
    log = house.discord.add_channel(house.guild, "log")
    async with house.running():
        text = await said(
            house,
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
        line = await house.discord.wait_message(
            lambda message: message.channel_id == log.id and "remix" in message.content
        )
        everything = await said(house, boss, "settings")
    assert f"<@{boss.id}>" in line.content
    assert not line.pinged
    assert "**no wait** · `cooldown`" in everything
    assert "**everyone's** videos · `remix`" in everything
    assert "**3 videos** at once · `at_once`" in everything
    assert "kept **7 days** · `retention_days`" in everything
    assert all(f"`{name}`" in everything for name in NAMES)
    kept = await settings_of(house)
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


async def test_a_value_that_will_not_do_is_refused_with_what_would(
    house: House, boss: User
) -> None:
    async with house.running():
        for option, value, passes in WRONG:
            text = await said(house, boss, "settings", remix="everyone", **{option: value})
            assert value in text
            assert passes in text
    assert await settings_of(house) == ServerSettings()


async def test_a_channel_in_which_the_bot_cannot_work_is_refused(house: House, boss: User) -> None:
    mute = house.discord.add_channel(house.guild, "mute", bot_permissions=Permission.VIEW_CHANNEL)
    async with house.running():
        text = await said(house, boss, "settings", review_channel=mute)
        other = await said(house, boss, "channels", allow=mute)
    for each in (text, other):
        assert "Attach Files" in each
        assert f"<#{mute.id}>" in each
    assert await settings_of(house) == ServerSettings()


async def test_only_managers_may_whatever_discord_has_shown(house: House, boss: User) -> None:
    async with house.running():
        for command in ("setup", "settings", "models", "channels"):
            text = await said(house, house.alice, command)
            assert "Manage Server" in text
        text = await said(house, house.alice, "settings", remix="everyone")
        assert "Manage Server" in text
        panel = await (await admin(house, boss, "setup")).wait_shown()
        shown = await (await admin(house, boss, "settings")).wait_shown()
        await said(house, boss, "channels", allow=house.channel)
        listed = await (await admin(house, boss, "channels")).wait_shown()
        again = await (await admin(house, boss, "settings")).wait_shown()
        await (await house.discord.click(again, "Delete", boss)).wait_shown()
        for message, button in (
            (panel, "Next"),
            (shown, "Delete"),
            (again, "Confirm"),
            (listed, "Allow everywhere"),
        ):
            pressed = await house.discord.click(message, button, house.alice)
            await pressed.wait_shown()
            assert "Manage Server" in pressed.text, button
    assert await settings_of(house) == ServerSettings(channels=(house.channel.id,))


async def test_models_are_allowed_and_removed_several_at_once(house: House, boss: User) -> None:
    first, second, third = "seedance2.0-fast-i2v", "seedance2.0-std", "seedance2.0-md"
    async with house.running(new_server_models=("default",)):
        text = await said(house, boss, "models", allow=f"{second}, {third}")
        assert second in text
        offered = await house.discord.autocomplete(
            house.guild,
            house.channel,
            boss,
            "videoadmin models",
            {"remove": f"{first} se"},
            "remove",
        )
        await offered.wait_answered()
        assert f"{first} {third}" in [each["value"] for each in offered.choices]
        text = await said(house, boss, "models", remove=f"{first} {second}")
        assert f"- `{third}`" in text
        text = await said(house, boss, "models", remove=third)
        assert "only one left" in text
        refused = await house.create(model=first)
        await refused.wait_shown()
        assert "isn't allowed here" in refused.text
    assert (await settings_of(house)).models == (third,)


async def test_channels_close_with_the_first_one_allowed(house: House, boss: User) -> None:
    other = house.discord.add_channel(house.guild, "videos")
    thread = house.discord.add_channel(
        house.guild, "ours", type=ChannelType.PUBLIC_THREAD, parent_id=other.id
    )
    async with house.running():
        text = await said(house, boss, "channels", remove=other)
        assert "every channel" in text
        await said(house, boss, "channels", allow=other)
        refused = await house.create()
        await refused.wait_shown()
        assert f"<#{other.id}>" in refused.text
        await (await house.create(channel=thread)).wait_shown()
        await house.until_state(State.POSTED)
        text = await said(house, boss, "channels", remove=other)
        assert "last one left" in text
        refusal = await admin(house, boss, "channels", remove=other)
        shown = await refusal.wait_shown()
    async with house.running():
        opened = await house.discord.click(shown, "Allow everywhere", boss)
        await opened.wait_shown()
        assert (await settings_of(house)).channels is None
        await (await house.create()).wait_shown()
        await house.until_state(State.POSTED, number=1)
    assert {video.channel_id for video in house.videos()} == {thread.id, house.channel.id}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_channels_are_named_to_who_can_see_them_alone(house: House, boss: User) -> None:
    seen = house.discord.add_channel(house.guild, "videos")
    hidden = house.discord.add_channel(house.guild, "staff", is_hidden=True)
    async with house.running():
        await said(house, boss, "channels", allow=hidden)
        refused = await house.create()
        await refused.wait_shown()
        assert "<#" not in refused.text
        assert "Videos aren't made in this channel" in refused.text
        await said(house, boss, "channels", allow=seen)
        refused = await house.create()
        await refused.wait_shown()
        assert f"<#{seen.id}>" in refused.text
        assert f"<#{hidden.id}>" not in refused.text


async def test_posts_and_cards_speak_the_servers_language(house: House, boss: User) -> None:
    async with house.running():
        await said(house, boss, "settings", language="zh-CN")
        asked = await house.create()
        await asked.wait_shown()
        assert "On its way" in asked.text
        request = await house.until_state(State.POSTED)
    assert request.guild_locale == "zh-CN"
    (video,) = house.videos()
    assert "视频" in video.content


async def test_a_server_that_invites_the_bot_is_pointed_to_the_setup_once(house: House) -> None:
    async with house.running() as app:
        await started(house, app)
        guild = house.discord.add_guild("Second", locale="zh-CN")
        hall = house.discord.add_channel(guild, "hall")
        guild.system_channel_id = hall.id
        await house.discord.announce(guild)
        word = await house.discord.wait_message(lambda message: message.channel_id == hall.id)
        assert "/videoadmin setup" in word.content or "videoadmin setup:" in word.content
        assert "Second" in word.content
        assert "感谢" in word.content
    async with house.running():
        await house.discord.announce(guild)
        await house.discord.quiet()
    assert len(house.discord.messages(hall)) == 1
    assert not house.discord.messages(house.channel)
    async with house.database.reading() as tx:
        known = await servers.require(tx, guild.id)
    assert known.joined_at_ms


async def test_where_the_bot_may_not_write_the_owner_gets_a_direct_message(house: House) -> None:
    async with house.running() as app:
        await started(house, app)
        guild = house.discord.add_guild("Second")
        await house.discord.announce(guild)
        word = await house.discord.wait_message(lambda message: "Second" in message.content)
    place = house.discord.world.channels[word.channel_id]
    assert place.recipient is guild.owner


async def test_settings_outlive_the_bots_removal_and_end_with_their_deletion(
    house: House, boss: User
) -> None:
    async with house.running() as app:
        await started(house, app)
        await said(house, boss, "settings", remix="everyone")
        await house.create()
        request = await house.until_state(State.POSTED)
        await house.discord.remove_bot(house.guild)
        house.discord.world.guilds[house.guild.id] = house.guild
        house.guild.members[house.discord.world.bot.id].joined_at_ms += 1000
        house.channel.bot_permissions = MEMBER_PERMISSIONS
        await house.discord.announce(house.guild)
        await house.discord.quiet()
        assert not [text for text in house.texts() if "Thanks for adding me" in text]
        assert (await settings_of(house)).remix == "everyone"
        shown = await (await admin(house, boss, "settings")).wait_shown()
        asked = await house.discord.click(shown, "Delete", boss)
        await asked.wait_shown()
        assert (await settings_of(house)).remix == "everyone"
        sure = await house.discord.click(asked.message or shown, "Confirm", boss)
        await sure.wait_shown()
        video = app.settings.data_dir / request.result_path
        await house.until(lambda _: not video.exists())
    assert await settings_of(house) == ServerSettings()
    (erased,) = await house.requests()
    assert "lighthouse" not in erased.spec
    assert erased.user_id < 0
    assert not [
        post for post in await house.messages(request.id) if post.kind is MessageKind.RESULT
    ]
