"""Holding, reporting, hiding, deleting, blocking, history, and the end of what waits too long."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import wall_clock
from storage.moderation.audit_log import Action
from storage.records import MessageKind, OutboxState, State
from tests.support.bot_env import picture
from tests.support.discord.records import Message, Upload, User
from tests.support.moderated_env import APPROVE, SPOILER, Court, open_court

HOUR_MS = 60 * 60 * 1000


class Clock:
    """The wall's, and as far ahead as a test wants."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return wall_clock() + self.ahead_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def court(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Court]:
    """A court on each database, with a clock that can be put ahead."""
    async with open_court(database_url, tmp_path, clock=clock) as opened:
        yield opened


async def posted(court: Court, number: int = 0, **options: Any) -> Message:
    """A posted video of Alice's."""
    await court.ask(**options)
    request = await court.house.until_state(State.POSTED, number=number)
    return next(
        video
        for video in court.house.videos(court.house.channel)
        if request.id in video.attachments[0].filename
    )


async def actions(court: Court) -> list[str]:
    return [str(each.action) for each in reversed(await court.log_of())]


# what waits too long


@pytest.mark.parametrize("mode", ["prompt", "result"])
async def test_what_waits_is_reminded_of_once_and_then_rejected(
    court: Court, clock: Clock, mode: str
) -> None:
    house = court.house
    await court.set(review=mode, review_timeout_hours=10)
    async with house.running():
        await court.ask()
        request = await house.until_state(State.HELD, State.REVIEWING)
        card = await court.card(request.id)
        clock.ahead_ms = 5 * HOUR_MS + 1
        reminder = await house.discord.wait_message(lambda message: "⏰" in message.content)
        assert str(card.id) in reminder.content
        clock.ahead_ms = 9 * HOUR_MS
        await house.discord.quiet(1.2)
        assert sum("⏰" in text for text in house.texts()) == 1
        clock.ahead_ms = 10 * HOUR_MS + 1
        await house.until_state(State.REJECTED)
        await court.decided(card, "nobody decided in time")
        news = await house.discord.wait_message(
            lambda message: "no moderator checked" in message.content
        )
        late = await house.discord.press_stale(card, f"vb:approve:{request.id}:1", court.bob)
        assert "Time ran out" in (await late.wait_shown()).content
    assert house.discord.world.channels[news.channel_id].recipient is house.alice
    assert await actions(court) == [Action.TIMED_OUT]
    assert not house.videos(house.channel)


async def test_a_card_that_was_deleted_comes_again_with_the_reminder(
    court: Court, clock: Clock
) -> None:
    house = court.house
    await court.set(review="prompt", review_timeout_hours=10)
    async with house.running():
        card = await court.held()
        await house.discord.quiet()
        await house.discord.delete(card)
        house.discord.world.advance(5 * 3600)
        clock.ahead_ms = 5 * HOUR_MS + 1
        again = await court.card((await house.request()).id)
        assert again.id != card.id
        assert "pproved" in await court.press(again, APPROVE)
        await house.until_state(State.POSTED)


# holding


async def test_the_first_requests_of_a_member_are_held_until_so_many_were_passed(
    court: Court,
) -> None:
    house = court.house
    await court.set(hold_first=1)
    async with house.running():
        card = await court.held()
        await court.held(number=1)
        assert "one of this member's first" in card.content
        await court.press(card, APPROVE)
        await posted(court, number=2)
    assert (await house.request(1)).state is State.HELD


async def test_young_members_links_and_reported_members_are_held(court: Court) -> None:
    house = court.house
    async with house.running():
        video = await posted(court)
        await court.set(hold_younger_days=3)
        assert "new account or new member" in (await court.held(number=1)).content
        await court.set(hold_younger_days=0, hold_links=True)
        card = await court.held(number=2, prompt="as on www.example.com")
        assert "contains a link" in card.content
        await court.set(hold_links=False)
        await posted(court, number=3)
        assert "reported" in await court.report(video, court.dave)
        assert "has been reported" in (await court.held(number=4)).content
    assert len(house.provider.creates) == 2


async def test_a_listed_word_holds_and_is_never_named(court: Court) -> None:
    house = court.house
    async with house.running():
        added = await court.mod("words", add="grenade")
        assert "grenade" in added.text
        assert "already on the list" in (await court.mod("words", add="GRENADE")).text
        asked = await court.ask(prompt="the g.r e\u200bn-a d 3 on the table")
        request = await house.until_state(State.HELD)
        card = await court.card(request.id)
        shown = [asked.text, *house.texts(house.channel)]
        assert not any("grenade" in text.lower() for text in shown)
        assert "a word on the list" in card.content
        await posted(court, number=1, prompt="pomegranates")
        assert "off the list" in (await court.mod("words", remove="Grenade")).text
        assert "Only moderators" in (await court.mod("words", user=court.dave)).text
        await house.discord.quiet()
    assert not any("grenade" in text.lower() for text in house.texts(court.log))
    assert await actions(court) == [Action.WORD_ADDED, Action.WORD_REMOVED]


