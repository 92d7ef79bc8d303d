"""Quota commands from outside: what members read, what only moderators and managers may do."""

import csv
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from storage.records import State
from tests.cogs.conftest import NOW_MS, Scene
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, Permission, Role, User

PRICES = '[models."seedance2.0-fast-i2v".price]\nper_task = "0.50"\n'


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    return path


def staff(scene: Scene, permission: Permission) -> User:
    """A new member with one more right."""
    user = scene.discord.add_user(permission.name or "staff")
    scene.discord.world.add_member(scene.guild, user, MEMBER_PERMISSIONS | permission)
    return user


def moderator(scene: Scene) -> User:
    return staff(scene, Permission.MANAGE_MESSAGES)


def manager(scene: Scene) -> User:
    return staff(scene, Permission.MANAGE_GUILD)


def role(scene: Scene, name: str) -> Role:
    made = Role(scene.discord.world.new_id(), name)
    scene.guild.roles[made.id] = made
    return made


def buttons(asked: Interaction) -> list[str]:
    assert asked.message is not None
    return [part["label"] for row in asked.message.components for part in row["components"]]


async def test_quota_shows_usage_remainder_and_next_reset(scene: Scene) -> None:
    async with scene.running(user_daily_videos=3):
        empty = (await scene.use("quota")).text
        await scene.create()
        used = await scene.use("quota")
    assert "**You can make 3 more videos right now.**" in empty
    assert used.message is not None
    assert used.message.is_ephemeral
    assert "**You can make 2 more videos right now.**" in used.text
    assert "1 of 3 videos used in the last 24 hours · default limit" in used.text
    (request,) = await scene.requests()
    assert f"<t:{(request.created_at_ms + 86_400_000) // 1000}:R>" in used.text
    assert "In progress now: 1" in used.text


async def test_only_moderators_look_at_others(scene: Scene) -> None:
    async with scene.running():
        await scene.create()
        strangers = (await scene.use("quota", {"member": scene.alice}, user=scene.bob)).text
        own = (await scene.use("quota", {"member": scene.bob}, user=scene.bob)).text
        theirs = (await scene.use("quota", {"member": scene.alice}, user=moderator(scene))).text
    assert "Only moderators" in strangers
    assert "You can make 12 more" in own
    assert f"<@{scene.alice.id}> can make 11 more" in theirs
    assert "This server: 1 of 100 videos used" in theirs


async def test_a_manager_sets_limits_for_member_role_and_everyone(scene: Scene) -> None:
    artists = role(scene, "artists")
    async with scene.running():
        boss = manager(scene)
        everyone = scene.guild.roles.get(scene.guild.id) or Role(scene.guild.id, "@everyone")
        told = await scene.use("videoadmin quota", {"who": everyone, "amount": "0"}, user=boss)
        none = (await scene.create()).text
        await scene.use("videoadmin quota", {"who": artists, "amount": "2"}, user=boss)
        scene.discord.world.add_member(scene.guild, scene.alice).roles.append(artists)
        await scene.create()
        own = (await scene.use("quota")).text
        options = {"who": scene.alice, "amount": "1"}
        await scene.use("videoadmin quota", options, user=boss)
        used_up = (await scene.create()).text
        await scene.use("videoadmin quota", {**options, "amount": "default"}, user=boss)
        again = (await scene.create()).text
    assert "Set for @everyone: **0 videos** per 24 hours." in told.text
    assert "everyone's limit is 0 videos" in none
    assert f"limit of the role <@&{artists.id}>" in own
    assert "You have used 1 of your 1 video in the last 24 hours." in used_up
    assert "<t:" in used_up
    assert "On its way" in again
    assert told.message is not None
    assert not told.message.pinged_everyone
    assert not scene.discord.invalid_calls()


async def test_only_managers_set_limits(scene: Scene) -> None:
    async with scene.running():
        for user in (scene.bob, moderator(scene)):
            options = {"who": scene.bob, "amount": "unlimited"}
            assert "Manage Server" in (await scene.use("videoadmin quota", options, user=user)).text
        wrong = {"who": scene.bob, "amount": "`lots`"}
        refused = (await scene.use("videoadmin quota", wrong, user=manager(scene))).text
        async with scene.database.reading() as tx:
            assert await tx.fetch_all("SELECT * FROM quotas") == []
    assert "'lots'" in refused
    assert "whole number" in refused


