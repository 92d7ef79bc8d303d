"""Review from outside: nothing is spent, or posted, before a moderator has passed it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.quotas import ledger
from storage.records import Account, MessageKind, OutboxState, State
from tests.support.bot_env import picture
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import SEND
from tests.support.discord.records import Permission, Role, Upload
from tests.support.moderated_env import APPROVE, REJECT, SPOILER, Court, open_court


@pytest.fixture
async def court(database_url: str, tmp_path: Path) -> AsyncIterator[Court]:
    """A court on each database."""
    async with open_court(database_url, tmp_path) as opened:
        yield opened


async def count_of(court: Court) -> int:
    """How many videos Alice has used."""
    async with court.house.database.reading() as tx:
        used = await ledger.usage(
            tx,
            Account.COUNT,
            since_ms=0,
            guild_id=court.house.guild.id,
            user_id=court.house.alice.id,
        )
    return used.videos


async def test_in_prompt_mode_nothing_is_sent_before_a_moderator_approves(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    shown = picture(colour="salmon", form="JPEG")
    async with house.running():
        files = {"image1": Upload("sea.jpg", shown), "links": "https://127.0.0.1/x.png"}
        files.pop("links")
        asked = await court.ask(
            files=files, prompt="waves @everyone **bold** [x](https://evil.test)"
        )
        assert "moderator" in asked.text
        request = await house.until_state(State.HELD)
        card = await court.card(request.id)
        assert not house.provider.calls
        await house.discord.quiet()
        assert not any("waves" in text for text in house.texts(house.channel))
        assert "bold" in card.content
        assert "**bold**" not in card.content
        assert not card.pinged
        assert not card.pinged_everyone
        assert request.model in card.content
        (attached,) = card.attachments
        assert attached.filename.startswith("SPOILER_")
        assert attached.read() == shown
        assert "pproved" in await court.press(card, APPROVE)
        await court.decided(card, "Approved", f"<@{court.bob.id}>")
        await house.until_state(State.POSTED)
    (upload,) = house.provider.uploads
    assert upload.path.read_bytes() == shown
    assert len(house.provider.creates) == 1
    assert not house.discord.invalid_calls()
    assert not house.discord.late_interactions()


async def test_in_result_mode_the_video_is_seen_before_its_channel_sees_it(court: Court) -> None:
    house = court.house
    await court.set(review="result")
    async with house.running():
        await court.ask(files={"image1": Upload("boat.png", picture())})
        request = await house.until_state(State.REVIEWING)
        card = await court.card(request.id)
        names = [file.filename for file in card.attachments]
        assert all(name.startswith("SPOILER_") for name in names)
        assert [name.rpartition("-")[2] for name in names] == ["review.mp4", "frames.jpg", "1.png"]
        assert "frames of the video" in (card.attachments[1].description or "")
        assert not house.videos(house.channel)
        await court.press(card, APPROVE)
        await house.until_state(State.POSTED)
        (video,) = house.videos(house.channel)
        assert video.attachments[0].filename == f"{request.id}.mp4"
        assert video.pinged == {house.alice.id}
        await court.decided(card, "Approved")
    assert not house.discord.invalid_calls()


@pytest.mark.parametrize("mode", ["prompt", "result"])
async def test_approved_as_spoiler_is_posted_as_spoiler(court: Court, mode: str) -> None:
    house = court.house
    await court.set(review=mode)
    async with house.running():
        await court.ask()
        request = await house.until_state(State.HELD, State.REVIEWING)
        said = await court.press(await court.card(request.id), SPOILER)
        assert "First time here" not in said
        await house.until_state(State.POSTED)
        (video,) = house.videos(house.channel)
    # by its name for older clients, and by the flag, which an edit can clear again
    assert video.attachments[0].filename == f"SPOILER_{request.id}.mp4"
    sent = [call.json["attachments"] for call in house.discord.calls(SEND) if call.files]
    assert sent[-1][0]["filename"] == f"SPOILER_{request.id}.mp4"
    assert sent[-1][0]["is_spoiler"] is True


async def test_a_rejection_is_two_taps_and_told_in_private(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held(prompt="a secret plan")
        request = await house.request()
        assert "Rejected" in await court.reject(card)
        await court.decided(card, "Rejected", "rules")
        news = await house.discord.wait_message(lambda message: "your video" in message.content)
        await house.discord.quiet()
    assert house.discord.world.channels[news.channel_id].recipient is house.alice
    assert "rules" in news.content
    assert (await house.request()).state is State.REJECTED
    assert await count_of(court) == 0
    assert not house.provider.calls
    assert not any("secret" in text for text in house.texts(house.channel) if "rejected" in text)
    messages = await house.messages(request.id)
    assert [post.state for post in messages if post.kind is MessageKind.NOTICE] == [
        OutboxState.SENT
    ]


async def test_who_takes_no_messages_is_told_in_the_channel_without_the_content(
    court: Court,
) -> None:
    house = court.house
    house.alice.takes_messages = False
    await court.set(review="prompt")
    async with house.running():
        card = await court.held(prompt="a secret plan")
        await court.reject(card, Reason=["adult"], Note="see the plan @everyone")
        news = await house.discord.wait_message(lambda message: "your video" in message.content)
    assert news.channel_id == house.channel.id
    assert "Sexual" in news.content
    assert "plan" not in news.content
    assert news.pinged == {house.alice.id}
    (decision,) = await court.log_of()
    assert (decision.actor_id, decision.reason) == (court.bob.id, "adult")
    assert decision.note == "see the plan @everyone"


async def test_of_two_moderators_at_once_one_decides_and_the_other_is_told(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held()
        pressed = await asyncio.gather(
            house.discord.click(card, APPROVE, court.bob),
            house.discord.click(card, SPOILER, court.carol),
        )
        said = [(await each.wait_shown()).content for each in pressed]
        await house.until_state(State.POSTED)
    late = [text for text in said if "already approved" in text]
    assert len(late) == 1, said
    (decision,) = await court.log_of()
    assert f"<@{decision.actor_id}>" in late[0]
    assert len(house.provider.creates) == 1


async def test_only_moderators_decide_and_never_on_their_own(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held()
        for button in (APPROVE, SPOILER):
            assert "Only moderators" in await court.press(card, button, court.dave)
        opened = await house.discord.click(card, REJECT, court.dave)
        assert "Only moderators" in (await opened.wait_shown()).content
        await court.held(user=court.bob, number=1)
        own = await court.card((await house.request(1)).id)
        assert "another moderator" in await court.press(own, APPROVE, court.bob)
        opened = await house.discord.click(own, REJECT, court.bob)
        assert "another moderator" in (await opened.wait_shown()).content
        house.guild.members[court.bob.id].permissions &= ~Permission.MANAGE_MESSAGES
        assert "Only moderators" in await court.press(card, APPROVE, court.bob)
        assert not await court.log_of()
        await court.press(own, APPROVE, court.carol)
        await house.until_state(State.POSTED, number=1)
    assert (await house.request()).state is State.HELD


async def test_a_moderator_who_is_one_by_role_decides_until_the_role_is_gone(court: Court) -> None:
    house = court.house
    role = Role(house.discord.world.new_id(), "referee")
    house.guild.roles[role.id] = role
    member = house.discord.world.add_member(house.guild, court.dave)
    await court.set(review="prompt", moderator_role=role.id)
    async with house.running():
        card = await court.held()
        assert "Only moderators" in await court.press(card, APPROVE, court.dave)
        member.roles.append(role)
        assert "pproved" in await court.press(card, APPROVE, court.dave)
        await house.until_state(State.POSTED)


async def test_forged_ids_are_answered_and_change_nothing(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held()
        request = await house.request()
        for custom_id in (
            "vb:approve:zzzzzz9:1",
            "vb:reject:zzzzzz9:1",
            f"vb:approve:{request.id}:7",
            f"vb:spoiler:{request.id}:999999",
            f"vb:delete-sure:{request.id}",
            "vb:queue:99",
        ):
            pressed = await house.discord.press_stale(card, custom_id, court.bob)
            text = (await pressed.wait_shown()).content
            assert "no such review" in text or "no longer works" in text, custom_id
        assert "Can this be made?" in card.content
    assert (await house.request()).state is State.HELD
    assert not house.discord.late_interactions()


async def test_cards_and_forms_from_before_a_restart_still_work(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        first = await court.held()
        second = await court.held(number=1)
        opened = await house.discord.click(second, REJECT, court.bob)
        await opened.wait_answered()
    async with house.running():
        assert "pproved" in await court.press(first, APPROVE)
        sent = await house.discord.submit(opened, {"Note": "not today"})
        assert "Rejected" in (await sent.wait_shown()).content
        await house.until_state(State.POSTED)
        await court.decided(first, "Approved")
        await court.decided(second, "Rejected", "not today")
    assert [row.state for row in await house.requests()] == [State.POSTED, State.REJECTED]


async def test_rejected_after_rendering_the_first_two_come_back_and_later_ones_do_not(
    court: Court,
) -> None:
    house = court.house
    await court.set(review="result")
    async with house.running():
        for number in range(3):
            await court.ask()
            request = await house.until_state(State.REVIEWING, number=number)
            card = await court.card(request.id)
            await court.reject(card)
            await house.until_state(State.REJECTED, number=number)
        await house.discord.quiet()
    assert await count_of(court) == 1
    assert not house.videos(house.channel)
    told = [m.content for m in house.discord.messages() if "rejected" in m.content]
    assert sum("doesn't count" in text for text in told if "<@" in text) == 2


async def test_a_cancelled_request_leaves_nothing_to_decide(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        card = await court.held()
        request = await house.request()
        asked = await house.discord.slash(
            house.guild, house.channel, house.alice, "video cancel", {"id": request.id}
        )
        await asked.wait_shown()
        await court.decided(card, "Nothing left to decide")
        pressed = await house.discord.press_stale(card, f"vb:approve:{request.id}:1", court.bob)
        assert "nothing left to decide" in (await pressed.wait_shown()).content
    assert await count_of(court) == 0
    assert not await court.log_of()


async def test_without_a_review_channel_what_needs_one_is_refused(court: Court) -> None:
    house = court.house
    async with house.running():
        for mode in ("prompt", "result"):
            await court.set(review=mode, review_channel=None)
            assert "review_channel" in (await court.ask()).text
    assert not await house.requests()
    assert not house.provider.calls


async def test_an_unreachable_review_channel_stops_the_next_and_tells_the_log(
    court: Court,
) -> None:
    house = court.house
    await court.set(review="prompt")
    court.channel.bot_permissions = 0
    async with house.running():
        await court.ask()
        await house.discord.wait_message(
            lambda message: (
                message.channel_id == court.log.id and "review channel" in message.content
            )
        )
        assert "can't post" in (await court.ask()).text
    assert (await house.request()).state is State.HELD
    assert len(await house.requests()) == 1


async def test_a_changed_file_is_not_what_a_moderator_approved(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running() as app:
        card = await court.held(files={"image1": Upload("a.png", picture(colour="red"))})
        request = await house.request()
        (path,) = (app.settings.data_dir / "inputs" / request.id).iterdir()
        path.write_bytes(picture(colour="blue"))
        await court.press(card, APPROVE)
        await house.until_state(State.POSTED)
    (upload,) = house.provider.uploads
    assert upload.path.read_bytes() == picture(colour="red")


async def test_a_file_that_changed_at_its_source_since_the_card_is_never_sent(
    court: Court,
) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running() as app:
        card = await court.held(files={"image1": Upload("a.png", picture(colour="red"))})
        request = await house.request()
        (ours,) = (app.settings.data_dir / "inputs" / request.id).iterdir()
        ours.unlink()
        for file in house.discord.world.files.values():
            if file.filename == "a.png" and file.path is not None:
                file.path.write_bytes(picture(colour="blue"))
        await court.press(card, APPROVE)
        failed = await house.until_state(State.FAILED)
        await house.discord.wait_message(lambda message: "moderators checked" in message.content)
    assert failed.failure == "changed"
    assert not house.provider.uploads
    assert not house.provider.creates
    assert await count_of(court) == 0


async def test_a_card_whose_answer_was_lost_is_not_posted_twice(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    is_card = {"channel_id": str(court.channel.id)}
    house.discord.faults.add(
        SEND, Fault(drop=True, after_effect=True), where=lambda call: call.params == is_card
    )
    async with house.running():
        await court.ask()
        await house.discord.wait_for(lambda: len(house.discord.messages(court.channel)) == 1)
        # Discord forgets nonces, so only the buttons tell which message it was
        house.discord.world.advance(600)
        request = await house.request()
        card = await court.card(request.id)
        await house.until_so(lambda: _is_sent(court, request.id))
        assert house.discord.messages(court.channel) == [card]
        await court.press(card, APPROVE)
        await court.decided(card, "Approved")


async def _is_sent(court: Court, request_id: str) -> bool:
    messages = await court.house.messages(request_id)
    cards = [post.state for post in messages if post.kind is MessageKind.REVIEW]
    return cards == [OutboxState.SENT]


async def test_the_whole_of_a_long_prompt_can_be_read(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    prompt = "nice " * 700 + "the hidden end"
    async with house.running():
        card = await court.held(prompt=prompt)
    (text,) = [file for file in card.attachments if file.filename == "prompt.txt"]
    assert text.read().decode().endswith("the hidden end")
    assert len(card.content) <= 2000


async def test_the_queue_lists_what_waits_with_links_to_the_cards(court: Court) -> None:
    house = court.house
    await court.set(review="prompt")
    async with house.running():
        first = await court.held(prompt="older")
        await court.held(number=1, prompt="younger")
        text = (await court.mod("queue")).text
        assert text.index("older") < text.index("younger")
        assert f"{court.channel.id}/{first.id}" in text
        refused = await court.mod("queue", user=court.dave)
    assert "Only moderators" in refused.text


async def test_a_card_whose_files_discord_takes_in_no_size_comes_without_them(
    court: Court,
) -> None:
    house = court.house
    house.discord.faults.add(
        SEND,
        Fault(status=413, code=40005),
        times=None,
        where=lambda call: call.is_form and call.params["channel_id"] == str(court.channel.id),
    )
    await court.set(review="result")
    async with house.running():
        await court.ask(files={"image1": Upload("a.png", picture())})
        request = await house.until_state(State.REVIEWING)
        card = await court.card(request.id)
        assert not card.attachments
        await court.press(card, APPROVE)
        await house.until_state(State.POSTED)
    refused = [
        call
        for call in house.discord.calls(SEND)
        if call.is_form and call.params["channel_id"] == str(court.channel.id)
    ]
    assert len(refused) <= 8