async def test_holding_without_a_review_channel_refuses(court: Court) -> None:
    await court.set(hold_first=3, review_channel=None)
    async with court.house.running():
        assert "review_channel" in (await court.ask()).text
    assert not await court.house.requests()


# blocking


async def test_a_blocked_member_asks_for_nothing_and_what_runs_goes_to_review(
    court: Court, clock: Clock
) -> None:
    house = court.house
    async with house.running():
        await court.ask()
        await house.until_state(State.RUNNING)
        blocked = await court.mod("block", member=house.alice, reason="spam", days=2)
        assert f"<@{house.alice.id}>" in blocked.text
        request = await house.until_state(State.REVIEWING)
        assert "blocked since" in (await court.card(request.id)).content
        assert "blocked" in (await court.ask()).text
        assert not house.videos(house.channel)
        clock.ahead_ms = 49 * HOUR_MS
        await posted(court, number=1)
        clock.ahead_ms = 0
        assert "blocked" in (await court.ask()).text
        await court.mod("unblock", member=house.alice)
        await posted(court, number=2)
        assert "isn't blocked" in (await court.mod("unblock", member=house.alice)).text
        refused = await court.mod("block", user=court.dave, member=house.alice)
        assert "Only moderators" in refused.text
    done = await actions(court)
    # the review of the first video was over by the time the clock was put ahead to
    assert done == [Action.BLOCKED, Action.TIMED_OUT, Action.UNBLOCKED]


# reports


async def test_a_report_is_counted_once_and_so_many_hide_the_video(court: Court) -> None:
    house = court.house
    await court.set(report_threshold=2)
    async with house.running():
        video = await posted(court)
        request = await house.request()
        assert "own video" in await court.report(video, house.alice)
        assert "reported" in await court.report(video, court.dave, "it shows **me**")
        card = await court.card(request.id)
        assert "it shows \\*\\*me" in card.content
        assert "already reported" in await court.report(video, court.dave)
        assert not video.attachments[0].is_spoiler
        await court.report(video, court.carol, "ugly")
        await house.discord.wait_for(lambda: video.attachments[0].is_spoiler)
        await house.discord.wait_for(lambda: "2 members" in card.content)
        assert "Stays" not in card.content
        await court.press(card, APPROVE)
        await house.discord.wait_for(lambda: not video.attachments[0].is_spoiler)
        await court.decided(card, "Kept")
    assert len(house.videos(house.channel)) == 1
    kinds = [Action.REPORTED, Action.REPORTED, Action.HIDDEN, Action.KEPT]
    assert await actions(court) == kinds


async def test_a_reported_video_that_is_rejected_is_taken_down(court: Court) -> None:
    house = court.house
    async with house.running() as app:
        video = await posted(court, files={"image1": Upload("a.png", picture())})
        request = await house.request()
        await court.report(video, court.dave)
        card = await court.card(request.id)
        await court.reject(card, Note="no")
        await house.discord.wait_for(lambda: not house.videos(house.channel))
        news = await house.discord.wait_message(
            lambda message: "took your video" in message.content
        )
        await house.until_so(lambda: _is_purged(court, request.id))
        await house.discord.wait_for(lambda: not card.attachments)
        folder = app.settings.data_dir
        assert not (folder / request.result_path).exists()
        assert not (folder / "inputs" / request.id).exists()
        own = await house.discord.slash(
            house.guild, house.channel, house.alice, "video show", {"id": request.id}
        )
        await own.wait_shown()
    assert house.discord.world.channels[news.channel_id].recipient is house.alice
    assert "no" in news.content
    assert "discord.com" not in own.text


async def _is_purged(court: Court, request_id: str) -> bool:
    return all(review.is_purged for review in await court.reviews_of(request_id))


async def test_a_report_that_nobody_decides_leaves_the_video_as_it_is(
    court: Court, clock: Clock
) -> None:
    house = court.house
    async with house.running():
        video = await posted(court)
        await court.report(video, court.dave)
        card = await court.card((await house.request()).id)
        clock.ahead_ms = 25 * HOUR_MS
        await court.decided(card, "Left as it is")
    assert house.videos(house.channel) == [video]


async def test_what_is_no_posted_video_cannot_be_reported(court: Court) -> None:
    house = court.house
    async with house.running():
        said = await house.discord.say(house.channel, house.alice, "hello")
        assert "isn't a video I posted" in await court.report(said, court.dave)
        forged = await house.discord.press_stale(said, "vb:report:zzzzzz9", court.dave)
        await forged.wait_answered()
        sent = await house.discord.submit(forged, {"Reason": "x"})
        assert "isn't a video I posted" in (await sent.wait_shown()).content


# deleting


