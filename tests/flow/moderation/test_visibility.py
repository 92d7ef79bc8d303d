"""Hiding a posted video and showing it again: an edit of the message that is there."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.moderation import visibility
from storage.moderation.audit_log import Action
from storage.moderation.visibility import Display
from storage.records import Request, State
from tests.flow.fast_forward import HopClock
from tests.support.dialects import on_postgres, on_sqlite
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import DELETE, EDIT
from tests.support.discord.records import Call, ChannelType, Message, Permission
from tests.support.moderated_env import APPROVE, SPOILER, ModeratedEnv, open_moderated_env

HOUR_MS = 60 * 60 * 1000


@pytest.fixture
def clock() -> HopClock:
    return HopClock()


@pytest.fixture
async def moderated_env(
    database_url: str, tmp_path: Path, clock: HopClock
) -> AsyncIterator[ModeratedEnv]:
    """A moderated environment where one report hides, with a clock that can be advanced."""
    async with open_moderated_env(database_url, tmp_path, clock=clock) as opened:
        await opened.set(report_threshold=1)
        yield opened


async def posted(moderated_env: ModeratedEnv) -> tuple[Message, Request]:
    """A posted video of Alice's."""
    await moderated_env.ask()
    request = await moderated_env.bot_env.until_state(State.POSTED)
    (video,) = moderated_env.bot_env.videos(moderated_env.bot_env.channel)
    return video, request


async def hidden(moderated_env: ModeratedEnv, video: Message) -> None:
    await moderated_env.bot_env.discord.wait_for(lambda: video.attachments[0].is_spoiler, 20)


async def shown(moderated_env: ModeratedEnv, video: Message) -> None:
    await moderated_env.bot_env.discord.wait_for(lambda: not video.attachments[0].is_spoiler, 20)


def edits(moderated_env: ModeratedEnv, video: Message, *, forms: bool | None = None) -> list[Call]:
    """Edits of the video's message; `forms`: those that bring a file, or those that don't."""
    return [
        call
        for call in moderated_env.bot_env.discord.calls(EDIT)
        if call.params["message_id"] == str(video.id) and forms in (None, call.is_form)
    ]


def refuse(moderated_env: ModeratedEnv, video: Message, fault: Fault, *, forms: bool) -> None:
    """From now on, edits of the video's message with a file, or without one, fail."""
    moderated_env.bot_env.discord.faults.add(
        EDIT,
        fault,
        times=None,
        where=lambda call: call.params["message_id"] == str(video.id) and call.is_form is forms,
    )


