"""The forms of `/video create`, `/video frames` and Animate, from outside over real sockets."""

from typing import Any

import pytest

from bot.services.requests.saved_forms import SAVED_FORM_MS
from storage.records import Request, State
from tests.flow.requests.test_followups import ONE_DATABASE, body, chosen, fields, labels, set_up
from tests.support.bot_env import House, picture
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Attachment, Message, MessageFlag, Payload, Upload
from tests.support.discord.rules import number_components
from tests.support.discord.schema import problems_of

COLOURS = ("red", "gold", "navy", "teal")


async def slash(house: House, path: str = "video create", **options: Any) -> Interaction:
    return await house.discord.slash(house.guild, house.channel, house.alice, path, options)


def files(*colours: str) -> list[Upload]:
    return [Upload(f"{colour}.png", picture(colour=colour)) for colour in colours]


def sent(house: House, number: int = -1) -> list[bytes]:
    """The bytes of a task's pictures in its order."""
    known = {upload.url: upload.path.read_bytes() for upload in house.provider.uploads}
    made = body(house, number)
    return [known[url] for url in made.get("images") or (made["first_image"], made["last_image"])]


async def finished(house: House, number: int = 0) -> Request:
    return await house.until_state(State.POSTED, number=number)


async def test_a_form_with_what_was_attached_survives_a_restart(house: House) -> None:
    red, gold, navy, teal = (picture(colour=colour) for colour in COLOURS)
    async with house.running():
        opened = await slash(house, image1=files("red")[0], image2=files("gold")[0], ratio="9:16")
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
    async with house.running():
        values = {"Prompt": "at sea", "Files": files("navy", "teal"), "Duration": "3"}
        asked = await house.discord.submit(opened, values)
        assert (await asked.wait_shown()).is_ephemeral
        await finished(house)
    assert sent(house) == [red, gold, navy, teal]
    made = body(house, 0)
    assert (made["prompt"], made["duration"], made["ratio"]) == ("at sea", 3, "9:16")
    assert not house.discord.invalid_calls()
    assert not house.discord.late_interactions()


@ONE_DATABASE
async def test_a_form_delivered_twice_makes_one_request(house: House) -> None:
    async with house.running():
        opened = await (await slash(house)).wait_answered()
        asked = await house.discord.submit(opened, {"Prompt": "at sea"})
        await house.discord.replay(asked)
        await asked.wait_shown()
        await finished(house)
        await house.discord.quiet()
    assert len(await house.requests()) == 1


@ONE_DATABASE
async def test_a_form_begins_with_the_servers_and_then_the_members_last_choices(
    house: House,
) -> None:
    await set_up(house, default_model="seedance2.0-std")
    async with house.running():
        opened = await (await slash(house)).wait_answered()
        assert chosen(fields(opened)["Model"]) == ["seedance2.0-std"]
        values = {"Model": "seedance2.0-sp", "Duration": "9", "Ratio": "21:9", "Prompt": "x"}
        await (await house.discord.submit(opened, values)).wait_shown()
        await finished(house)
        form = fields(await (await slash(house)).wait_answered())
    assert chosen(form["Model"]) == ["seedance2.0-sp"]
    assert chosen(form["Duration"]) == ["9"]
    assert chosen(form["Ratio"]) == ["21:9"]
    assert len(form["Model"]["options"]) <= 25


async def test_the_form_of_frames_has_an_upload_each(house: House) -> None:
    async with house.running():
        opened = await (await slash(house, "video frames", last=files("gold")[0])).wait_answered()
        assert list(fields(opened)) == ["Prompt", "First", "Last", "Model", "Duration"]
        values = {"Prompt": "from here to there", "First": files("red")}
        await (await house.discord.submit(opened, values)).wait_shown()
        await finished(house)
        assert sent(house) == [picture(colour="red"), picture(colour="gold")]
        none = await (await slash(house, "video frames")).wait_answered()
        refused = await house.discord.submit(none, {"Prompt": "nothing to begin with"})
        assert "first frame" in (await refused.wait_shown()).content


