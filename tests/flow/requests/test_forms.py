"""The forms of `/video create` and `/video frames`, from outside over real sockets."""

from typing import Any

import psycopg
import pytest

from bot.services.requests.saved_forms import FORM_WAIT_S, SAVED_FORM_MS
from storage.records import Request, State
from tests.flow.requests.test_followups import body, chosen, fields, labels, set_up
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_postgres, on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Upload
from tests.support.discord.schema import problems_of

COLOURS = ("red", "gold", "navy", "teal")


async def slash(bot_env: BotEnv, path: str = "video create", **options: Any) -> Interaction:
    return await bot_env.discord.slash(bot_env.guild, bot_env.channel, bot_env.alice, path, options)


def files(*colours: str) -> list[Upload]:
    return [Upload(f"{colour}.png", picture(colour=colour)) for colour in colours]


def sent(bot_env: BotEnv, number: int = -1) -> list[bytes]:
    """The bytes of a task's pictures in its order."""
    known = {upload.url: upload.path.read_bytes() for upload in bot_env.provider.uploads}
    made = body(bot_env, number)
    return [known[url] for url in made.get("images") or (made["first_image"], made["last_image"])]


async def finished(bot_env: BotEnv, number: int = 0) -> Request:
    return await bot_env.until_state(State.POSTED, number=number)


async def test_a_form_with_what_was_attached_survives_a_restart(bot_env: BotEnv) -> None:
    red, gold, navy, teal = (picture(colour=colour) for colour in COLOURS)
    async with bot_env.running():
        opened = await slash(bot_env, image1=files("red")[0], image2=files("gold")[0], ratio="9:16")
        await opened.wait_answered()
        form = fields(opened)
        assert list(form) == ["Prompt", "Files", "Model", "Duration", "Ratio"]
        assert form["Files"]["max_values"] == 10
        assert chosen(form["Model"]) == ["seedance2.0-fast-i2v"]
        assert chosen(form["Ratio"]) == ["9:16"]
        assert not problems_of(
            "POST /interactions/{interaction_id}/{interaction_token}/callback",
            {"type": 9, "data": opened.modal},
        )
    async with bot_env.running():
        values = {"Prompt": "at sea", "Files": files("navy", "teal"), "Duration": "3"}
        asked = await bot_env.discord.submit(opened, values)
        assert (await asked.wait_shown()).is_ephemeral
        await finished(bot_env)
    assert sent(bot_env) == [red, gold, navy, teal]
    made = body(bot_env, 0)
    assert (made["prompt"], made["duration"], made["ratio"]) == ("at sea", 3, "9:16")
    assert not bot_env.discord.invalid_calls()
    assert not bot_env.discord.late_interactions()


@on_sqlite
async def test_a_form_delivered_twice_makes_one_request(bot_env: BotEnv) -> None:
    async with bot_env.running():
        opened = await (await slash(bot_env)).wait_answered()
        asked = await bot_env.discord.submit(opened, {"Prompt": "at sea"})
        await bot_env.discord.replay(asked)
        await asked.wait_shown()
        await finished(bot_env)
        await bot_env.discord.quiet()
    assert len(await bot_env.requests()) == 1


@on_sqlite
async def test_a_form_begins_with_the_servers_and_then_the_members_last_choices(
    bot_env: BotEnv,
) -> None:
    await set_up(bot_env, default_model="seedance2.0-std")
    async with bot_env.running():
        opened = await (await slash(bot_env)).wait_answered()
        assert chosen(fields(opened)["Model"]) == ["seedance2.0-std"]
        values = {"Model": "seedance2.0-sp", "Duration": "9", "Ratio": "21:9", "Prompt": "x"}
        await (await bot_env.discord.submit(opened, values)).wait_shown()
        await finished(bot_env)
        form = fields(await (await slash(bot_env)).wait_answered())
    assert chosen(form["Model"]) == ["seedance2.0-sp"]
    assert chosen(form["Duration"]) == ["9"]
    assert chosen(form["Ratio"]) == ["21:9"]
    assert len(form["Model"]["options"]) <= 25


@on_sqlite
async def test_the_form_of_frames_has_an_upload_each(bot_env: BotEnv) -> None:
    async with bot_env.running():
        opened = await (await slash(bot_env, "video frames", last=files("gold")[0])).wait_answered()
        assert list(fields(opened)) == ["Prompt", "First", "Last", "Model", "Duration"]
        values = {"Prompt": "from here to there", "First": files("red")}
        await (await bot_env.discord.submit(opened, values)).wait_shown()
        await finished(bot_env)
        assert sent(bot_env) == [picture(colour="red"), picture(colour="gold")]
        none = await (await slash(bot_env, "video frames")).wait_answered()
        refused = await bot_env.discord.submit(none, {"Prompt": "nothing to begin with"})
        assert "first frame" in (await refused.wait_shown()).content