async def test_a_video_whose_file_is_gone_is_hidden_and_shown_again(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running() as app:
        video, request = await posted(moderated_env)
        (file,) = video.attachments
        shutil.rmtree(app.settings.data_dir / "results")
        bot_env.provider.tasks.clear()
        await moderated_env.report(video, moderated_env.dave)
        await hidden(moderated_env, video)
        # the card comes without the file, once it is sure that nobody has it
        await moderated_env.press(await moderated_env.card(request.id), APPROVE)
        await shown(moderated_env, video)
        await bot_env.discord.quiet()
    assert bot_env.videos(bot_env.channel) == [video]
    assert video.attachments == [file]
    said = [call.json["attachments"] for call in edits(moderated_env, video)]
    assert said == [[{"id": str(file.id), "is_spoiler": value}] for value in (True, False)]
    assert not [call for call in edits(moderated_env, video) if call.files]
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_what_was_posted_behind_a_spoiler_is_shown_by_an_edit(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="result")
    async with bot_env.running():
        await moderated_env.ask()
        request = await bot_env.until_state(State.REVIEWING)
        card = await moderated_env.card(request.id)
        await moderated_env.press(card, SPOILER)
        await bot_env.until_state(State.POSTED)
        await moderated_env.decided(card)
        (video,) = bot_env.videos(bot_env.channel)
        assert video.attachments[0].is_spoiler
        await moderated_env.report(video, moderated_env.dave)
        await moderated_env.press(await moderated_env.card(request.id), APPROVE)
        await shown(moderated_env, video)
        # once it is plain, reports hide it like any other
        await moderated_env.report(video, moderated_env.carol)
        await hidden(moderated_env, video)
    assert not [call for call in edits(moderated_env, video) if call.files]


@on_postgres
async def test_of_two_workers_on_two_hosts_one_changes_the_message(
    moderated_env: ModeratedEnv, tmp_path: Path
) -> None:
    bot_env = moderated_env.bot_env
    release = asyncio.Event()
    async with (
        bot_env.running("gateway", data_dir=tmp_path / "door"),
        bot_env.running("worker", data_dir=tmp_path / "one"),
        bot_env.running("worker", data_dir=tmp_path / "two"),
    ):
        video, request = await posted(moderated_env)
        bot_env.discord.faults.add(
            EDIT,
            Fault(release=release),
            where=lambda call: call.params["message_id"] == str(video.id),
        )
        await moderated_env.report(video, moderated_env.dave)
        await bot_env.discord.wait_for(lambda: bool(edits(moderated_env, video)))
        # both look for work several times a second
        await bot_env.discord.quiet(2.5)
        assert len(edits(moderated_env, video)) == 1
        release.set()
        await hidden(moderated_env, video)
        await moderated_env.press(await moderated_env.card(request.id), APPROVE)
        await shown(moderated_env, video)
        await bot_env.discord.quiet()
    assert len(edits(moderated_env, video)) == 2
    assert not [call for call in edits(moderated_env, video) if call.files]


@on_sqlite
async def test_where_discord_refuses_the_edit_the_file_goes_up_anew(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video, request = await posted(moderated_env)
        refuse(moderated_env, video, Fault(status=400, code=50035), forms=False)
        await moderated_env.report(video, moderated_env.dave)
        await hidden(moderated_env, video)
        assert video.attachments[0].filename == f"SPOILER_{request.id}.mp4"
        await moderated_env.press(await moderated_env.card(request.id), APPROVE)
        await shown(moderated_env, video)
        await bot_env.discord.quiet()
    uploads = edits(moderated_env, video, forms=True)
    assert len(uploads) == 2
    assert "is_spoiler" not in str([call.json for call in uploads])
    assert bot_env.videos(bot_env.channel) == [video]


@on_sqlite
async def test_a_file_that_is_not_here_is_fetched_again_before_it_goes_up(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running() as app:
        video, request = await posted(moderated_env)
        (app.settings.data_dir / request.result_path).unlink()
        refuse(moderated_env, video, Fault(status=400, code=50035), forms=False)
        await moderated_env.report(video, moderated_env.dave)
        await hidden(moderated_env, video)
    assert len(edits(moderated_env, video, forms=True)) == 1


@on_sqlite
async def test_what_discord_takes_in_no_way_is_tried_ever_more_rarely_and_told(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video, request = await posted(moderated_env)
        refuse(moderated_env, video, Fault(status=400, code=50035), forms=False)
        refuse(moderated_env, video, Fault(status=413, code=40005), forms=True)
        await moderated_env.report(video, moderated_env.dave)
        await bot_env.discord.wait_for(lambda: bool(edits(moderated_env, video, forms=True)))

        async def is_put_off() -> bool:
            async with bot_env.database.reading() as tx:
                now = await visibility.get(tx, request.id)
            return now is not None and now.due_at_ms > clock() and not now.lease_owner

        for _ in range(24):
            clock.ahead_ms += HOUR_MS // 4
            await bot_env.until_so(is_put_off)
        uploads = edits(moderated_env, video, forms=True)
        assert len(uploads) <= 9, "six hours and a bit"
        (told,) = (text for text in bot_env.texts(moderated_env.log) if "not hidden yet" in text)
        assert request.id in told
        assert bot_env.videos(bot_env.channel) == [video]
        assert not video.attachments[0].is_spoiler
        bot_env.discord.faults.clear()
        clock.ahead_ms += 2 * HOUR_MS
        await hidden(moderated_env, video)
    assert not bot_env.discord.calls(DELETE) or all(
        call.params["message_id"] != str(video.id) for call in bot_env.discord.calls(DELETE)
    )


@on_sqlite
async def test_a_lost_answer_leaves_no_video_hidden_that_was_approved(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video, request = await posted(moderated_env)
        bot_env.discord.faults.add(
            EDIT,
            Fault(drop=True, after_effect=True),
            where=lambda call: call.params["message_id"] == str(video.id),
        )
        card_asked = await moderated_env.report(video, moderated_env.dave)
        assert "reported" in card_asked
        await hidden(moderated_env, video)
        # as far as is known it was never hidden
        await moderated_env.press(await moderated_env.card(request.id), APPROVE)
        clock.ahead_ms += HOUR_MS
        await shown(moderated_env, video)


@on_sqlite
async def test_after_a_restart_what_was_begun_is_ended(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    release = asyncio.Event()
    async with bot_env.running():
        video, request = await posted(moderated_env)
        bot_env.discord.faults.add(
            EDIT,
            Fault(status=503, release=release),
            where=lambda call: call.params["message_id"] == str(video.id),
        )
        await moderated_env.report(video, moderated_env.dave)
        await bot_env.discord.wait_for(lambda: bool(edits(moderated_env, video)))
        async with bot_env.database.reading() as tx:
            now = await visibility.get(tx, request.id)
        assert now is not None
        assert now.shown is Display.UNSURE
        release.set()
    assert not video.attachments[0].is_spoiler
    async with bot_env.database.transaction() as tx:
        # as a process leaves it that was killed in the middle
        await tx.execute(
            "UPDATE visibility SET lease_owner = 'dead', due_at_ms = :until",
            {"until": bot_env.clock() + 20_000},
        )
    async with bot_env.running():
        await hidden(moderated_env, video)


@on_sqlite
async def test_in_an_archived_thread_it_is_hidden_too(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    thread = bot_env.discord.add_channel(
        bot_env.guild, "thread", parent_id=bot_env.channel.id, type=ChannelType.PUBLIC_THREAD
    )
    bot_env.channel, lobby = thread, bot_env.channel
    async with bot_env.running():
        video, _ = await posted(moderated_env)
        bot_env.channel = lobby
        await bot_env.discord.quiet()
        thread.is_archived = True
        await moderated_env.report(video, moderated_env.dave)
        await hidden(moderated_env, video)


@on_sqlite
async def test_a_place_that_is_closed_for_a_while_is_not_taken_for_gone(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video, _ = await posted(moderated_env)
        allowed = bot_env.channel.bot_permissions
        await moderated_env.report(video, moderated_env.dave)
        await hidden(moderated_env, video)
        bot_env.channel.bot_permissions &= ~Permission.VIEW_CHANNEL
        card = await moderated_env.card((await bot_env.request()).id)
        await moderated_env.press(card, APPROVE)
        await bot_env.discord.wait_for(
            lambda: any(call.status == 403 for call in bot_env.discord.calls())
        )
        await bot_env.discord.quiet()
        bot_env.channel.bot_permissions = allowed
        clock.ahead_ms += HOUR_MS
        await shown(moderated_env, video)


@on_sqlite
async def test_a_link_that_stands_for_a_video_is_hidden_in_the_text(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    bot_env.discord.world.upload_limit = 100
    async with bot_env.running():
        await moderated_env.ask()
        request = await bot_env.until_state(State.POSTED)
        video = await bot_env.discord.wait_message(lambda message: "http" in message.content)
        bot_env.discord.world.upload_limit = 20 * 1024 * 1024
        plain = video.content
        assert "||" not in plain
        await moderated_env.report(video, moderated_env.dave)
        await bot_env.discord.wait_for(lambda: "||" in video.content)
        link = plain[plain.index("[") : plain.index(")") + 1]
        assert f"||{link}||" in video.content
        await moderated_env.press(await moderated_env.card(request.id), APPROVE)
        await bot_env.discord.wait_for(lambda: video.content == plain)


@on_sqlite
async def test_a_link_is_posted_behind_a_spoiler_where_a_moderator_said_so(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        bot_env.discord.world.upload_limit = 100
        await moderated_env.press(card, SPOILER)
        await bot_env.until_state(State.POSTED)
        video = await bot_env.discord.wait_message(
            lambda message: message.channel_id == bot_env.channel.id and "http" in message.content
        )
    assert ">)||" in video.content


@on_sqlite
async def test_hidden_and_decided_by_nobody_it_stays_hidden(
    moderated_env: ModeratedEnv, clock: HopClock
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        video, request = await posted(moderated_env)
        await moderated_env.report(video, moderated_env.dave)
        await hidden(moderated_env, video)
        card = await moderated_env.card(request.id)
        clock.ahead_ms = 25 * HOUR_MS
        await moderated_env.decided(card, "Left as it is")
        await bot_env.discord.quiet()
    assert bot_env.videos(bot_env.channel) == [video]
    assert video.attachments[0].is_spoiler
    done = [str(each.action) for each in reversed(await moderated_env.log_of())]
    assert done == [Action.REPORTED, Action.HIDDEN, Action.TIMED_OUT]
