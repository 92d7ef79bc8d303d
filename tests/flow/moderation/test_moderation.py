"""Holding, reporting, hiding, deleting, blocking, history, and the end of what waits too long."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage.moderation.audit_log import Action
from storage.records import MessageKind, OutboxState, State
from tests.flow.fast_forward import HopClock
from tests.support.bot_env import picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Message, Upload, User
from tests.support.moderated_env import (
    APPROVE,
    REJECT,
    SPOILER,
    ModeratedEnv,
    open_moderated_env,
)

HOUR_MS = 60 * 60 * 1000


@pytest.fixture
def clock() -> HopClock:
    return HopClock()


@pytest.fixture
async def moderated_env(
    database_url: str, tmp_path: Path, clock: HopClock
) -> AsyncIterator[ModeratedEnv]:
    """A moderated environment on each database, with a clock that can be advanced."""
    async with open_moderated_env(database_url, tmp_path, clock=clock) as opened:
        yield opened


async def posted(moderated_env: ModeratedEnv, number: int = 0, **options: Any) -> Message:
    """A posted video of Alice's."""
    await moderated_env.ask(**options)
    request = await moderated_env.bot_env.until_state(State.POSTED, number=number)
    return next(
        video
        for video in moderated_env.bot_env.videos(moderated_env.bot_env.channel)
        if request.id in video.attachments[0].filename
    )


async def actions(moderated_env: ModeratedEnv) -> list[str]:
    return [str(each.action) for each in reversed(await moderated_env.log_of())]


# what waits too long


@pytest.mark.parametrize("mode", ["prompt", "result"])
async def test_what_waits_is_reminded_of_once_and_then_rejected(
    moderated_env: ModeratedEnv, clock: HopClock, mode: str
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review=mode, review_timeout_hours=10)
    async with bot_env.running():
        await moderated_env.ask()
        request = await bot_env.until_state(State.HELD, State.REVIEWING)
        card = await moderated_env.card(request.id)
        clock.ahead_ms = 5 * HOUR_MS + 1
        reminder = await bot_env.discord.wait_message(lambda message: "⏰" in message.content)
        assert str(card.id) in reminder.content
        clock.ahead_ms = 9 * HOUR_MS
        await bot_env.discord.quiet(1.2)
        assert sum("⏰" in text for text in bot_env.texts()) == 1
        clock.ahead_ms = 10 * HOUR_MS + 1
        await bot_env.until_state(State.REJECTED)
        await moderated_env.decided(card, "nobody decided in time")
        news = await bot_env.discord.wait_message(
            lambda message: "no moderator checked" in message.content
        )
        late = await bot_env.discord.press_stale(
            card, f"vb:approve:{request.id}:1", moderated_env.bob
        )
        assert "Time ran out" in (await late.wait_shown()).content
    assert bot_env.discord.world.channels[news.channel_id].recipient is bot_env.alice
    assert await actions(moderated_env) == [Action.TIMED_OUT]
    assert not bot_env.videos(bot_env.channel)


