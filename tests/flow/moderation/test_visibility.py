"""Hiding a posted video and showing it again: an edit of the message that is there."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import wall_clock
from storage.moderation import visibility
from storage.moderation.audit_log import Action
from storage.moderation.visibility import Display
from storage.records import Request, State
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import DELETE, EDIT
from tests.support.discord.records import Call, ChannelType, Message, Permission
from tests.support.moderated_env import APPROVE, SPOILER, Court, open_court

HOUR_MS = 60 * 60 * 1000
on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)


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
    """A court in which one report hides, with a clock that can be put ahead."""
    async with open_court(database_url, tmp_path, clock=clock) as opened:
        await opened.set(report_threshold=1)
        yield opened


async def posted(court: Court) -> tuple[Message, Request]:
    """A posted video of Alice's."""
    await court.ask()
    request = await court.house.until_state(State.POSTED)
    (video,) = court.house.videos(court.house.channel)
    return video, request


async def hidden(court: Court, video: Message) -> None:
    await court.house.discord.wait_for(lambda: video.attachments[0].is_spoiler, 20)


async def shown(court: Court, video: Message) -> None:
    await court.house.discord.wait_for(lambda: not video.attachments[0].is_spoiler, 20)


def edits(court: Court, video: Message, *, forms: bool | None = None) -> list[Call]:
    """Edits of the video's message; `forms`: those that bring a file, or those that don't."""
    return [
        call
        for call in court.house.discord.calls(EDIT)
        if call.params["message_id"] == str(video.id) and forms in (None, call.is_form)
    ]


def refuse(court: Court, video: Message, fault: Fault, *, forms: bool) -> None:
    """From now on, edits of the video's message with a file, or without one, fail."""
    court.house.discord.faults.add(
        EDIT,
        fault,
        times=None,
        where=lambda call: call.params["message_id"] == str(video.id) and call.is_form is forms,
    )


async def test_a_video_whose_file_is_gone_is_hidden_and_shown_again(court: Court) -> None:
    house = court.house
    async with house.running() as app:
        video, request = await posted(court)
        (file,) = video.attachments
        shutil.rmtree(app.settings.data_dir / "results")
        house.provider.tasks.clear()
        await court.report(video, court.dave)
        await hidden(court, video)
        # the card comes without the file, once it is sure that nobody has it
        await court.press(await court.card(request.id), APPROVE)
        await shown(court, video)
        await house.discord.quiet()
    assert house.videos(house.channel) == [video]
    assert video.attachments == [file]
    said = [call.json["attachments"] for call in edits(court, video)]
    assert said == [[{"id": str(file.id), "is_spoiler": value}] for value in (True, False)]
    assert not [call for call in edits(court, video) if call.files]
    assert not house.discord.invalid_calls()


@on_sqlite
async def test_what_was_posted_behind_a_spoiler_is_shown_by_an_edit(court: Court) -> None:
    house = court.house
    await court.set(review="result")
    async with house.running():
        await court.ask()
        request = await house.until_state(State.REVIEWING)
        await court.press(await court.card(request.id), SPOILER)
        await house.until_state(State.POSTED)
        (video,) = house.videos(house.channel)
        assert video.attachments[0].is_spoiler
        await court.report(video, court.dave)
        await court.press(await court.card(request.id), APPROVE)
        await shown(court, video)
        # once it is plain, reports hide it like any other
        await court.report(video, court.carol)
        await hidden(court, video)
    assert not [call for call in edits(court, video) if call.files]


