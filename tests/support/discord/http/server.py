"""A recording Discord over real sockets, for tests that run the bot from outside.

It speaks the part of Discord's REST API and gateway that the bot uses, refuses what Discord
refuses, remembers every call, and can fail in the ways networks and Discord do. Its memory does
not depend on the bot: kill the bot, start it again, and everything is as it was.

    async with DiscordServer() as discord:
        guild = discord.add_guild("Home")
        channel = discord.add_channel(guild, "general")
        alice = discord.add_user("alice")
        ...start the bot with the environment of discord.settings()...
        await discord.wait_ready()
        asked = await discord.slash(guild, channel, alice, "video create", {"prompt": "a cat"})
        answer = await asked.wait_shown()
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.support.discord import payloads
from tests.support.discord.errors import unauthorized
from tests.support.discord.http.body import answer
from tests.support.discord.http.faults import API_PREFIX, Fault, FaultPlan, Handler, Recorder
from tests.support.discord.http.gateway import AUTHENTICATION_FAILED, GUILDS, Gateway
from tests.support.discord.http.hooks import Hooks
from tests.support.discord.http.rates import Rates
from tests.support.discord.http.rest import Rest
from tests.support.discord.interactions import Interaction, Interactions
from tests.support.discord.members import Members
from tests.support.discord.messages import Messages
from tests.support.discord.records import Call, Channel, Guild, Message, User
from tests.support.discord.world import World

SEND = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
DELETE = "DELETE /channels/{channel_id}/messages/{message_id}"
HISTORY = "GET /channels/{channel_id}/messages"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
EDIT_ANSWER = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
_BACKLOG = 4096
"""Waiting connections: with the usual 128 a burst loses SYNs, which looks like a slow bot."""


class DiscordServer(Members):
    """One Discord with one bot account. What members do is inherited from `Members`.

    `keeps_files` False remembers size and hash of what is posted but not the bytes. `rates` makes
    Discord's rate limits hold; by default none does.
    """

    def __init__(
        self,
        *,
        token: str = "MTIz.discord.token",
        keeps_files: bool = True,
        rates: Rates | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.rates = rates or Rates()
        self.faults = FaultPlan()
        self._folder = Path(tempfile.mkdtemp(prefix="discord-"))
        world = World(self._folder, keeps_files=keeps_files, clock=clock)
        gateway = Gateway(world, token)
        messages = Messages(world, gateway)
        interactions = Interactions(world)
        super().__init__(world, gateway, messages, interactions)
        self._rest = Rest(world, messages, gateway)
        self._hooks = Hooks(world, messages, interactions)
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen; after a `stop` on the same port, with everything remembered."""
        recorder = Recorder(self.world, self.faults, self.rates)
        app = web.Application(middlewares=[recorder.__call__], client_max_size=2**30)
        app.router.add_routes(self._rest.routes(API_PREFIX))
        app.router.add_routes(self._hooks.routes(API_PREFIX))
        files = "{folder}/{attachment_id}/{filename}"
        app.router.add_get(f"/attachments/{files}", self._serve_file)
        app.router.add_get(f"/ephemeral-attachments/{files}", self._serve_file)
        app.router.add_get("/gateway", self.gateway.serve)
        app.middlewares.append(self._authorize)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=_BACKLOG)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.world.base_url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Go away as in an outage: nobody listens, connections end, clients try again."""
        await self.gateway.disconnect(1001)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def close(self) -> None:
        """End for good; a bot that is still there is told not to come back."""
        self.faults.clear()
        await self.gateway.disconnect(AUTHENTICATION_FAILED, forgets=True)
        await self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def api_url(self) -> str:
        """The base of the REST API."""
        return self.world.base_url + API_PREFIX

    @property
    def gateway_url(self) -> str:
        """The gateway's WebSocket."""
        return self.gateway.url

    def settings(self) -> dict[str, str]:
        """The environment that makes the bot use this Discord and fetch its attachments."""
        return {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_URL": self.api_url,
            "DISCORD_GATEWAY_URL": self.gateway_url,
            "ALLOW_PRIVATE_HOSTS": f"127.0.0.1:{self._port}",
        }

    @web.middleware
    async def _authorize(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        free = ("/interactions/", "/webhooks/")
        path = request.path.removeprefix(API_PREFIX)
        needs = request.path.startswith(API_PREFIX) and not path.startswith(free)
        if needs and request.headers.get("Authorization") != f"Bot {self.token}":
            return answer(unauthorized().body(), 401)
        return await handler(request)

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        attachment = self.world.files.get(int(request.match_info["attachment_id"]))
        expires = int(request.query.get("ex", "0"), 16)
        gone = attachment is None or attachment.id in self.world.dead_links
        if gone or expires < self.world.now() or attachment is None or attachment.path is None:
            return web.Response(status=404, text="This content is no longer available.")
        kind = attachment.content_type or "application/octet-stream"
        return web.FileResponse(attachment.path, headers={"Content-Type": kind})

    # who and what is there

    def add_user(self, name: str, **more: Any) -> User:
        """A person; `locale`, `takes_messages` and `is_bot` as in `User`."""
        return self.world.add_user(name, **more)

    def add_guild(self, name: str, **more: Any) -> Guild:
        """A server with the bot in it; before the bot connects, or tell it with `announce`.

        `shard` is the one that hears of it, and of how many.
        """
        return self.world.add_guild(name, **more)

    def add_channel(self, guild: Guild, name: str, **more: Any) -> Channel:
        """A channel, or with `type` and `parent_id` a thread."""
        return self.world.add_channel(guild, name, **more)

    async def announce(self, guild: Guild) -> None:
        """Tell a connected bot of a guild as it is now."""
        data = payloads.guild_json(self.world, guild)
        await self.gateway.push("GUILD_CREATE", data, guild_id=guild.id, intent=GUILDS)

    async def delete_channel(self, channel: Channel) -> None:
        """Remove a channel or thread with all that is in it."""
        self.world.channels.pop(channel.id, None)
        self.world.guilds[channel.guild_id].channels.pop(channel.id, None)
        event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        data = payloads.channel_json(self.world, channel)
        await self.gateway.push(event, data, guild_id=channel.guild_id, intent=GUILDS)

    async def remove_bot(self, guild: Guild) -> None:
        """Kick the bot out of a server."""
        self.world.guilds.pop(guild.id, None)
        for channel in guild.channels.values():
            channel.bot_permissions = 0
        await self.gateway.push("GUILD_DELETE", {"id": str(guild.id)}, guild_id=guild.id)

    # what happened

    def calls(self, route: str | None = None) -> list[Call]:
        """Every call so far, or those of one route (`SEND`, `EDIT`, `CALLBACK` …)."""
        return [call for call in self.world.calls if route in {None, call.route}]

    def invalid_calls(self) -> list[Call]:
        """Calls that Discord's API description, or Discord's registration of commands, forbids."""
        return [call for call in self.world.calls if call.problems]

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """The messages that stand in a channel (or anywhere), oldest first; no ephemeral ones."""
        return list(channel.messages.values()) if channel else self.world.all_messages()

    def late_interactions(self) -> list[Interaction]:
        """Interactions that were not acknowledged within three seconds."""
        return self.interactions.late()

    def fail(self, route: str, *, times: int | None = 1, **fault: Any) -> None:
        """Let the next calls of a route fail; the fields of `Fault` say how."""
        self.faults.add(route, Fault(**fault), times=times)

    async def wait_for(self, holds: Callable[[], bool], timeout_s: float = 40.0) -> None:
        """Return as soon as something is so; TimeoutError otherwise."""
        await self.world.wait_for(holds, timeout_s)

    async def wait_ready(self, sessions: int = 1, timeout_s: float = 20.0) -> None:
        """Return once so many bots are connected to the gateway."""
        await self.wait_for(lambda: len(self.gateway.ready()) >= sessions, timeout_s)

    async def wait_ready_unless(self, bot: asyncio.Task[None]) -> None:
        """Return once the bot is connected; one that ends before raises what it ended with."""
        waiting = asyncio.create_task(self.wait_ready())
        await asyncio.wait({waiting, bot}, return_when=asyncio.FIRST_COMPLETED)
        if bot.done():
            waiting.cancel()
            await bot
        await waiting

    async def wait_message(
        self, holds: Callable[[Message], bool], timeout_s: float = 40.0
    ) -> Message:
        """The oldest message that stands somewhere and for which `holds`; waits for it."""
        found: list[Message] = []

        def look() -> bool:
            found[:] = [message for message in self.messages() if holds(message)]
            return bool(found)

        await self.wait_for(look, timeout_s)
        return found[0]

    async def quiet(self, for_s: float = 0.2, timeout_s: float = 30.0) -> None:
        """Return when no call has come in for a while; TimeoutError if that does not happen."""
        async with asyncio.timeout(timeout_s):
            count = -1
            while count != len(self.world.calls):
                count = len(self.world.calls)
                await asyncio.sleep(for_s)
