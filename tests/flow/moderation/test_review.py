"""Review from outside: nothing is spent, or posted, before a moderator has passed it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services.moderation.reviews import UNDO_MS
from storage.quotas import ledger_sums
from storage.quotas.ledger_records import Account
from storage.records import MessageKind, OutboxState, State
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import SEND
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Permission, Role, Upload, User
from tests.support.moderated_env import APPROVE, REJECT, SPOILER, ModeratedEnv, open_moderated_env

GALLERY = 12


@pytest.fixture
async def moderated_env(database_url: str, tmp_path: Path) -> AsyncIterator[ModeratedEnv]:
    """A moderated environment on each database."""
    async with open_moderated_env(database_url, tmp_path) as opened:
        yield opened


def told_of(bot_env: BotEnv) -> list[str]:
    """What members were told of rejections."""
    said = [message.content for message in bot_env.discord.messages()]
    return [text for text in said if "a moderator rejected your video" in text]


async def count_of(moderated_env: ModeratedEnv) -> int:
    """How many videos Alice has used."""
    async with moderated_env.bot_env.database.reading() as tx:
        used = await ledger_sums.usage(
            tx,
            Account.COUNT,
            since_ms=0,
            guild_id=moderated_env.bot_env.guild.id,
            user_id=moderated_env.bot_env.alice.id,
        )
    return used.videos


async def test_in_prompt_mode_nothing_is_sent_before_a_moderator_approves(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    shown = picture(colour="salmon", form="JPEG")
    async with bot_env.running():
        files = {"image1": Upload("sea.jpg", shown), "links": "https://127.0.0.1/x.png"}
        files.pop("links")
        asked = await moderated_env.ask(
            files=files, prompt="waves @everyone **bold** [x](https://evil.test)"
        )
        assert "moderator" in asked.text
        request = await bot_env.until_state(State.HELD)
        card = await moderated_env.card(request.id)
        assert not bot_env.provider.creates
        assert not bot_env.provider.uploads
        await bot_env.discord.quiet()
        assert not any("waves" in text for text in bot_env.texts(bot_env.channel))
        assert "bold" in card.content
        assert "**bold**" not in card.content
        assert not card.pinged
        assert not card.pinged_everyone
        assert request.model in card.content
        (attached,) = card.attachments
        assert attached.filename.startswith("SPOILER_")
        assert attached.read() == shown
        assert "pproved" in await moderated_env.press(card, APPROVE)
        await moderated_env.decided(card, "Approved", f"<@{moderated_env.bob.id}>")
        await bot_env.until_state(State.POSTED)
    (upload,) = bot_env.provider.uploads
    assert upload.path.read_bytes() == shown
    assert len(bot_env.provider.creates) == 1
    assert not bot_env.discord.invalid_calls()
    assert not bot_env.discord.late_interactions()


async def test_in_result_mode_the_video_is_seen_before_its_channel_sees_it(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="result")
    async with bot_env.running():
        await moderated_env.ask(files={"image1": Upload("boat.png", picture())})
        request = await bot_env.until_state(State.REVIEWING)
        card = await moderated_env.card(request.id)
        names = [file.filename for file in card.attachments]
        assert all(name.startswith("SPOILER_") for name in names)
        assert [name.rpartition("-")[2] for name in names] == ["review.mp4", "frames.jpg", "1.png"]
        assert "frames of the video" in (card.attachments[1].description or "")
        assert not bot_env.videos(bot_env.channel)
        await moderated_env.press(card, APPROVE)
        await bot_env.until_state(State.POSTED)
        (video,) = bot_env.videos(bot_env.channel)
        assert video.attachments[0].filename == f"{request.id}.mp4"
        assert video.pinged == {bot_env.alice.id}
        await moderated_env.decided(card, "Approved")
    assert not bot_env.discord.invalid_calls()


@on_sqlite
@pytest.mark.parametrize("mode", ["prompt", "result"])
async def test_approved_as_spoiler_is_posted_as_spoiler(
    moderated_env: ModeratedEnv, mode: str
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review=mode)
    async with bot_env.running():
        await moderated_env.ask()
        request = await bot_env.until_state(State.HELD, State.REVIEWING)
        said = await moderated_env.press(await moderated_env.card(request.id), SPOILER)
        assert "First time here" not in said
        await bot_env.until_state(State.POSTED)
        (video,) = bot_env.videos(bot_env.channel)
    # by its name for older clients, and by the flag, which an edit can clear again
    assert video.attachments[0].filename == f"SPOILER_{request.id}.mp4"
    sent = [call.json["attachments"] for call in bot_env.discord.calls(SEND) if call.files]
    assert sent[-1][0]["filename"] == f"SPOILER_{request.id}.mp4"
    assert sent[-1][0]["is_spoiler"] is True


@on_sqlite
async def test_a_rejection_is_two_taps_and_told_in_private(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held(prompt="a secret plan")
        request = await bot_env.request()
        assert "Rejected" in await moderated_env.reject(card)
        await moderated_env.decided(card, "Rejected", "rules")
        news = await bot_env.discord.wait_message(lambda message: "your video" in message.content)
        await bot_env.discord.quiet()
    assert bot_env.discord.world.channels[news.channel_id].recipient is bot_env.alice
    assert "rules" in news.content
    assert bot_env.guild.name in news.content
    assert (await bot_env.request()).state is State.REJECTED
    assert await count_of(moderated_env) == 0
    assert not bot_env.provider.creates
    assert not bot_env.provider.uploads
    assert not any(
        "secret" in text for text in bot_env.texts(bot_env.channel) if "rejected" in text
    )
    messages = await bot_env.messages(request.id)
    assert [post.state for post in messages if post.kind is MessageKind.NOTICE] == [
        OutboxState.SENT
    ]


@on_sqlite
async def test_who_takes_no_messages_is_told_in_the_channel_without_the_content(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    bot_env.alice.takes_messages = False
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held(prompt="a secret plan")
        await moderated_env.reject(card, Reason=["adult"], Note="see the plan @everyone")
        news = await bot_env.discord.wait_message(lambda message: "your video" in message.content)
    assert news.channel_id == bot_env.channel.id
    assert "Sexual" in news.content
    assert "plan" not in news.content
    assert news.pinged == {bot_env.alice.id}
    (decision,) = await moderated_env.log_of()
    assert (decision.actor_id, decision.reason) == (moderated_env.bob.id, "adult")
    assert decision.note == "see the plan @everyone"


async def test_of_two_moderators_at_once_one_decides_and_the_other_is_told(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        pressed = await asyncio.gather(
            bot_env.discord.click(card, APPROVE, moderated_env.bob),
            bot_env.discord.click(card, SPOILER, moderated_env.carol),
        )
        said = [(await each.wait_shown()).content for each in pressed]
        await bot_env.until_state(State.POSTED)
    late = [text for text in said if "already approved" in text]
    assert len(late) == 1, said
    (decision,) = await moderated_env.log_of()
    assert f"<@{decision.actor_id}>" in late[0]
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_only_moderators_decide_and_never_on_their_own(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        for button in (APPROVE, SPOILER):
            assert "Only moderators" in await moderated_env.press(card, button, moderated_env.dave)
        opened = await bot_env.discord.click(card, REJECT, moderated_env.dave)
        assert "Only moderators" in (await opened.wait_shown()).content
        await moderated_env.held(user=moderated_env.bob, number=1)
        own = await moderated_env.card((await bot_env.request(1)).id)
        assert "another moderator" in await moderated_env.press(own, APPROVE, moderated_env.bob)
        opened = await bot_env.discord.click(own, REJECT, moderated_env.bob)
        assert "another moderator" in (await opened.wait_shown()).content
        bot_env.guild.members[moderated_env.bob.id].permissions &= ~Permission.MANAGE_MESSAGES
        assert "Only moderators" in await moderated_env.press(card, APPROVE, moderated_env.bob)
        assert not await moderated_env.log_of()
        await moderated_env.press(own, APPROVE, moderated_env.carol)
        await bot_env.until_state(State.POSTED, number=1)
    assert (await bot_env.request()).state is State.HELD


@on_sqlite
async def test_a_moderator_who_is_one_by_role_decides_until_the_role_is_gone(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    role = Role(bot_env.discord.world.new_id(), "referee")
    bot_env.guild.roles[role.id] = role
    member = bot_env.discord.world.add_member(bot_env.guild, moderated_env.dave)
    await moderated_env.set(review="prompt", moderator_role=role.id)
    async with bot_env.running():
        card = await moderated_env.held()
        assert "Only moderators" in await moderated_env.press(card, APPROVE, moderated_env.dave)
        member.roles.append(role)
        assert "pproved" in await moderated_env.press(card, APPROVE, moderated_env.dave)
        await bot_env.until_state(State.POSTED)


@on_sqlite
async def test_forged_ids_are_answered_and_change_nothing(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        request = await bot_env.request()
        for custom_id in (
            "vb:approve:zzzzzz9:1",
            "vb:reject:zzzzzz9:1",
            f"vb:approve:{request.id}:7",
            f"vb:spoiler:{request.id}:999999",
            f"vb:delete-sure:{request.id}",
            "vb:queue:99",
        ):
            pressed = await bot_env.discord.press_stale(card, custom_id, moderated_env.bob)
            text = (await pressed.wait_shown()).content
            assert "no such review" in text or "no longer works" in text, custom_id
        assert "Can this be made?" in card.content
    assert (await bot_env.request()).state is State.HELD
    assert not bot_env.discord.late_interactions()


async def test_cards_and_forms_from_before_a_restart_still_work(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        first = await moderated_env.held()
        second = await moderated_env.held(number=1)
        opened = await bot_env.discord.click(second, REJECT, moderated_env.bob)
        await opened.wait_answered()
    async with bot_env.running():
        assert "pproved" in await moderated_env.press(first, APPROVE)
        sent = await bot_env.discord.submit(opened, {"Note": "not today"})
        assert "Rejected" in (await sent.wait_shown()).content
        await bot_env.until_state(State.POSTED)
        await moderated_env.decided(first, "Approved")
        await moderated_env.decided(second, "Rejected", "not today")
        moderated_env.later(UNDO_MS)
        await bot_env.until_state(State.REJECTED, number=1)
    assert [row.state for row in await bot_env.requests()] == [State.POSTED, State.REJECTED]


async def test_rejected_after_rendering_the_first_two_come_back_and_later_ones_do_not(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="result")
    async with bot_env.running():
        for number in range(3):
            await moderated_env.ask()
            request = await bot_env.until_state(State.REVIEWING, number=number)
            card = await moderated_env.card(request.id)
            await moderated_env.reject(card)
            await bot_env.until_state(State.REJECTED, number=number)
            await bot_env.discord.wait_for(lambda: len(told_of(bot_env)) == number + 1)  # noqa: B023
        await bot_env.discord.quiet()
    assert await count_of(moderated_env) == 1
    assert not bot_env.videos(bot_env.channel)
    told = told_of(bot_env)
    assert sum("doesn't count" in text for text in told) == 2


async def test_a_cancelled_request_leaves_nothing_to_decide(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        request = await bot_env.request()
        asked = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video cancel", {"id": request.id}
        )
        await asked.wait_shown()
        await moderated_env.decided(card, "Nothing left to decide")
        pressed = await bot_env.discord.press_stale(
            card, f"vb:approve:{request.id}:1", moderated_env.bob
        )
        assert "nothing left to decide" in (await pressed.wait_shown()).content
    assert await count_of(moderated_env) == 0
    assert not await moderated_env.log_of()


@on_sqlite
async def test_without_a_review_channel_what_needs_one_is_refused(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        for mode in ("prompt", "result"):
            await moderated_env.set(review=mode, review_channel=None)
            assert "review_channel" in (await moderated_env.ask()).text
    assert not await bot_env.requests()
    assert not bot_env.provider.creates
    assert not bot_env.provider.uploads


@on_sqlite
async def test_an_unreachable_review_channel_stops_the_next_and_tells_the_log(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    moderated_env.channel.bot_permissions = 0
    async with bot_env.running():
        await moderated_env.ask()
        await bot_env.discord.wait_message(
            lambda message: (
                message.channel_id == moderated_env.log.id and "review channel" in message.content
            )
        )
        assert "can't post" in (await moderated_env.ask()).text
    assert (await bot_env.request()).state is State.HELD
    assert len(await bot_env.requests()) == 1


@on_sqlite
async def test_a_changed_file_is_not_what_a_moderator_approved(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running() as app:
        card = await moderated_env.held(files={"image1": Upload("a.png", picture(colour="red"))})
        request = await bot_env.request()
        (path,) = (app.settings.data_dir / "inputs" / request.id).iterdir()
        path.write_bytes(picture(colour="blue"))
        await moderated_env.press(card, APPROVE)
        await bot_env.until_state(State.POSTED)
    (upload,) = bot_env.provider.uploads
    assert upload.path.read_bytes() == picture(colour="red")


@on_sqlite
async def test_a_file_that_changed_at_its_source_since_the_card_is_never_sent(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running() as app:
        card = await moderated_env.held(files={"image1": Upload("a.png", picture(colour="red"))})
        request = await bot_env.request()
        (ours,) = (app.settings.data_dir / "inputs" / request.id).iterdir()
        ours.unlink()
        for file in bot_env.discord.world.files.values():
            if file.filename == "a.png" and file.path is not None:
                file.path.write_bytes(picture(colour="blue"))
        await moderated_env.press(card, APPROVE)
        failed = await bot_env.until_state(State.FAILED)
        await bot_env.discord.wait_message(lambda message: "moderators checked" in message.content)
    assert failed.failure == "changed"
    assert not bot_env.provider.uploads
    assert not bot_env.provider.creates
    assert await count_of(moderated_env) == 0


async def test_a_card_whose_answer_was_lost_is_not_posted_twice(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    is_card = {"channel_id": str(moderated_env.channel.id)}
    bot_env.discord.faults.add(
        SEND, Fault(drop=True, after_effect=True), where=lambda call: call.params == is_card
    )
    async with bot_env.running():
        await moderated_env.ask()
        await bot_env.discord.wait_for(
            lambda: len(bot_env.discord.messages(moderated_env.channel)) == 1
        )
        # Discord forgets nonces, so only the buttons tell which message it was
        bot_env.discord.world.advance(600)
        request = await bot_env.request()
        card = await moderated_env.card(request.id)
        await bot_env.until_so(lambda: _is_sent(moderated_env, request.id))
        assert bot_env.discord.messages(moderated_env.channel) == [card]
        await moderated_env.press(card, APPROVE)
        await moderated_env.decided(card, "Approved")


async def _is_sent(moderated_env: ModeratedEnv, request_id: str) -> bool:
    messages = await moderated_env.bot_env.messages(request_id)
    cards = [post.state for post in messages if post.kind is MessageKind.REVIEW]
    return cards == [OutboxState.SENT]


@on_sqlite
async def test_the_whole_of_a_long_prompt_can_be_read(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    prompt = "nice " * 700 + "the hidden end"
    async with bot_env.running():
        card = await moderated_env.held(prompt=prompt)
    (text,) = [file for file in card.attachments if file.filename == "prompt.txt"]
    assert text.read().decode().endswith("the hidden end")
    assert len(card.content) <= 2000


async def test_a_queue_is_worked_off_card_by_card_in_one_private_message(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env, bob = moderated_env.bot_env, moderated_env.bob
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        first = await moderated_env.held(
            prompt="first", files={"image1": Upload("sea.png", picture())}
        )
        for number, prompt in enumerate(("second", "third"), start=1):
            await moderated_env.held(number=number, prompt=prompt)
        queue = await moderated_env.mod("queue")
        assert "first" in queue.text
        assert f"{moderated_env.channel.id}/{first.id}" in queue.text
        assert queue.message is not None
        (gallery,) = [each for each in queue.message.components if each["type"] == GALLERY]
        assert first.attachments[0].url.partition("?")[0] in str(gallery), gallery
        others = await moderated_env.mod("queue", user=moderated_env.carol)
        assert "second" in others.text
        # who looks at it is said on the card, and to whoever presses there
        await bot_env.discord.wait_for(lambda: f"<@{bob.id}> is looking" in first.content)
        told = await moderated_env.press(first, APPROVE, moderated_env.carol)
        assert f"<@{bob.id}> is looking at it" in told
        assert "third" in await pressed(moderated_env, queue, APPROVE, bob, "Approved.")
        opened = await bot_env.discord.click(queue.message, REJECT, bob)
        await opened.wait_answered()
        await bot_env.discord.submit(opened, {})
        await bot_env.discord.wait_for(lambda: "Rejected" in queue.text)
        assert "another moderator is looking at it" in queue.text
    async with bot_env.running():
        # from before the restart, and in time: nobody was told
        assert "third" in await pressed(moderated_env, queue, "Undo", bob, "Taken back")
        await pressed(moderated_env, queue, APPROVE, bob, "Approved.")
        carol = moderated_env.carol
        await pressed(moderated_env, others, APPROVE, carol, "Nothing is waiting")
        for number in range(3):
            await bot_env.until_state(State.POSTED, number=number)
        refused = await moderated_env.mod("queue", user=moderated_env.dave)
    assert "Only moderators" in refused.text
    assert [each.action for each in await moderated_env.log_of()] == ["approved"] * 3
    assert not bot_env.discord.invalid_calls()


async def pressed(
    moderated_env: ModeratedEnv, queue: Interaction, button: str, user: User, word: str
) -> str:
    """Press a button of the queue's message, and return what that says once it has a word."""
    assert queue.message is not None
    await moderated_env.bot_env.discord.click(queue.message, button, user)
    await moderated_env.bot_env.discord.wait_for(lambda: word in queue.text)
    return queue.text