async def test_more_offers_what_its_presser_may_do(court: Court) -> None:
    house = court.house

    async def offered(user: User) -> set[str]:
        pressed = await house.discord.click(video, "More", user)
        shown = await pressed.wait_shown()
        labels = {part["label"] for row in shown.components for part in row["components"]}
        return labels & {"Report", "Delete"}

    async with house.running():
        video = await posted(court)
        assert await offered(house.alice) == {"Delete"}
        assert await offered(court.bob) == {"Report", "Delete"}
        assert await offered(court.dave) == {"Report"}
        await court.report(video, court.dave)
        assert await offered(court.dave) == set()
        # rights are asked for again when it is pressed, whatever was shown
        bobs = await (await house.discord.click(video, "More", court.bob)).wait_shown()
        forged = await house.discord.click(bobs, "Delete", court.dave)
        assert "Only the member" in (await forged.wait_shown()).content


async def test_delete_asks_once_and_takes_the_video_and_its_copies(court: Court) -> None:
    house = court.house
    async with house.running() as app:
        await posted(court)
        request = await house.request()
        private = await _private(court, request.id)
        stranger = await house.discord.click(private, "Confirm", court.dave)
        assert "Only the member" in (await stranger.wait_shown()).content
        private = await _private(court, request.id)
        sure = await house.discord.click(private, "Confirm", house.alice)
        await sure.wait_answered()
        await house.discord.wait_for(lambda: not house.videos(house.channel))
        await house.until_so(lambda: _is_gone(court, request.id))
        file = app.settings.data_dir / request.result_path
        await house.until_so(lambda: _is_removed(file))
    assert await actions(court) == [Action.DELETED]


async def _is_removed(file: Path) -> bool:
    return not file.exists()


async def _private(court: Court, request_id: str) -> Message:
    """The question, as More's Delete asks it."""
    house = court.house
    more = await house.discord.click(house.videos(house.channel)[0], "More", house.alice)
    shown = await more.wait_shown()
    pressed = await house.discord.click(shown, "Delete", house.alice)
    await pressed.wait_answered()
    await house.discord.wait_for(lambda: "for good" in shown.content)
    assert request_id in shown.content
    return shown


async def _is_gone(court: Court, request_id: str) -> bool:
    messages = await court.house.messages(request_id)
    return [post.state for post in messages if post.kind is MessageKind.RESULT] == [
        OutboxState.DELETED
    ]


async def test_while_a_report_is_open_the_evidence_stays_for_moderators(court: Court) -> None:
    house = court.house
    async with house.running() as app:
        video = await posted(court)
        request = await house.request()
        await court.report(video, court.dave)
        card = await court.card(request.id)
        private = await _private(court, request.id)
        await house.discord.click(private, "Confirm", house.alice)
        await house.discord.wait_for(lambda: not house.videos(house.channel))
        await house.discord.quiet()
        assert (app.settings.data_dir / request.result_path).exists()
        assert card.attachments
        await court.press(card, SPOILER)
        await court.decided(card)
    assert not house.videos(house.channel)


# history


async def test_a_moderator_completes_an_id_by_anybodys_prompt(court: Court) -> None:
    house = court.house
    async with house.running():
        await posted(court, prompt="a lighthouse at dusk")
        await posted(court, number=1, user=court.dave, prompt="a red fox")
        one, two = await house.requests()
        for given, found in (
            ({"id": "light"}, [one.id]),
            ({"id": one.id[:4]}, [one.id]),
            ({"id": "a ", "member": court.dave}, [two.id]),
            ({"id": ""}, [two.id, one.id]),
        ):
            asked = await house.discord.autocomplete(
                house.guild, court.channel, court.bob, "videomod history", given, "id"
            )
            await asked.wait_answered()
            assert [choice["value"] for choice in asked.choices] == found


async def test_the_history_says_who_did_what_when_and_why(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held()
        request = await house.request()
        await court.reject(card, Reason=["brand"], Note="a logo")
        # lines are posted side by side: the second is asked for when the first one stands
        await house.discord.wait_for(lambda: len(house.texts(court.log)) == 1)
        await court.mod("block", user=court.carol, member=house.alice, reason="again")
        for options in ({"member": house.alice}, {"id": request.id}):
            text = (await court.mod("history", **options)).text
            assert "rejected" in text
            assert f"<@{court.bob.id}>" in text
            assert "A brand" in text
            assert "a logo" in text
        assert "blocked" in (await court.mod("history", member=house.alice)).text
        assert "No decisions" in (await court.mod("history", id="zzzzzz9")).text
        assert "Only moderators" in (await court.mod("history", user=court.dave)).text
        await house.discord.wait_for(lambda: len(house.texts(court.log)) == 2)
    first, second = house.texts(court.log)
    assert f"<@{court.bob.id}>" in first
    assert request.id in first
    assert f"<@{court.carol.id}>" in second
