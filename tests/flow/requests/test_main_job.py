"""The main job from outside: a command becomes a checked request, a task, and a posted video."""

from bot.demo.provider.faults import CallName, Drop
from storage.records import MessageKind, OutboxState, State
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Upload


async def test_a_command_with_pictures_ends_in_one_posted_video(bot_env: BotEnv) -> None:
    first, second = picture(colour="teal"), picture(colour="salmon", form="JPEG")
    async with bot_env.running():
        asked = await bot_env.create(
            files={"image1": Upload("boat.png", first), "image2": Upload("sea.jpg", second)}
        )
        answer = await asked.wait_shown()
        assert answer.is_ephemeral
        request = await bot_env.until_state(State.POSTED)
        await bot_env.discord.wait_for(lambda: len(bot_env.discord.messages()) == 1)
    assert request.id in answer.content, answer.content
    uploads = {upload.path.read_bytes(): upload for upload in bot_env.provider.uploads}
    assert set(uploads) == {first, second}
    assert [call.body for call in bot_env.provider.creates] == [
        {
            "model": "seedance2.0-fast-i2v",
            "prompt": "a lighthouse at dusk",
            "duration": 4,
            "ratio": "16:9",
            "images": [uploads[first].url, uploads[second].url],
        }
    ]
    (video,) = bot_env.videos(bot_env.channel)
    assert video.attachments[0].filename == f"{request.id}.mp4"
    assert f"<@{bot_env.alice.id}>" in video.content
    assert video.pinged == {bot_env.alice.id}
    assert not bot_env.discord.invalid_calls()
    assert not bot_env.discord.late_interactions()


@on_sqlite
async def test_the_posted_file_is_byte_for_byte_the_providers(bot_env: BotEnv) -> None:
    async with bot_env.running() as app:
        await bot_env.create()
        request = await bot_env.until_state(State.POSTED)
        ours = (app.settings.data_dir / request.result_path).read_bytes()
    (video,) = bot_env.videos()
    posted = video.attachments[0].path
    assert posted is not None
    assert posted.read_bytes() == ours


@on_sqlite
async def test_nothing_goes_to_the_provider_for_a_wrong_request(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await bot_env.create(duration=15, ratio="21:9", prompt="   ")
        text = (await asked.wait_shown()).content
    assert "21:9" in text
    assert "16:9" in text
    assert not bot_env.provider.calls
    assert not await bot_env.requests()


@on_sqlite
async def test_a_text_file_named_png_is_refused_without_a_task(bot_env: BotEnv) -> None:
    async with bot_env.running():
        await bot_env.create(files={"image1": Upload("cat.png", b"just words, no picture" * 40)})
        request = await bot_env.until_state(State.FAILED)
        notice = await bot_env.discord.wait_message(lambda message: "image1" in message.content)
    assert request.failure == "refused-media"
    assert f"<@{bot_env.alice.id}>" in notice.content
    assert not bot_env.provider.creates


async def test_the_same_interaction_delivered_twice_makes_one_request(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await bot_env.create()
        await asked.wait_shown()
        await bot_env.discord.replay(asked)
        await bot_env.until_state(State.POSTED)
    assert len(await bot_env.requests()) == 1
    assert len(bot_env.provider.creates) == 1


async def test_a_restart_picks_every_request_up_where_it_was(bot_env: BotEnv) -> None:
    async with bot_env.running():
        asked = await bot_env.create()
        await asked.wait_shown()
        await bot_env.until_state(State.RUNNING, State.RENDERED, State.POSTED)
    async with bot_env.running():
        request = await bot_env.until_state(State.POSTED)
        await bot_env.discord.wait_for(lambda: len(bot_env.discord.messages()) == 1)
    assert len(bot_env.provider.creates) == 1
    assert len(bot_env.videos()) == 1
    messages = await bot_env.messages(request.id)
    card = next(post for post in messages if post.kind is MessageKind.CARD)
    assert card.state is OutboxState.DELETED


async def test_a_lost_answer_is_uncertain_and_never_sent_again(bot_env: BotEnv) -> None:
    bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
    async with bot_env.running():
        await bot_env.create()
        request = await bot_env.until_state(State.UNCERTAIN)
        await bot_env.discord.wait_message(lambda message: "uncertain" in message.content)
    async with bot_env.running():
        pass
    assert len(bot_env.provider.creates) == 1
    assert (await bot_env.request()).state is State.UNCERTAIN
    assert request.slot_until_ms > 0