async def test_a_grant_names_its_end_and_a_reset_clears_the_count(scene: Scene) -> None:
    async with scene.running(user_daily_videos=1, server_daily_videos=4):
        helper = moderator(scene)
        await scene.create()
        assert "You have used 1 of your 1 video" in (await scene.create()).text
        options = {"member": scene.alice, "videos": 1}
        given = (await scene.use("videomod grant", options, user=helper)).text
        cut = (await scene.use("videomod grant", {**options, "videos": 50}, user=helper)).text
        own = (await scene.use("quota")).text
        await scene.create()
        anew = (await scene.use("videomod reset", {"member": scene.alice}, user=helper)).text
        left = (await scene.use("quota")).text
        selfish = {"member": helper, "videos": 1}
        refused = (await scene.use("videomod grant", selfish, user=helper)).text
        strange = (await scene.use("videomod grant", options, user=scene.bob)).text
    assert f"<@{scene.alice.id}> can make one more video until <t:" in given
    assert ":R>" in given
    assert "can make 2 more videos" in cut
    assert "less than the 50 you entered" in cut
    assert "Includes 2 extra videos" in own
    assert "is reset" in anew
    # the ceiling of the server is nearer than what the member may
    assert "You can make 2 more" in left
    assert "This server: 2 of 4 videos used" in left
    assert "to yourself" in refused
    assert "Only moderators" in strange


async def test_the_report_has_a_table_a_chart_and_a_file(scene: Scene, prices: Path) -> None:
    async with scene.running(models_file=prices):
        await scene.create()
        await scene.create()
        asked = await scene.use("videomod report", {"days": 7}, user=moderator(scene))
        refused = (await scene.use("videomod report", user=scene.bob)).text
    message = asked.message
    assert message is not None
    assert message.is_ephemeral
    chart, table = message.attachments
    picture = Image.open(io.BytesIO(chart.read()))
    assert (chart.filename, picture.format) == ("report.png", "PNG")
    assert chart.description is not None
    assert "Bar chart of requests by day" in chart.description
    rows = list(csv.DictReader(io.StringIO(table.read().decode("utf-8-sig"))))
    assert [row["member_id"] for row in rows] == [str(scene.alice.id)] * 2
    assert "The last 7 days (UTC)" in asked.text
    assert f"<@{scene.alice.id}>: 0 videos · 2 other · $1.00" in asked.text
    assert "Only moderators" in refused
    assert not scene.discord.invalid_calls()


async def test_price_and_remaining_quota_are_in_the_answer_and_on_the_models_page(
    scene: Scene, prices: Path
) -> None:
    async with scene.running(models_file=prices, user_daily_videos=5):
        answer = (await scene.create()).text
        models = (await scene.use("video models")).text
    assert "It costs $0.50." in answer
    assert "You can make 4 more videos right now." in answer
    assert "You can make 4 more videos right now." in models


async def test_a_costly_request_asks_first_and_confirm_works_after_a_restart(
    scene: Scene, prices: Path
) -> None:
    async with scene.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO servers (guild_id, settings, joined_at_ms) VALUES (:id, :settings, 0)",
            {"id": scene.guild.id, "settings": '{"confirm_above": "0.40"}'},
        )
    async with scene.running(models_file=prices, user_daily_videos=1):
        asked = await scene.create()
        assert buttons(asked) == ["Confirm"]
        assert "**This one costs $0.50.**" in asked.text
        assert (await scene.requests())[0].state is State.DRAFT
    async with scene.running(models_file=prices, user_daily_videos=1):
        assert asked.message is not None
        stranger = await scene.discord.click(asked.message, "Confirm", scene.bob)
        assert "Only the member" in (await stranger.wait_shown()).content
        for _ in range(2):
            pressed = await scene.discord.click(asked.message, "Confirm", scene.alice)
            await pressed.wait_shown()
            assert "On its way" in pressed.text
            assert not asked.message.components
            asked.message.components = [
                {"type": 1, "components": [_confirm((await scene.requests())[0].id)]}
            ]
        (request,) = await scene.requests()
        forged = f"vb:confirm:{request.id}:99999999999999999999"
        dead = await scene.discord.press_stale(asked.message, forged, scene.alice)
        await dead.wait_shown()
    assert request.state is State.QUEUED
    assert request.acked_at_ms > NOW_MS
    assert not scene.discord.invalid_calls()


def _confirm(request_id: str) -> dict[str, object]:
    custom_id = f"vb:confirm:{request_id}:500000"
    return {"type": 2, "id": 2, "style": 3, "label": "Confirm", "custom_id": custom_id}


async def test_chinese_members_read_chinese_only(scene: Scene, prices: Path) -> None:
    scene.alice.locale = "zh-CN"
    async with scene.running(models_file=prices, user_daily_videos=1, currency="CNY"):
        own = (await scene.use("quota")).text
        await scene.create()
        refused = (await scene.create()).text
    assert "你现在还可以制作 1 个视频" in own
    assert "你在过去 24 小时内已用 1" in refused
    words = re.sub(r"</[^>]+>", "", own + refused)
    assert not any(word in words for word in ("video", "limit", "You"))