async def test_a_card_that_was_deleted_comes_again_with_the_reminder(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt", review_timeout_hours=10)
    async with bot_env.running():
        card = await moderated_env.held()
        await bot_env.discord.quiet()
        await bot_env.discord.delete(card)
        bot_env.discord.world.advance(5 * 3600)
        clock.ahead_ms = 5 * HOUR_MS + 1
        again = await moderated_env.card((await bot_env.request()).id)
        assert again.id != card.id
        assert "pproved" in await moderated_env.press(again, APPROVE)
        await bot_env.until_state(State.POSTED)


# holding


async def test_the_first_requests_of_a_member_are_held_until_so_many_were_passed(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(hold_first=1)
    async with bot_env.running():
        card = await moderated_env.held()
        await moderated_env.held(number=1)
        assert "one of this member's first" in card.content
        await moderated_env.press(card, APPROVE)
        await posted(moderated_env, number=2)
    assert (await bot_env.request(1)).state is State.HELD


@on_sqlite
async def test_young_members_links_and_reported_members_are_held(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video = await posted(moderated_env)
        await moderated_env.set(hold_younger_days=3)
        assert "new account or new member" in (await moderated_env.held(number=1)).content
        await moderated_env.set(hold_younger_days=0, hold_links=True)
        card = await moderated_env.held(number=2, prompt="as on www.example.com")
        assert "contains a link" in card.content
        await moderated_env.set(hold_links=False)
        await posted(moderated_env, number=3)
        assert "reported" in await moderated_env.report(video, moderated_env.dave)
        assert "has been reported" in (await moderated_env.held(number=4)).content
    assert len(bot_env.provider.creates) == 2


@on_sqlite
async def test_a_listed_word_holds_and_is_never_named(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        added = await moderated_env.mod("words", add="grenade")
        assert "grenade" in added.text
        assert "already on the list" in (await moderated_env.mod("words", add="GRENADE")).text
        asked = await moderated_env.ask(prompt="the g.r e\u200bn-a d 3 on the table")
        request = await bot_env.until_state(State.HELD)
        card = await moderated_env.card(request.id)
        shown = [asked.text, *bot_env.texts(bot_env.channel)]
        assert not any("grenade" in text.lower() for text in shown)
        assert "a word on the list" in card.content
        await posted(moderated_env, number=1, prompt="pomegranates")
        assert "off the list" in (await moderated_env.mod("words", remove="Grenade")).text
        assert "Only moderators" in (await moderated_env.mod("words", user=moderated_env.dave)).text
        await bot_env.discord.quiet()
    assert not any("grenade" in text.lower() for text in bot_env.texts(moderated_env.log))
    assert await actions(moderated_env) == [Action.WORD_ADDED, Action.WORD_REMOVED]


@on_sqlite
async def test_holding_without_a_review_channel_refuses(moderated_env: ModeratedEnv) -> None:
    await moderated_env.set(hold_first=3, review_channel=None)
    async with moderated_env.bot_env.running():
        assert "review_channel" in (await moderated_env.ask()).text
    assert not await moderated_env.bot_env.requests()


# blocking


async def test_a_blocked_member_asks_for_nothing_and_what_runs_goes_to_review(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    bot_env.hold_tasks()
    async with bot_env.running():
        await moderated_env.ask()
        await bot_env.until_state(State.RUNNING)
        blocked = await moderated_env.mod("block", member=bot_env.alice, reason="spam", days=2)
        bot_env.let_tasks_end()
        assert f"<@{bot_env.alice.id}>" in blocked.text
        request = await bot_env.until_state(State.REVIEWING)
        assert "blocked since" in (await moderated_env.card(request.id)).content
        assert "blocked" in (await moderated_env.ask()).text
        assert not bot_env.videos(bot_env.channel)
        clock.ahead_ms = 49 * HOUR_MS
        await bot_env.until(lambda rows: rows[0].state is State.REJECTED)
        await posted(moderated_env, number=1)
        clock.ahead_ms = 0
        assert "blocked" in (await moderated_env.ask()).text
        await moderated_env.mod("unblock", member=bot_env.alice)
        await posted(moderated_env, number=2)
        assert "isn't blocked" in (await moderated_env.mod("unblock", member=bot_env.alice)).text
        refused = await moderated_env.mod("block", user=moderated_env.dave, member=bot_env.alice)
        assert "Only moderators" in refused.text
    done = await actions(moderated_env)
    # the review of the first video was over by the time the clock was put ahead to
    assert done == [Action.BLOCKED, Action.TIMED_OUT, Action.UNBLOCKED]


# reports


async def test_a_report_is_counted_once_and_so_many_hide_the_video(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(report_threshold=2)
    async with bot_env.running():
        video = await posted(moderated_env)
        request = await bot_env.request()
        assert "own video" in await moderated_env.report(video, bot_env.alice)
        assert "reported" in await moderated_env.report(
            video, moderated_env.dave, "it shows **me**"
        )
        card = await moderated_env.card(request.id)
        assert "it shows \\*\\*me" in card.content
        assert "already reported" in await moderated_env.report(video, moderated_env.dave)
        assert not video.attachments[0].is_spoiler
        await moderated_env.report(video, moderated_env.carol, "ugly")
        await bot_env.discord.wait_for(lambda: video.attachments[0].is_spoiler)
        await bot_env.discord.wait_for(lambda: "2 members" in card.content)
        assert "Stays" not in card.content
        await moderated_env.press(card, APPROVE)
        await bot_env.discord.wait_for(lambda: not video.attachments[0].is_spoiler)
        await moderated_env.decided(card, "Kept")
    assert len(bot_env.videos(bot_env.channel)) == 1
    kinds = [Action.REPORTED, Action.REPORTED, Action.HIDDEN, Action.KEPT]
    assert await actions(moderated_env) == kinds


async def test_a_reported_video_that_is_rejected_is_taken_down(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running() as app:
        video = await posted(moderated_env, files={"image1": Upload("a.png", picture())})
        request = await bot_env.request()
        await moderated_env.report(video, moderated_env.dave)
        card = await moderated_env.card(request.id)
        await moderated_env.reject(card, Note="no")
        await bot_env.discord.wait_for(lambda: not bot_env.videos(bot_env.channel))
        news = await bot_env.discord.wait_message(
            lambda message: "took your video" in message.content
        )
        await bot_env.until_so(lambda: _is_purged(moderated_env, request.id))
        await bot_env.discord.wait_for(lambda: not card.attachments)
        folder = app.settings.data_dir
        assert not (folder / request.result_path).exists()
        assert not (folder / "inputs" / request.id).exists()
        own = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": request.id}
        )
        await own.wait_shown()
    assert bot_env.discord.world.channels[news.channel_id].recipient is bot_env.alice
    assert "no" in news.content
    assert "discord.com" not in own.text


async def _is_purged(moderated_env: ModeratedEnv, request_id: str) -> bool:
    return all(review.is_purged for review in await moderated_env.reviews_of(request_id))


async def test_a_report_that_nobody_decides_leaves_the_video_as_it_is(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video = await posted(moderated_env)
        await moderated_env.report(video, moderated_env.dave)
        card = await moderated_env.card((await bot_env.request()).id)
        clock.ahead_ms = 25 * HOUR_MS
        await moderated_env.decided(card, "Left as it is")
    assert bot_env.videos(bot_env.channel) == [video]


@on_sqlite
async def test_what_is_no_posted_video_cannot_be_reported(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        said = await bot_env.discord.say(bot_env.channel, bot_env.alice, "hello")
        assert "isn't a video I posted" in await moderated_env.report(said, moderated_env.dave)
        forged = await bot_env.discord.press_stale(said, "vb:report:zzzzzz9", moderated_env.dave)
        await forged.wait_answered()
        sent = await bot_env.discord.submit(forged, {"Reason": "x"})
        assert "isn't a video I posted" in (await sent.wait_shown()).content


# deleting


@on_sqlite
async def test_more_offers_what_its_presser_may_do(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env

    async def offered(user: User) -> set[str]:
        pressed = await bot_env.discord.click(video, "More", user)
        shown = await pressed.wait_shown()
        labels = {part["label"] for row in shown.components for part in row["components"]}
        return labels & {"Report", "Delete"}

    async with bot_env.running():
        video = await posted(moderated_env)
        assert await offered(bot_env.alice) == {"Delete"}
        assert await offered(moderated_env.bob) == {"Report", "Delete"}
        assert await offered(moderated_env.dave) == {"Report"}
        await moderated_env.report(video, moderated_env.dave)
        assert await offered(moderated_env.dave) == set()
        # rights are asked for again when it is pressed, whatever was shown
        bobs = await (await bot_env.discord.click(video, "More", moderated_env.bob)).wait_shown()
        forged = await bot_env.discord.click(bobs, "Delete", moderated_env.dave)
        assert "Only the member" in (await forged.wait_shown()).content


async def test_delete_asks_once_and_takes_the_video_and_its_copies(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running() as app:
        await posted(moderated_env)
        request = await bot_env.request()
        private = await _private(moderated_env, request.id)
        stranger = await bot_env.discord.click(private, "Confirm", moderated_env.dave)
        assert "Only the member" in (await stranger.wait_shown()).content
        private = await _private(moderated_env, request.id)
        sure = await bot_env.discord.click(private, "Confirm", bot_env.alice)
        await sure.wait_answered()
        await bot_env.discord.wait_for(lambda: not bot_env.videos(bot_env.channel))
        await bot_env.until_so(lambda: _is_gone(moderated_env, request.id))
        file = app.settings.data_dir / request.result_path
        await bot_env.until_so(lambda: _is_removed(file))
    assert await actions(moderated_env) == [Action.DELETED]


async def _is_removed(file: Path) -> bool:
    return not file.exists()


async def _private(moderated_env: ModeratedEnv, request_id: str) -> Message:
    """The question, as More's Delete asks it."""
    bot_env = moderated_env.bot_env
    more = await bot_env.discord.click(bot_env.videos(bot_env.channel)[0], "More", bot_env.alice)
    shown = await more.wait_shown()
    pressed = await bot_env.discord.click(shown, "Delete", bot_env.alice)
    await pressed.wait_answered()
    await bot_env.discord.wait_for(lambda: "for good" in shown.content)
    assert request_id in shown.content
    return shown


async def _is_gone(moderated_env: ModeratedEnv, request_id: str) -> bool:
    messages = await moderated_env.bot_env.messages(request_id)
    return [post.state for post in messages if post.kind is MessageKind.RESULT] == [
        OutboxState.DELETED
    ]


async def test_while_a_report_is_open_the_evidence_stays_for_moderators(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running() as app:
        video = await posted(moderated_env)
        request = await bot_env.request()
        await moderated_env.report(video, moderated_env.dave)
        card = await moderated_env.card(request.id)
        private = await _private(moderated_env, request.id)
        await bot_env.discord.click(private, "Confirm", bot_env.alice)
        await bot_env.discord.wait_for(lambda: not bot_env.videos(bot_env.channel))
        await bot_env.discord.quiet()
        assert (app.settings.data_dir / request.result_path).exists()
        assert card.attachments
        await moderated_env.press(card, SPOILER)
        await moderated_env.decided(card)
    assert not bot_env.videos(bot_env.channel)


async def test_evidence_outlives_a_rejection_that_can_still_be_taken_back(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running() as app:
        video = await posted(moderated_env)
        request = await bot_env.request()
        await moderated_env.report(video, moderated_env.dave)
        card = await moderated_env.card(request.id)
        opened = await bot_env.discord.click(card, REJECT, moderated_env.bob)
        await opened.wait_answered()
        answer = await (await bot_env.discord.submit(opened, {})).wait_shown()
        private = await _private(moderated_env, request.id)
        await bot_env.discord.click(private, "Confirm", bot_env.alice)
        await bot_env.discord.wait_for(lambda: not bot_env.videos(bot_env.channel))
        await bot_env.discord.quiet()
        assert (app.settings.data_dir / request.result_path).exists()
        await bot_env.discord.click(answer, "Undo", moderated_env.bob)
        await bot_env.discord.wait_for(lambda: "Taken back" in answer.content)
        assert (await moderated_env.card(request.id)).attachments
        assert (app.settings.data_dir / request.result_path).exists()


# history


async def test_a_moderator_completes_an_id_by_anybodys_prompt(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        await posted(moderated_env, prompt="a lighthouse at dusk")
        await posted(moderated_env, number=1, user=moderated_env.dave, prompt="a red fox")
        one, two = await bot_env.requests()
        for given, found in (
            ({"id": "light"}, [one.id]),
            ({"id": one.id[:4]}, [one.id]),
            ({"id": "a ", "member": moderated_env.dave}, [two.id]),
            ({"id": ""}, [two.id, one.id]),
        ):
            asked = await bot_env.discord.autocomplete(
                bot_env.guild,
                moderated_env.channel,
                moderated_env.bob,
                "videomod history",
                given,
                "id",
            )
            await asked.wait_answered()
            assert [choice["value"] for choice in asked.choices] == found


async def test_the_history_says_who_did_what_when_and_why(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        request = await bot_env.request()
        await moderated_env.reject(card, Reason=["brand"], Note="a logo")
        # lines are posted side by side: the second is asked for when the first one stands
        await bot_env.discord.wait_for(lambda: len(bot_env.texts(moderated_env.log)) == 1)
        await moderated_env.mod(
            "block", user=moderated_env.carol, member=bot_env.alice, reason="again"
        )
        for options in ({"member": bot_env.alice}, {"id": request.id}):
            text = (await moderated_env.mod("history", **options)).text
            assert "rejected" in text
            assert f"<@{moderated_env.bob.id}>" in text
            assert "A brand" in text
            assert "a logo" in text
        assert "blocked" in (await moderated_env.mod("history", member=bot_env.alice)).text
        assert "No decisions" in (await moderated_env.mod("history", id="zzzzzz9")).text
        assert (
            "Only moderators" in (await moderated_env.mod("history", user=moderated_env.dave)).text
        )
        await bot_env.discord.wait_for(lambda: len(bot_env.texts(moderated_env.log)) == 2)
    first, second = bot_env.texts(moderated_env.log)
    assert f"<@{moderated_env.bob.id}>" in first
    assert request.id in first
    assert f"<@{moderated_env.carol.id}>" in second