@on_postgres
async def test_of_two_workers_on_two_hosts_one_changes_the_message(
    court: Court, tmp_path: Path
) -> None:
    house = court.house
    release = asyncio.Event()
    async with (
        house.running("gateway", data_dir=tmp_path / "door"),
        house.running("worker", data_dir=tmp_path / "one"),
        house.running("worker", data_dir=tmp_path / "two"),
    ):
        video, request = await posted(court)
        house.discord.faults.add(
            EDIT,
            Fault(release=release),
            where=lambda call: call.params["message_id"] == str(video.id),
        )
        await court.report(video, court.dave)
        await house.discord.wait_for(lambda: bool(edits(court, video)))
        # both look for work several times a second
        await house.discord.quiet(2.5)
        assert len(edits(court, video)) == 1
        release.set()
        await hidden(court, video)
        await court.press(await court.card(request.id), APPROVE)
        await shown(court, video)
        await house.discord.quiet()
    assert len(edits(court, video)) == 2
    assert not [call for call in edits(court, video) if call.files]


@on_sqlite
async def test_where_discord_refuses_the_edit_the_file_goes_up_anew(court: Court) -> None:
    house = court.house
    async with house.running():
        video, request = await posted(court)
        refuse(court, video, Fault(status=400, code=50035), forms=False)
        await court.report(video, court.dave)
        await hidden(court, video)
        assert video.attachments[0].filename == f"SPOILER_{request.id}.mp4"
        await court.press(await court.card(request.id), APPROVE)
        await shown(court, video)
        await house.discord.quiet()
    uploads = edits(court, video, forms=True)
    assert len(uploads) == 2
    assert "is_spoiler" not in str([call.json for call in uploads])
    assert house.videos(house.channel) == [video]


@on_sqlite
async def test_a_file_that_is_not_here_is_fetched_again_before_it_goes_up(court: Court) -> None:
    house = court.house
    async with house.running() as app:
        video, request = await posted(court)
        (app.settings.data_dir / request.result_path).unlink()
        refuse(court, video, Fault(status=400, code=50035), forms=False)
        await court.report(video, court.dave)
        await hidden(court, video)
    assert len(edits(court, video, forms=True)) == 1


@on_sqlite
async def test_what_discord_takes_in_no_way_is_tried_ever_more_rarely_and_told(
    court: Court, clock: Clock
) -> None:
    house = court.house
    async with house.running():
        video, request = await posted(court)
        refuse(court, video, Fault(status=400, code=50035), forms=False)
        refuse(court, video, Fault(status=413, code=40005), forms=True)
        await court.report(video, court.dave)
        await house.discord.wait_for(lambda: bool(edits(court, video, forms=True)))

        async def is_put_off() -> bool:
            async with house.database.reading() as tx:
                now = await visibility.get(tx, request.id)
            return now is not None and now.due_at_ms > clock() and not now.lease_owner

        for _ in range(24):
            clock.ahead_ms += HOUR_MS // 4
            await house.until_so(is_put_off)
        uploads = edits(court, video, forms=True)
        assert len(uploads) <= 9, "six hours and a bit"
        (told,) = (text for text in house.texts(court.log) if "not hidden yet" in text)
        assert request.id in told
        assert house.videos(house.channel) == [video]
        assert not video.attachments[0].is_spoiler
        house.discord.faults.clear()
        clock.ahead_ms += 2 * HOUR_MS
        await hidden(court, video)
    assert not house.discord.calls(DELETE) or all(
        call.params["message_id"] != str(video.id) for call in house.discord.calls(DELETE)
    )


@on_sqlite
async def test_a_lost_answer_leaves_no_video_hidden_that_was_approved(
    court: Court, clock: Clock
) -> None:
    house = court.house
    async with house.running():
        video, request = await posted(court)
        house.discord.faults.add(
            EDIT,
            Fault(drop=True, after_effect=True),
            where=lambda call: call.params["message_id"] == str(video.id),
        )
        card_asked = await court.report(video, court.dave)
        assert "reported" in card_asked
        await hidden(court, video)
        # as far as is known it was never hidden
        await court.press(await court.card(request.id), APPROVE)
        clock.ahead_ms += HOUR_MS
        await shown(court, video)


