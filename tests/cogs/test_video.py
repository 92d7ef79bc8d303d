"""`/video` as members use it, in both languages, over real sockets."""

import asyncio
import re

import pytest

from bot.errors import UserError
from bot.rules.media import MediaRole
from bot.rules.request import VideoRequest
from bot.services.requests.service import RequestService
from storage.errors import StorageUnavailable
from storage.records import State
from tests.cogs.conftest import Scene
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import MEMBER_PERMISSIONS, Permission, Upload
from tests.support.patience import PATIENCE_S

ID = re.compile(r"`([a-z0-9]{6,20})`")


def is_well(scene: Scene, *asked: Interaction) -> bool:
    """Every answer private, in time, and valid by Discord's own description."""
    return (
        all(each.message is not None and each.message.is_ephemeral for each in asked)
        and not scene.discord.invalid_calls()
        and not scene.discord.late_interactions()
    )


def spec_of(text: str) -> VideoRequest:
    return VideoRequest.model_validate_json(text)


async def test_create_answers_with_settings_and_what_is_left(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.create("a *red* fox", duration=4)
        async with asyncio.timeout(PATIENCE_S):
            # noted once Discord has confirmed the answer
            while not (request := (await scene.requests())[0]).acked_at_ms:
                await asyncio.sleep(0.01)
    assert f"`{request.id}` · `seedance2.0-fast-i2v` · 4 s · 16:9 · 720p" in asked.text
    assert "a \\*red\\* fox" in asked.text
    assert "11 more" in asked.text
    assert "video provider" in asked.text
    assert is_well(scene, asked)


async def test_only_the_first_reply_carries_the_privacy_notice(scene: Scene) -> None:
    async with scene.running():
        await scene.create("one")
        second = await scene.create("two")
    assert "First time here" not in second.text


async def test_the_question_before_a_first_request_carries_the_privacy_notice(
    scene: Scene,
) -> None:
    async with scene.running():
        question = await scene.create("a {red|grey} fox")
        second = await scene.create("two")
    assert "Confirm" in str(question.message)
    assert "First time here" in question.text
    assert "First time here" not in second.text


async def test_options_become_references_in_their_order(scene: Scene) -> None:
    picture = Upload("cat.png", b"x" * 30, "image/png", 640, 480)
    clip = Upload("cat.mp4", b"x" * 30, "video/mp4", 1280, 720, 2.0)
    sound = Upload("cat.mp3", b"x" * 30, "audio/mpeg")
    async with scene.running():
        asked = await scene.create(
            "x",
            model="seedance2.0-sp",
            resolution="480p",
            image2=picture,
            image1=Upload("dog.png", b"y" * 30, "image/png", 640, 480),
            video1=clip,
            audio3=sound,
            links="https://x.example/a.png asset://abc video:asset://def",
        )
        (request,) = await scene.requests()
    media = spec_of(request.spec).media
    assert [each.field for each in media] == [
        *("image1", "image2", "video1", "audio3", "links", "links", "links")
    ]
    assert media[0].name == "dog.png"
    assert (media[1].width, media[1].height, media[1].content_type) == (640, 480, "image/png")
    assert media[2].duration_s == 2.0
    assert spec_of(request.spec).resolution == "480p"
    assert is_well(scene, asked)


async def test_frames_get_their_roles(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.use(
            "video frames",
            {
                "prompt": "x",
                "first": Upload("a.png", b"x" * 30, "image/png", 640, 480),
                "last_link": "https://x.example/b.png",
            },
        )
        (request,) = await scene.requests()
    first, last = spec_of(request.spec).media
    assert (first.role, first.field) == (MediaRole.FIRST, "first")
    assert (last.role, last.field) == (MediaRole.LAST, "last_link")
    assert is_well(scene, asked)


@pytest.mark.parametrize(
    ("path", "options", "words"),
    [
        ("video frames", {"prompt": "x"}, "first frame"),
        ("video create", {"prompt": "   "}, "this is blank"),
        ("video create", {"prompt": "x", "duration": 99}, "this asks for 99"),
        ("video create", {"prompt": "x", "ratio": "21:9"}, "can't make `21:9`"),
        ("video create", {"prompt": "x", "model": "nope"}, "no model called `nope`"),
        ("video create", {"prompt": "x", "links": "http://x.example"}, "`http://x.example`"),
        ("video show", {"id": "zzz9zzzzzz"}, "`zzz9zzzzzz`"),
        ("video cancel", {"id": "`@everyone"}, "I can't find a video"),
    ],
)
async def test_a_refusal_says_what_is_wrong_and_records_nothing(
    scene: Scene, path: str, options: dict[str, object], words: str
) -> None:
    async with scene.running():
        asked = await scene.use(path, options)
        assert not await scene.requests()
    assert re.search(words, asked.text)
    assert "@everyone" not in asked.text
    assert is_well(scene, asked)


async def test_all_violations_come_at_once_with_a_model_that_would_accept_the_request(
    scene: Scene,
) -> None:
    async with scene.running():
        asked = await scene.create("x", ratio="21:9", duration=15)
    assert "`21:9`" in asked.text
    assert re.search(r"`seedance2\.0-[a-z-]+` can make it as it is", asked.text)


async def test_an_answer_is_in_the_members_language(scene: Scene) -> None:
    scene.alice.locale = "zh-CN"
    async with scene.running():
        taken = await scene.create("一只狐狸")
        refused = await scene.create("x", duration=99)
        models = await scene.use("video models")
        listed = await scene.use("video list")
        told = await scene.use("video help")
    assert "已提交" in taken.text
    assert "`时长`" in refused.text
    assert "这里可以使用的模型" in models.text
    assert "排队中" in listed.text
    assert "使用方法" in told.text


async def test_missing_permissions_are_named(scene: Scene) -> None:
    scene.channel.bot_permissions = MEMBER_PERMISSIONS & ~Permission.ATTACH_FILES
    async with scene.running():
        asked = await scene.create("x")
    assert "Attach Files" in asked.text


async def test_a_file_in_the_wrong_option_is_named(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.create("x", image1=Upload("cat.mp4", b"x" * 9, "video/mp4"))
    assert "`image1` (`cat.mp4`): this has to be a picture, but it is a clip." in asked.text


async def test_the_list_pages_by_next_from_its_custom_id_alone(scene: Scene) -> None:
    async with scene.running():
        for number in range(7):
            await scene.create(f"video {number}")
        listed = await scene.use("video list")
        assert listed.message is not None
        assert "video 6" in listed.text
        assert "video 1" not in listed.text
    async with scene.running():
        pressed = await scene.discord.click(listed.message, "Next", scene.alice)
        await pressed.wait_shown()
    assert "video 1" in listed.text
    assert "video 0" in listed.text
    assert "Next" not in str(listed.message.components)
    assert is_well(scene)


async def test_an_empty_list_explains_how_to_create_a_video(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.use("video list")
    assert re.search(r"</video create:\d+>", asked.text)


async def test_show_has_all_details_and_a_cancel_button(scene: Scene) -> None:
    async with scene.running():
        await scene.create("a fox")
        (request,) = await scene.requests()
        shown = await scene.use("video show", {"id": request.id.upper()})
        assert shown.message is not None
        for word in (request.id, "a fox", "queued", "`seedance2.0-fast-i2v`"):
            assert word in shown.text
        pressed = await scene.discord.click(shown.message, "Cancel", scene.alice)
        await pressed.wait_shown()
        (request,) = await scene.requests()
    assert request.state is State.CANCELLED
    assert "It doesn't count" in pressed.text
    assert is_well(scene, shown, pressed)


async def test_cancel_works_once_and_only_for_its_member(scene: Scene) -> None:
    async with scene.running():
        await scene.create("a fox")
        (request,) = await scene.requests()
        other = await scene.use("video cancel", {"id": request.id}, user=scene.bob)
        first = await scene.use("video cancel", {"id": request.id})
        again = await scene.use("video cancel", {"id": request.id})
    assert "I can't find a video" in other.text
    assert "is cancelled" in first.text
    assert "has already been cancelled" in again.text


async def test_a_moderator_may_cancel_and_see_anyones(scene: Scene) -> None:
    member = scene.discord.world.add_member(
        scene.guild, scene.bob, MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    assert member is not None
    async with scene.running():
        await scene.create("a fox")
        (request,) = await scene.requests()
        shown = await scene.use("video show", {"id": request.id}, user=scene.bob)
        gone = await scene.use("video cancel", {"id": request.id}, user=scene.bob)
    assert "a fox" in shown.text
    assert "is cancelled" in gone.text


async def test_models_page_by_next_until_every_model_was_shown(scene: Scene) -> None:
    async with scene.running() as bot:
        asked = await scene.use("video models")
        assert asked.message is not None
        seen = asked.text
        while "Next" in str(asked.message.components):
            pressed = await scene.discord.click(asked.message, "Next", scene.alice)
            await pressed.wait_shown()
            seen += asked.text
    for name in bot.services.catalogue.names:
        assert f"`{name}`" in seen
    assert is_well(scene, asked)


async def test_help_explains_where_prompts_go(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.use("video help")
    assert "sent to the video provider" in asked.text
    assert "(https://example.org/privacy)" in asked.text
    assert re.search(r"</video create:\d+>", asked.text)


async def test_the_same_event_twice_makes_one_request(scene: Scene) -> None:
    async with scene.running():
        asked = await scene.create("x")
        await scene.discord.replay(asked)
        await scene.discord.wait_for(lambda: bool(asked.refused))
        assert len(await scene.requests()) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StorageUnavailable("locked"), "Try again in a minute"),
        (UserError("refused-disk-full", {"limit": "10 GB"}), "10 GB"),
        (RuntimeError("a secret"), "Something went wrong"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_every_exception_of_a_service_is_answered(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(RequestService, "page", fail)
    async with scene.running():
        asked = await scene.use("video list")
    assert words in asked.text
    assert "secret" not in asked.text
    assert is_well(scene, asked)