async def test_a_rejection_that_is_taken_back_is_told_to_nobody(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        card = await moderated_env.held()
        opened = await bot_env.discord.click(card, REJECT, moderated_env.bob)
        await opened.wait_answered()
        sent = await bot_env.discord.submit(opened, {})
        answer = await sent.wait_shown()
        assert "take it back" in answer.content
        await moderated_env.decided(card, "Rejected")
        await bot_env.discord.click(answer, "Undo", moderated_env.bob)
        await bot_env.discord.wait_for(lambda: "Taken back" in answer.content)
        await moderated_env.card((await bot_env.request()).id)
        moderated_env.later(UNDO_MS)
        assert "pproved" in await moderated_env.press(card, APPROVE)
        await bot_env.until_state(State.POSTED)
        await bot_env.discord.quiet()
    assert not any("rejected your video" in text for text in bot_env.texts())


@on_sqlite
async def test_a_card_whose_files_discord_takes_in_no_size_comes_without_them(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    bot_env.discord.faults.add(
        SEND,
        Fault(status=413, code=40005),
        times=None,
        where=lambda call: (
            call.is_form and call.params["channel_id"] == str(moderated_env.channel.id)
        ),
    )
    await moderated_env.set(review="result")
    async with bot_env.running():
        await moderated_env.ask(files={"image1": Upload("a.png", picture())})
        request = await bot_env.until_state(State.REVIEWING)
        card = await moderated_env.card(request.id)
        assert not card.attachments
        await moderated_env.press(card, APPROVE)
        await bot_env.until_state(State.POSTED)
    refused = [
        call
        for call in bot_env.discord.calls(SEND)
        if call.is_form and call.params["channel_id"] == str(moderated_env.channel.id)
    ]
    assert len(refused) <= 8


@on_sqlite
async def test_a_moderator_by_role_is_one_before_the_server_is_in_the_cache(
    moderated_env: ModeratedEnv,
) -> None:
    """As right after a new session, when Discord has named the server and not yet sent it."""
    bot_env, dave = moderated_env.bot_env, moderated_env.dave
    role = Role(bot_env.discord.world.new_id(), "referee")
    bot_env.guild.roles[role.id] = role
    bot_env.discord.world.add_member(bot_env.guild, dave).roles.append(role)
    await moderated_env.set(review="prompt", moderator_role=role.id)
    async with bot_env.running() as app:
        card = await moderated_env.held()
        cache = app.bot._connection
        cache._guilds.pop(bot_env.guild.id)
        cache._add_guild_from_data({"id": str(bot_env.guild.id), "unavailable": True})  # type: ignore[typeddict-item]
        assert "Approved" in await moderated_env.press(card, APPROVE, dave)
