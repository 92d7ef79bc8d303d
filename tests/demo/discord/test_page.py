"""The browser's page: kept fresh, changed a little, and never in a visitor's way."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import av
import discord
import pytest
import simcord
from PIL import Image
from simcord.preview import _markdown as simcords
from simcord.preview._media import MediaError

from bot.demo.discord.cdn import LoopbackCdn
from bot.demo.discord.guilds import World, build_world
from bot.demo.discord.markdown import read_like_discord
from bot.demo.discord.page import live_page
from bot.demo.discord.page_script import CHANGES, additions
from bot.demo.discord.personas import LIN, MIA, SAM
from bot.demo.discord.playback import Playback
from bot.demo.discord.seed_data import show_pictures
from bot.demo.provider.pictures import SAMPLES
from tests.support.patience import PATIENCE_S


@asynccontextmanager
async def a_world() -> AsyncIterator[tuple[simcord.Env, World]]:
    bot = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
    async with LoopbackCdn() as cdn, simcord.run(bot) as env:
        env.backend.cdn = cdn
        yield env, build_world(env)


class Visitor:
    """What a browser does: open a page, ask for its state, act."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self.base, self._capability = url.split("/#")
        self._sequence = 0
        self.state: dict[str, Any] = {}

    def _headers(self) -> dict[str, str]:
        context = self.state.get("context", {}).get("id", "")
        return {"X-Simcord-Capability": self._capability, "X-Simcord-Context": context}

    async def open(self, **wanted: Any) -> int:
        self.state = {}
        url = f"{self.base}/api/pages"
        async with self._session.post(url, json=wanted, headers=self._headers()) as response:
            if response.ok:
                self.state = await response.json()
            return response.status

    def go(self, room: str) -> None:
        """Turn to another room; `open` goes in."""
        self._capability = f"{self._capability.split('.')[0]}.{room}"

    async def refresh(self) -> str:
        async with self._session.get(f"{self.base}/api/state", headers=self._headers()) as response:
            self.state = await response.json()
        return str(self.state["messages"])

    async def write(self, text: str) -> dict[str, Any]:
        self._sequence += 1
        body = {
            "protocol_version": 3,
            "sequence": self._sequence,
            "request_id": f"r{self._sequence}",
            "generation": self.state["context"]["generation"],
            "bot_generation": self.state["botGeneration"],
            "published_revision": self.state["publishedRevision"],
            "kind": "send_message",
            "content": text,
        }
        url = f"{self.base}/api/action"
        async with self._session.post(url, json=body, headers=self._headers()) as response:
            receipt: dict[str, Any] = await response.json()
        return receipt


class Visit(NamedTuple):
    world: World
    visitor: Visitor
    place: discord.PartialMessageable


@asynccontextmanager
async def a_visit() -> AsyncIterator[Visit]:
    async with (
        a_world() as (env, world),
        live_page(env, world, 0) as preview,
        aiohttp.ClientSession() as session,
    ):
        visitor = Visitor(session, preview.url)
        await visitor.open()
        yield Visit(world, visitor, env.bot.get_partial_messageable(world.channel.id))


async def until(shows: Callable[[str], bool], visitor: Visitor) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not shows(await visitor.refresh()):
            await asyncio.sleep(0.02)


async def test_the_page_shows_posts_edits_and_deletions_of_the_bot_unasked() -> None:
    async with a_visit() as (_, visitor, place):
        message = await place.send("on its way")
        await until(lambda text: "on its way" in text, visitor)
        await message.edit(content="half done")
        await until(lambda text: "half done" in text, visitor)
        await message.delete()
        await until(lambda text: "half done" not in text, visitor)


async def test_a_visitor_can_act_on_a_page_that_has_moved_on() -> None:
    async with a_visit() as (_, visitor, place):
        seen = visitor.state
        await place.send("news")
        await until(lambda text: "news" in text, visitor)
        assert visitor.state["publishedRevision"] > seen["publishedRevision"]
        visitor.state = seen
        assert not (await visitor.write("hello"))["rejected"]


async def test_visitors_and_the_bot_can_act_concurrently() -> None:
    async with a_visit() as (_, visitor, place):

        async def chatter() -> None:
            for number in range(40):
                await place.send(f"line {number}")
                await asyncio.sleep(0)

        talking = asyncio.create_task(chatter())
        receipts = [await visitor.write(f"word {number}") for number in range(20)]
        await talking
        assert [receipt["settlement"] for receipt in receipts] == ["settled"] * 20


async def test_simcords_page_has_every_place_that_is_changed() -> None:
    async with a_visit() as (_, visitor, _), aiohttp.ClientSession() as session:
        for path, old, new in CHANGES:
            async with session.get(visitor.base + path) as response:
                text = await response.text()
            assert new in text
            assert old not in text.replace(new, "")
        for path, added in additions({}).items():
            async with session.get(visitor.base + path) as response:
                assert (await response.text()).endswith(added.splitlines()[-1] + "\n")
        async with session.get(f"{visitor.base}/fonts/noto-sans-latin-v2.015.ttf") as response:
            assert response.status == 200


