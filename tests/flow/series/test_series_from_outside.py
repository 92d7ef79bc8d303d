"""`/video series` from outside: its form, the one question, the card, retry, finish, cancel."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.demo.provider.faults import TaskPlan
from bot.services.requests.saved_forms import SavedFormService
from storage.records import Request, State
from tests.flow.requests.test_followups import chosen, fields, labels
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Message, Upload
from tests.support.discord.schema import problems_of

REFUSED = "PROVIDER_MODERATION_ERROR"
SHOTS = "a boat leaves the bay\na storm comes up\nthe boat reaches an island"


async def opened(bot_env: BotEnv) -> Interaction:
    """The form, open before the member."""
    return await (
        await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video series", {}
        )
    ).wait_answered()


async def asked(bot_env: BotEnv, shots: str = SHOTS, **values: Any) -> Message:
    """The question after a form was sent."""
    form = await opened(bot_env)
    sent = await bot_env.discord.submit(form, {"Shots": shots, "Duration": "4", **values})
    return await sent.wait_shown()


async def series_of(bot_env: BotEnv) -> Request:
    return next(row for row in await bot_env.requests() if row.shots)


async def until_series(bot_env: BotEnv, *states: State) -> Request:
    rows = await bot_env.until(lambda rows: any(row.shots and row.state in states for row in rows))
    return next(row for row in rows if row.shots)


def cards(bot_env: BotEnv, text: str) -> list[Message]:
    """The messages of the channel with this text."""
    return [each for each in bot_env.discord.messages(bot_env.channel) if text in each.content]


async def until_card(bot_env: BotEnv, text: str) -> Message:
    """The card once it says so."""
    await bot_env.discord.wait_for(lambda: bool(cards(bot_env, text)))
    return cards(bot_env, text)[0]


async def stopped(bot_env: BotEnv) -> Message:
    """The card of a series whose second shot the provider has refused."""
    bot_env.provider.faults.next_task(None, TaskPlan(fails_with=REFUSED))
    await bot_env.discord.click(await asked(bot_env), "Confirm", bot_env.alice)
    return await until_card(bot_env, "Shot 2 of 3 couldn't be made")


@on_sqlite
async def test_a_stop_is_told_in_a_message_that_mentions_its_member(bot_env: BotEnv) -> None:
    async with bot_env.running():
        card = await stopped(bot_env)
        notice = await until_card(bot_env, "shot 2 of 3 of your series couldn't be made")
        await bot_env.discord.quiet()
    whole = await series_of(bot_env)
    assert notice.pinged == {bot_env.alice.id}
    assert "refused it because of its content" in notice.content
    assert "**Retry shot**" in notice.content
    assert "**Finish with what there is**" in notice.content
    assert f"/{card.channel_id}/{card.id}" in notice.content
    assert not any(shot in notice.content for shot in SHOTS.splitlines())
    assert cards(bot_env, f"`{whole.id}`") == [card, notice]


async def test_a_series_is_asked_for_once_and_posted_as_one_film(bot_env: BotEnv) -> None:
    async with bot_env.running():
        form = await opened(bot_env)
        assert list(fields(form)) == ["Shots", "Files", "Model", "Duration", "Ratio"]
        assert chosen(fields(form)["Model"]) == ["seedance2.0-fast-i2v"]
        assert not problems_of(
            "POST /interactions/{interaction_id}/{interaction_token}/callback",
            {"type": 9, "data": form.modal},
        )
        files = [Upload("red.png", picture(colour="red"))]
        question = await asked(bot_env, Files=files)
        assert question.is_ephemeral
        assert "3 shots make one film of 12 s" in question.content
        assert all(each in question.content for each in SHOTS.splitlines())
        assert not bot_env.discord.messages(bot_env.channel)
        assert not bot_env.provider.creates
        await bot_env.discord.click(question, "Confirm", bot_env.alice)
        await until_series(bot_env, State.POSTED)
    (film,) = bot_env.videos(bot_env.channel)
    assert f"<@{bot_env.alice.id}>" in film.content
    prompts = [call.body["prompt"] for call in bot_env.provider.creates]
    assert prompts == SHOTS.splitlines()
    assert all(row.state is State.POSTED for row in await bot_env.requests())
    assert not bot_env.discord.invalid_calls()
    assert not bot_env.discord.late_interactions()


@on_sqlite
async def test_a_refused_series_can_be_corrected_without_typing_it_again(bot_env: BotEnv) -> None:
    async with bot_env.running():
        refusal = await asked(bot_env, "only one shot")
        assert "2–6" in refusal.content
        again = await bot_env.discord.click(refusal, "Edit", bot_env.alice)
        form = fields(await again.wait_answered())
        assert form["Shots"]["value"] == "only one shot"
        question = await (await bot_env.discord.submit(again, {"Shots": SHOTS})).wait_shown()
        assert "3 shots" in question.content
        assert labels(question) == ["Confirm"]


@on_sqlite
async def test_the_form_offers_models_that_begin_with_a_picture(bot_env: BotEnv) -> None:
    async with bot_env.running():
        models = {each["value"] for each in fields(await opened(bot_env))["Model"]["options"]}
    assert "seedance2.0-md" not in models
    assert "seedance2.0-std" in models


@on_sqlite
async def test_a_shot_that_failed_is_made_again_with_other_words(bot_env: BotEnv) -> None:
    async with bot_env.running():
        stands = await stopped(bot_env)
        assert labels(stands) == ["Retry shot", "Finish with what there is", "Cancel"]
        form = await (
            await bot_env.discord.click(stands, "Retry shot", bot_env.alice)
        ).wait_answered()
        assert fields(form)["Prompt"]["value"] == "a storm comes up"
        sent = await bot_env.discord.submit(form, {"Prompt": "a breeze comes up"})
        assert "Shot 2 is being made again" in (await sent.wait_shown()).content
        await until_series(bot_env, State.POSTED)
    assert len(bot_env.videos(bot_env.channel)) == 1
    prompts = [call.body["prompt"] for call in bot_env.provider.creates]
    assert prompts == [
        *SHOTS.splitlines()[:2],
        "a breeze comes up",
        SHOTS.splitlines()[2],
    ]
    assert not cards(bot_env, "Shot 2 of 3 couldn't be made")
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_it_is_finished_with_what_there_is(bot_env: BotEnv) -> None:
    async with bot_env.running():
        stands = await stopped(bot_env)
        pressed = await bot_env.discord.click(stands, "Finish with what there is", bot_env.alice)
        assert "one shot there is" in (await pressed.wait_shown()).content
        await until_series(bot_env, State.POSTED)
    assert len(bot_env.videos(bot_env.channel)) == 1
    assert len(bot_env.provider.creates) == 2


@on_sqlite
async def test_its_buttons_are_its_members_alone(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("Bob")
    async with bot_env.running():
        stands = await stopped(bot_env)
        for label in ("Retry shot", "Finish with what there is", "Cancel"):
            pressed = await bot_env.discord.click(stands, label, bob)
            answer = await pressed.wait_shown()
            assert answer.is_ephemeral
            assert "Only" in answer.content, label
        assert labels(cards(bot_env, "Shot 2 of 3")[0])[0] == "Retry shot"
        await bot_env.discord.click(stands, "Cancel", bot_env.alice)
        series = await until_series(bot_env, State.CANCELLED)
        assert series.user_id == bot_env.alice.id
    assert not bot_env.videos(bot_env.channel)


@on_sqlite
async def test_show_lists_its_shots_and_list_shows_it_once(bot_env: BotEnv) -> None:
    async with bot_env.running():
        await stopped(bot_env)
        series = await series_of(bot_env)
        shown = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": series.id}
        )
        (embed,) = (await shown.wait_shown()).embeds
        shots = next(each["value"] for each in embed["fields"] if each["name"] == "Shots")
        assert all(each in shots for each in SHOTS.splitlines())
        assert "1 · done" in shots
        assert "3 · waiting for its turn" in shots
        listed = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video list", {}
        )
        (embed,) = (await listed.wait_shown()).embeds
        assert embed["description"].count(series.id) == 1
        assert not any(
            row.id in embed["description"] for row in await bot_env.requests() if row.series_of
        )


def _meeting(both: asyncio.Barrier, name: str) -> Callable[..., Any]:
    """The service's method, which goes on once both have begun."""
    real = getattr(SavedFormService, name)

    async def met(*args: Any, **options: Any) -> Any:
        await both.wait()
        return await real(*args, **options)

    return met