async def shared(house: House, count: int, **more: Any) -> Message:
    """Somebody's message with pictures."""
    message = await house.discord.say(house.channel, house.discord.add_user("bob"), "look!")
    for upload in files(*COLOURS[:count]):
        message.attachments.append(house.discord.world.take_upload(upload))
    message.embeds.extend(more.get("embeds", ()))
    return message


@ONE_DATABASE
async def test_animate_takes_a_messages_pictures_in_their_order(house: House) -> None:
    async with house.running():
        message = await shared(house, 3)
        message.attachments.append(_text(house))
        opened = await house.discord.menu(
            house.guild, house.channel, house.alice, "Animate", message
        )
        await opened.wait_answered()
        assert "3 files" in opened.modal["components"][1]["description"]
        await (await house.discord.submit(opened, {"Prompt": "let them dance"})).wait_shown()
        await finished(house)
        assert sent(house) == [picture(colour=colour) for colour in COLOURS[:3]]
        empty = await house.discord.say(house.channel, house.alice, "no picture here")
        refused = await house.discord.menu(
            house.guild, house.channel, house.alice, "Animate", empty
        )
        assert "no picture" in (await refused.wait_shown()).content


def laid_out(message: Message) -> list[Payload]:
    """A layout as other bots make them: the files in another order, and things that are none."""
    red, gold, teal, text = message.attachments

    def media(file: Attachment) -> Payload:
        return {"id": "7", "url": file.url, "proxy_url": file.url, "attachment_id": str(file.id)}

    clip = "https://clips.example/a.mp4"
    gallery = [
        {"media": media(gold), "spoiler": True},
        {"media": {"id": "8", "url": clip, "proxy_url": clip, "content_type": "video/mp4"}},
        # the same once more, named by its address alone
        {"media": {"id": "9", "url": gold.url, "proxy_url": gold.url}},
    ]
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "words"}],
        "accessory": {"type": 11, "media": media(teal)},
    }
    inner = {"type": 17, "components": [section, {"type": 12, "items": gallery}]}
    return [
        {"type": 10, "content": "# Look"},
        {"type": 17, "components": [{"type": 14}, inner, {"type": 13, "file": media(red)}]},
        {"type": 13, "file": media(text)},
    ]


@ONE_DATABASE
@pytest.mark.parametrize("is_forwarded", [False, True])
async def test_animate_takes_the_pictures_of_a_layout_as_they_are_shown(
    house: House, *, is_forwarded: bool
) -> None:
    async with house.running():
        message = await shared(house, 3)
        message.attachments.append(_text(house))
        message.content = ""
        message.flags |= MessageFlag.COMPONENTS_V2
        message.components = number_components(laid_out(message), {})
        if is_forwarded:
            original = message
            message = await house.discord.say(house.channel, house.alice, "see")
            message.forwarded = original
        opened = await house.discord.menu(
            house.guild, house.channel, house.alice, "Animate", message
        )
        await opened.wait_answered()
        assert "3 files" in opened.modal["components"][1]["description"]
        await (await house.discord.submit(opened, {"Prompt": "let them dance"})).wait_shown()
        await finished(house)
    first, second, third = COLOURS[:3]
    assert sent(house) == [picture(colour=colour) for colour in (third, second, first)]


@ONE_DATABASE
async def test_pictures_from_elsewhere_are_taken_once_and_no_more_than_ten(house: House) -> None:
    async with house.running():
        message = await shared(house, 2)
        one, two = ("https://pics.example/one", "https://pics.example/two.webp")
        message.embeds = [
            # the second attachment stands in the embed, not beside it
            {"type": "rich", "image": {"url": f"{message.attachments[0].url}"}},
            {"type": "rich", "image": {"url": one, "proxy_url": f"{one}?proxied"}},
        ]
        media = [{"media": {"id": "1", "url": url, "proxy_url": url}} for url in (one, two, one)]
        message.components = number_components([{"type": 12, "items": media}], {})
        opened = await house.discord.menu(
            house.guild, house.channel, house.alice, "Animate", message
        )
        await opened.wait_answered()
        assert "4 files" in opened.modal["components"][1]["description"]
        many = await house.discord.say(house.channel, house.alice, "many")
        items = [
            {"media": {"id": "1", "url": f"https://pics.example/{n}.png", "proxy_url": "x"}}
            for n in range(10)
        ]
        gallery: Payload = {"type": 12, "items": items}
        for item in gallery["items"]:
            item["media"]["proxy_url"] = item["media"]["url"]
        deep: Payload = gallery
        for _ in range(30):
            deep = {"type": 17, "components": [deep, gallery]}
        many.components = number_components([deep], {})
        opened = await house.discord.menu(house.guild, house.channel, house.alice, "Animate", many)
        await opened.wait_answered()
        assert "10 files" in opened.modal["components"][1]["description"]