async def test_a_room_opens_only_to_who_can_see_its_channel() -> None:
    async with a_visit() as (world, visitor, _):
        member, moderator = world.people[MIA].id, world.people[SAM].id
        visitor.go("review")
        assert await visitor.open(viewer_id=str(member)) == 400
        assert await visitor.open(viewer_id=str(moderator)) == 200
        assert visitor.state["channel"]["name"] == "review"
        assert {viewer["name"] for viewer in visitor.state["viewers"]} == {
            "Sam (moderator)",
            "Grace (server manager)",
        }
        visitor.go("dm-mia")
        assert await visitor.open(viewer_id=str(moderator)) == 400
        assert await visitor.open(viewer_id=str(member)) == 200
        visitor.go("no-such-room")
        assert await visitor.open() == 401


async def test_every_room_is_kept_fresh_and_can_be_written_in() -> None:
    async with a_visit() as (world, visitor, _):
        visitor.go("projects")
        await visitor.open(viewer_id=str(world.people[SAM].id))
        await world.school.people[MIA].send(world.school.projects, "is anybody there?")
        await until(lambda text: "is anybody there?" in text, visitor)
        assert not (await visitor.write("I am"))["rejected"]
        newest = world.school.projects.last_message
        assert newest is not None
        assert (newest.content, newest.author.name) == ("I am", "sam")


async def test_a_page_opened_later_begins_at_the_newest_message() -> None:
    async with a_visit() as (world, visitor, place):
        await place.send("of the bot")
        newest = await world.member.send(world.channel, "of a member")
        await visitor.open()
        assert visitor.state["targetId"] == str(newest.id)


async def test_times_on_the_page_are_in_the_language_of_whoever_looks() -> None:
    async with a_visit() as (world, visitor, _):
        await visitor.open(viewer_id=str(world.people[LIN].id))
        assert visitor.state["profile"]["locale"] == "zh-CN"
        await visitor.open(viewer_id=str(world.people[MIA].id))
        assert visitor.state["profile"]["locale"] == "en-US"


def test_bold_type_beside_chinese_punctuation_is_bold_as_on_discord() -> None:
    def kinds(text: str) -> list[str]:
        (block,) = simcords.markdown_tokens(text)
        (line,) = block["children"]
        return [child["type"] for child in line["children"]]

    assert "strong_open" not in kinds("**已提交！**视频")
    with read_like_discord():
        assert kinds("**已提交！**视频")[1:] == ["strong_open", "text", "strong_close", "text"]
    assert "strong_open" not in kinds("**已提交！**视频")


async def test_pictures_in_the_channel_can_be_fetched_and_have_their_measures() -> None:
    async with a_world() as (_, world), aiohttp.ClientSession() as session:
        await show_pictures(world)
        (message,) = (found for found in world.channel.history() if found.attachments)
        assert {picture.filename for picture in message.attachments} == set(SAMPLES)
        for picture in message.attachments:
            assert (picture.width, picture.height) == (1280, 720)
            async with session.get(picture.url) as response:
                assert response.content_type == "image/jpeg"
                assert len(await response.read()) == picture.size


async def test_file_names_are_cleaned_as_discord_does() -> None:
    async with LoopbackCdn() as cdn, aiohttp.ClientSession() as session:
        told = cdn.store_attachment(1, 2, "../mein Bild (1)?.png", b"no picture", None)
        assert told["filename"] == "mein_Bild_1_.png"
        assert cdn.get(told["url"]) == b"no picture"
        async with session.get(told["url"]) as response:
            assert await response.read() == b"no picture"
        async with session.get(told["url"] + "x") as response:
            assert response.status == 404


async def test_times_are_real_ones_and_nobodys_account_is_new() -> None:
    async with a_world() as (_, world):
        await world.member.send(world.channel, "now")
        now = discord.utils.utcnow()
        message = world.channel.last_message
        assert message is not None
        assert abs((now - message.created_at).total_seconds()) < 5
        assert world.member.id < message.id


def small_video() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame(64, 36, "yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


async def test_a_video_is_served_unchanged_with_a_poster() -> None:
    video = small_video()
    info = await Playback().validate("key", video)
    assert info.normalized is video
    assert (info.content_type, info.width, info.height) == ("video/mp4", 64, 36)
    assert info.poster is not None
    with Image.open(io.BytesIO(info.poster)) as poster:
        assert poster.size == (640, 360)


async def test_a_file_that_only_starts_like_a_video_is_refused() -> None:
    with pytest.raises(MediaError):
        await Playback().validate("key", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 40)