@on_sqlite
async def test_what_was_refused_can_be_changed_without_attaching_again(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await slash(bot_env, prompt="x", image1=files("red")[0], duration=15, ratio="21:9")
        refusal = await asked.wait_shown()
        assert labels(refusal) == ["Use seedance2.0-std", "Edit"]
    async with bot_env.running():
        opened = await (await bot_env.discord.click(refusal, "Edit", bot_env.alice)).wait_answered()
        form = fields(opened)
        assert form["Prompt"]["value"] == "x"
        assert "1 file" in opened.modal["components"][1]["description"]
        await (await bot_env.discord.submit(opened, {"Ratio": "1:1"})).wait_shown()
        await finished(bot_env)
        assert sent(bot_env) == [picture(colour="red")]
        assert body(bot_env, 0)["ratio"] == "1:1"


@on_sqlite
async def test_the_model_that_would_take_it_is_one_tap_away(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await slash(bot_env, prompt="x", image1=files("red")[0], ratio="21:9")
        refusal = await asked.wait_shown()
    async with bot_env.running():
        for _ in range(2):
            taken = await bot_env.discord.click(refusal, "Use seedance2.0-std", bot_env.alice)
            answer = await taken.wait_shown()
        request = await finished(bot_env)
        assert request.id in answer.content
    assert request.model == "seedance2.0-std"
    assert len(await bot_env.requests()) == 1
    assert sent(bot_env) == [picture(colour="red")]


@on_sqlite
async def test_a_form_that_was_open_too_long_is_told_so(bot_env: BotEnv) -> None:
    async with bot_env.running():
        opened = await (await slash(bot_env, image1=files("red")[0])).wait_answered()
        bob = bot_env.discord.add_user("bob")
        other = await bot_env.discord.submit(opened, {"Prompt": "not mine"}, user=bob)
        assert "open for too long" in (await other.wait_shown()).content
        async with bot_env.database.transaction() as tx:
            old = {"at_ms": bot_env.clock() - SAVED_FORM_MS - 1000}
            await tx.execute("UPDATE saved_forms SET created_at_ms = :at_ms", old)
        asked = await bot_env.discord.submit(opened, {"Prompt": "too late"})
        assert "open for too long" in (await asked.wait_shown()).content
    assert not await bot_env.requests()


@on_sqlite
async def test_a_wrong_link_or_place_is_told_before_a_form_is_filled_in(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await slash(bot_env, links="ftp://example.org/cat.png")
        assert "ftp://" in (await asked.wait_shown()).content
        bot_env.channel.bot_permissions = 0
        asked = await slash(bot_env)
        assert "I'm missing" in (await asked.wait_shown()).content


@on_sqlite
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_every_form_is_within_discords_limits_with_the_longest_names(
    bot_env: BotEnv, locale: str
) -> None:
    bot_env.alice.locale = locale
    async with bot_env.running():
        for path in ("video create", "video frames"):
            opened = await (await slash(bot_env, path)).wait_answered()
            assert len(opened.modal["title"]) <= 45
            assert len(opened.modal["components"]) <= 5
            assert len(opened.modal["custom_id"]) <= 100
            for row in opened.modal["components"]:
                assert len(row["label"]) <= 45
                assert len(row.get("description") or "") <= 100
                options = row["component"].get("options") or []
                assert len(options) <= 25
                assert all(len(each["label"]) <= 100 for each in options)
    assert not bot_env.discord.invalid_calls()


@on_postgres
async def test_what_was_given_wrong_is_refused_in_time_although_the_database_is_slow(
    bot_env: BotEnv, database_url: str
) -> None:
    bot_env.form_wait_s = FORM_WAIT_S
    async with (
        bot_env.running("gateway"),
        await psycopg.AsyncConnection.connect(database_url) as other,
    ):
        # which says what the server's model is
        await other.execute("LOCK TABLE servers IN ACCESS EXCLUSIVE MODE")
        asked = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video create", {"links": "notalink"}
        )
        await asked.wait_shown()
    assert asked.text.startswith("This can't be made yet.")
    assert "notalink" in asked.text
    assert not bot_env.discord.late_interactions()