def _text(house: House) -> Attachment:
    upload = Upload("notes.txt", b"words", content_type="text/plain")
    return house.discord.world.take_upload(upload)


async def test_what_was_refused_can_be_changed_without_attaching_again(house: House) -> None:
    async with house.running():
        asked = await slash(house, prompt="x", image1=files("red")[0], duration=15, ratio="21:9")
        refusal = await asked.wait_shown()
        assert labels(refusal) == ["Use seedance2.0-std", "Edit"]
    async with house.running():
        opened = await (await house.discord.click(refusal, "Edit", house.alice)).wait_answered()
        form = fields(opened)
        assert form["Prompt"]["value"] == "x"
        assert "1 file" in opened.modal["components"][1]["description"]
        await (await house.discord.submit(opened, {"Ratio": "1:1"})).wait_shown()
        await finished(house)
        assert sent(house) == [picture(colour="red")]
        assert body(house, 0)["ratio"] == "1:1"


async def test_the_model_that_would_take_it_is_one_tap_away(house: House) -> None:
    async with house.running():
        asked = await slash(house, prompt="x", image1=files("red")[0], ratio="21:9")
        refusal = await asked.wait_shown()
    async with house.running():
        for _ in range(2):
            taken = await house.discord.click(refusal, "Use seedance2.0-std", house.alice)
            answer = await taken.wait_shown()
        request = await finished(house)
        assert request.id in answer.content
    assert request.model == "seedance2.0-std"
    assert len(await house.requests()) == 1
    assert sent(house) == [picture(colour="red")]


@ONE_DATABASE
async def test_a_form_that_was_open_too_long_is_told_so(house: House) -> None:
    async with house.running():
        opened = await (await slash(house, image1=files("red")[0])).wait_answered()
        bob = house.discord.add_user("bob")
        other = await house.discord.submit(opened, {"Prompt": "not mine"}, user=bob)
        assert "open for too long" in (await other.wait_shown()).content
        async with house.database.transaction() as tx:
            old = {"at_ms": house.clock() - SAVED_FORM_MS - 1000}
            await tx.execute("UPDATE saved_forms SET created_at_ms = :at_ms", old)
        asked = await house.discord.submit(opened, {"Prompt": "too late"})
        assert "open for too long" in (await asked.wait_shown()).content
    assert not await house.requests()


@ONE_DATABASE
async def test_a_wrong_link_or_place_is_told_before_a_form_is_filled_in(house: House) -> None:
    async with house.running():
        asked = await slash(house, links="ftp://example.org/cat.png")
        assert "ftp://" in (await asked.wait_shown()).content
        house.channel.bot_permissions = 0
        asked = await slash(house)
        assert "I'm missing" in (await asked.wait_shown()).content


@ONE_DATABASE
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_every_form_is_within_discords_limits_with_the_longest_names(
    house: House, locale: str
) -> None:
    house.alice.locale = locale
    async with house.running():
        for path in ("video create", "video frames"):
            opened = await (await slash(house, path)).wait_answered()
            assert len(opened.modal["title"]) <= 45
            assert len(opened.modal["components"]) <= 5
            assert len(opened.modal["custom_id"]) <= 100
            for row in opened.modal["components"]:
                assert len(row["label"]) <= 45
                assert len(row.get("description") or "") <= 100
                options = row["component"].get("options") or []
                assert len(options) <= 25
                assert all(len(each["label"]) <= 100 for each in options)
    assert not house.discord.invalid_calls()