@on_sqlite
async def test_after_a_restart_what_was_begun_is_ended(court: Court) -> None:
    house = court.house
    release = asyncio.Event()
    async with house.running():
        video, request = await posted(court)
        house.discord.faults.add(
            EDIT,
            Fault(status=503, release=release),
            where=lambda call: call.params["message_id"] == str(video.id),
        )
        await court.report(video, court.dave)
        await house.discord.wait_for(lambda: bool(edits(court, video)))
        async with house.database.reading() as tx:
            now = await visibility.get(tx, request.id)
        assert now is not None
        assert now.shown is Display.UNSURE
        release.set()
    assert not video.attachments[0].is_spoiler
    async with house.database.transaction() as tx:
        # as a process leaves it that was killed in the middle
        await tx.execute(
            "UPDATE visibility SET lease_owner = 'dead', due_at_ms = :until",
            {"until": house.clock() + 20_000},
        )
    async with house.running():
        await hidden(court, video)


@on_sqlite
async def test_in_an_archived_thread_it_is_hidden_too(court: Court) -> None:
    house = court.house
    thread = house.discord.add_channel(
        house.guild, "thread", parent_id=house.channel.id, type=ChannelType.PUBLIC_THREAD
    )
    house.channel, lobby = thread, house.channel
    async with house.running():
        video, _ = await posted(court)
        house.channel = lobby
        await house.discord.quiet()
        thread.is_archived = True
        await court.report(video, court.dave)
        await hidden(court, video)


@on_sqlite
async def test_a_place_that_is_closed_for_a_while_is_not_taken_for_gone(
    court: Court, clock: Clock
) -> None:
    house = court.house
    async with house.running():
        video, _ = await posted(court)
        allowed = house.channel.bot_permissions
        await court.report(video, court.dave)
        await hidden(court, video)
        house.channel.bot_permissions &= ~Permission.VIEW_CHANNEL
        card = await court.card((await house.request()).id)
        await court.press(card, APPROVE)
        await house.discord.wait_for(
            lambda: any(call.status == 403 for call in house.discord.calls())
        )
        await house.discord.quiet()
        house.channel.bot_permissions = allowed
        clock.ahead_ms += HOUR_MS
        await shown(court, video)


@on_sqlite
async def test_a_link_that_stands_for_a_video_is_hidden_in_the_text(court: Court) -> None:
    house = court.house
    house.discord.world.upload_limit = 100
    async with house.running():
        await court.ask()
        request = await house.until_state(State.POSTED)
        video = await house.discord.wait_message(lambda message: "http" in message.content)
        house.discord.world.upload_limit = 20 * 1024 * 1024
        plain = video.content
        assert "||" not in plain
        await court.report(video, court.dave)
        await house.discord.wait_for(lambda: "||" in video.content)
        link = plain[plain.index("[") : plain.index(")") + 1]
        assert f"||{link}||" in video.content
        await court.press(await court.card(request.id), APPROVE)
        await house.discord.wait_for(lambda: video.content == plain)


@on_sqlite
async def test_a_link_is_posted_behind_a_spoiler_where_a_moderator_said_so(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held()
        house.discord.world.upload_limit = 100
        await court.press(card, SPOILER)
        await house.until_state(State.POSTED)
        video = await house.discord.wait_message(
            lambda message: message.channel_id == house.channel.id and "http" in message.content
        )
    assert ">)||" in video.content


@on_sqlite
async def test_hidden_and_decided_by_nobody_it_stays_hidden(court: Court, clock: Clock) -> None:
    house = court.house
    async with house.running():
        video, request = await posted(court)
        await court.report(video, court.dave)
        await hidden(court, video)
        card = await court.card(request.id)
        clock.ahead_ms = 25 * HOUR_MS
        await court.decided(card, "Left as it is")
        await house.discord.quiet()
    assert house.videos(house.channel) == [video]
    assert video.attachments[0].is_spoiler
    done = [str(each.action) for each in reversed(await court.log_of())]
    assert done == [Action.REPORTED, Action.HIDDEN, Action.TIMED_OUT]
