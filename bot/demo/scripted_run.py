"""Run one request from the slash command to the posted video, printing and checking each step."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import av
import discord
import typer
from simcord import InteractionResult, SetupError

from bot.demo.check_video import DecodedVideo, decode_video, video_faults
from bot.demo.provider.pictures import SAMPLES
from bot.demo.provider.render_pool import RenderOptions
from bot.demo.provider.shapes import frame_size
from bot.demo.provider.simulator import SeedanceSimulator
from bot.demo.runtime import DemoRuntime
from storage.engine.transaction import Transaction
from storage.records import ENDS, MessageKind, OutboxState, Request, State
from storage.requests import events, outbox, requests
from storage.requests.events import Event

PROMPT: Final = "From the lighthouse at sunset to the quiet bay by moonlight, one slow camera move"
SECONDS: Final = 5
RATIO: Final = "16:9"
RESOLUTION: Final = "720p"
LOOK_EVERY_S: Final = 0.1
CARD_PATIENCE_S: Final = 10.0


class RunFailed(Exception):
    """A check of the scripted run failed; the message says which."""


def _nothing(_: SeedanceSimulator) -> None:
    return


@dataclass(frozen=True, slots=True)
class Script:
    """Options of the scripted run: pace, rendering, output folder, time-out, printer.

    `prepare` may inject provider faults before the run.
    """

    seconds_per_video: float = 8.0
    render_options: RenderOptions = field(default_factory=RenderOptions)
    output: Path = Path("demo-output")
    patience_s: float = 120.0
    say: Callable[[str], object] = typer.echo
    prepare: Callable[[SeedanceSimulator], None] = _nothing


async def run_script(runtime: DemoRuntime, script: Script) -> int:
    """Run the script and print the outcome; returns the exit code."""
    try:
        async with asyncio.timeout(script.patience_s):
            await _ScriptedRun(runtime, script).run()
    except TimeoutError:
        script.say(f"FAILED: not finished after {script.patience_s:g} s.")
        return 1
    except (RunFailed, SetupError, OSError, aiohttp.ClientError) as error:
        script.say(f"FAILED: {error}.")
        return 1
    return 0


class _ScriptedRun:
    def __init__(self, runtime: DemoRuntime, script: Script) -> None:
        self._runtime = runtime
        self._script = script
        self._began_ms = _now_ms()

    def _say(self, text: str, at_ms: int | None = None) -> None:
        passed_s = ((_now_ms() if at_ms is None else at_ms) - self._began_ms) / 1000
        self._script.say(f"{max(0.0, passed_s):6.2f} s  {text}")

    async def run(self) -> None:
        world = self._runtime.world
        self._say(f"Discord (simulated): “{world.guild.name}”, #{world.channel.name}")
        self._say(f"Seedance (simulated): {self._runtime.provider.url}")
        request = await self._follow(await self._ask())
        if request.state is not State.POSTED:
            why = f" ({request.failure})" if request.failure else ""
            raise RunFailed(f"the request ended as {request.state}{why}")
        message = await self._posted(request)
        decoded, path = await self._check(request, message)
        self._say(
            f"checked: {decoded.codec}, {decoded.width}×{decoded.height}, {decoded.seconds:.2f} s"
        )
        self._script.say(f"\nAll well. The video: {path}")

    async def _ask(self) -> str:
        """Send the command and return the request's id."""
        world = self._runtime.world
        pictures = {
            f"image{number}": (name, draw())
            for number, (name, draw) in enumerate(SAMPLES.items(), start=1)
        }
        self._say(f"Mia: /video create with {', '.join(SAMPLES)}: “{PROMPT}”")
        result = await world.member.slash(
            world.channel,
            "video create",
            prompt=PROMPT,
            duration=SECONDS,
            ratio=RATIO,
            **pictures,
        )
        async with self._runtime.app.database.reading() as tx:
            found = await requests.page_of_member(
                tx, world.guild.id, world.member.id, before_ms=_now_ms() + 1, limit=1
            )
        if not found:
            raise RunFailed(f"the bot recorded no request and said: {_first_line(result)}")
        self._say(f"request {found[0].id}: {State.QUEUED}", found[0].created_at_ms)
        self._say(f"the bot, in private: {_first_line(result)}")
        return found[0].id

    async def _follow(self, request_id: str) -> Request:
        """Print every state change until the request ends."""
        progress = 0
        async for request, news in _watch(self._runtime.app.database.reading, request_id):
            for event in news:
                if event.to_state and event.from_state:
                    self._say(f"request {request_id}: {event.to_state}", event.at_ms)
            if request.state is State.RUNNING and request.progress > progress:
                progress = request.progress
                self._say(f"the provider says {progress} %", request.polled_at_ms)
        return request

    async def _posted(self, request: Request) -> discord.Message:
        """Find the single message with the video; the progress card must be deleted."""
        try:
            messages = await asyncio.wait_for(self._delivered(request.id), CARD_PATIENCE_S)
        except TimeoutError:
            raise RunFailed("the video was not posted, or its card is still there") from None
        world = self._runtime.world
        seen = world.channel.history(viewer=world.member)
        found = [message for message in seen if _videos_of(message, request.id)]
        if [message.id for message in found] != [messages]:
            raise RunFailed(f"there are {len(found)} messages with the video in the channel")
        message = found[0]
        said = message.content.splitlines()[0].replace(world.member.mention, "@Mia")
        self._say(f"posted in #{world.channel.name}: {said}")
        if message.raw_mentions != [world.member.id]:
            raise RunFailed("the post does not mention the one who asked, and nobody else")
        if len(self._runtime.provider.billed) != 1:
            raise RunFailed(f"the provider billed {len(self._runtime.provider.billed)} tasks")
        return message

    async def _delivered(self, request_id: str) -> int:
        """Wait until the result is sent and the card deleted; return the result's message id."""
        while True:
            async with self._runtime.app.database.reading() as tx:
                messages = {post.kind: post for post in await outbox.of_request(tx, request_id)}
            card, result = messages.get(MessageKind.CARD), messages.get(MessageKind.RESULT)
            is_gone = card is None or card.state in (OutboxState.DELETED, OutboxState.DROPPED)
            if result is not None and result.state is OutboxState.SENT and is_gone:
                return result.message_id
            await asyncio.sleep(LOOK_EVERY_S)

    async def _check(self, request: Request, message: discord.Message) -> tuple[DecodedVideo, Path]:
        """Download the video as a viewer would, save it and decode it."""
        path = self._script.output / f"{request.id}.mp4"
        link = _videos_of(message, request.id)[0].url
        async with aiohttp.ClientSession() as session, session.get(link) as response:
            response.raise_for_status()
            video = await response.read()
        size = frame_size(RESOLUTION, RATIO, short_side=self._script.render_options.short_side)
        try:
            decoded = await asyncio.to_thread(_save_and_decode, path, video)
        except (av.FFmpegError, ValueError) as error:
            raise RunFailed(f"the posted file is no video: {error}") from error
        faults = "; ".join(video_faults(decoded, seconds=SECONDS, size=size))
        if faults:
            raise RunFailed(faults)
        return decoded, path


def _save_and_decode(path: Path, video: bytes) -> DecodedVideo:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(video)
    return decode_video(path)


async def _watch(
    reading: Callable[[], Any], request_id: str
) -> AsyncIterator[tuple[Request, list[Event]]]:
    """Poll the request and its new events until it ends."""
    seen = 0
    while True:
        async with reading() as tx:
            request, history = await _read_state(tx, request_id)
        yield request, history[seen:]
        seen = len(history)
        if request.state in ENDS or request.state is State.UNCERTAIN:
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _read_state(tx: Transaction, request_id: str) -> tuple[Request, list[Event]]:
    return await requests.require(tx, request_id), await events.of_request(tx, request_id)


def _videos_of(message: discord.Message, request_id: str) -> list[discord.Attachment]:
    return [each for each in message.attachments if each.filename == f"{request_id}.mp4"]


def _first_line(result: InteractionResult) -> str:
    lines: Iterator[str] = iter(result.response.content.splitlines() if result.response else ())
    return next(lines, "nothing")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