@on_sqlite
async def test_a_posted_series_is_asked_for_again_or_changed_as_a_series(
    bot_env: BotEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bot_env.running():
        files = [Upload("red.png", picture(colour="red"))]
        await bot_env.discord.click(await asked(bot_env, Files=files), "Confirm", bot_env.alice)
        await until_series(bot_env, State.POSTED)
        (film,) = bot_env.videos(bot_env.channel)
        assert "A series of 3 shots" in film.content
        again = await bot_env.discord.click(film, "Again", bot_env.alice)
        assert "3 shots make one film of 12 s" in (await again.wait_shown()).content
        with monkeypatch.context() as patched:
            # a form can't be deferred: what it takes is looked up at once
            both = asyncio.Barrier(2)
            for name in ("keep", "prefill"):
                patched.setattr(SavedFormService, name, _meeting(both, name))
            pressed = await bot_env.discord.click(film, "Edit", bot_env.alice)
            edit = await pressed.wait_answered()
        form = fields(edit)
        assert form["Shots"]["value"] == SHOTS
        assert "The file you attached is kept" in edit.modal["components"][1]["description"]
        changed = await bot_env.discord.submit(edit, {"Shots": "a dog runs\nit sleeps"})
        question = await changed.wait_shown()
        assert "2 shots make one film of 8 s" in question.content
        await bot_env.discord.click(question, "Confirm", bot_env.alice)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos(bot_env.channel)) == 2)
    sent: list[Any] = [call.body for call in bot_env.provider.creates]
    known = {upload.url: upload.path.read_bytes() for upload in bot_env.provider.uploads}
    assert [known[body["images"][0]] for body in (sent[0], sent[3])] == [picture(colour="red")] * 2
