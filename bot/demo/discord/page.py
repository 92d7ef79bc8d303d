"""The simulated Discord's web page, with live updates.

SimCord's Preview shows one channel at an address of its own. Here every room of the world has one,
and all of them answer at the first one's address: a request is told apart by the secret it brings,
which is the same for all but for the room's name at its end.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Final

from aiohttp import web
from simcord import Env, Preview, SetupError
from simcord.preview._actions import ACTION_SPECS
from simcord.preview._server import PreviewServer

from bot.demo.discord.guilds import Room, World
from bot.demo.discord.markdown import read_like_discord
from bot.demo.discord.page_script import additions, changing
from bot.demo.discord.personas import PERSONAS
from bot.demo.discord.playback import Playback

SHOWN_EVENTS: Final = frozenset(
    {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"}
)
DEBOUNCE_S: Final = 0.1
"""Changes that come close together are shown together."""

HANDLERS: Final = (
    "_pages",
    "_delete_page",
    "_state",
    "_commands",
    "_action_result",
    "_action",
    "_asset",
)
ROOM_HEADER: Final = "X-Simcord-Capability"


class LivePages:
    """Publishes what has changed in a channel to every open page of it.

    SimCord's page asks for its state twice a second, but gets a new one only when somebody in the
    program publishes it. One lock keeps that and what visitors do from getting in each other's
    way: SimCord refuses whichever comes second.
    """

    def __init__(self, env: Env, previews: Sequence[Preview]) -> None:
        self._env = env
        self._by_channel = {str(preview.channel.id): preview for preview in previews}
        self._stale: set[str] = set()
        self._changed = asyncio.Event()
        self._busy = asyncio.Lock()

    async def keep_fresh(self) -> None:
        """Publish after each change; runs until cancelled."""
        for preview in self._by_channel.values():
            # the one way in for all that visitors do
            act = preview._action  # noqa: SLF001
            preview._action = partial(self._in_turn, preview, act)  # type: ignore[method-assign]  # noqa: SLF001
        self._env.backend.subscribers.append(self._note)
        try:
            while True:
                await self._changed.wait()
                await asyncio.sleep(DEBOUNCE_S)
                self._changed.clear()
                stale, self._stale = self._stale, set()
                for channel_id in stale:
                    await self._publish(channel_id)
        finally:
            self._env.backend.subscribers.remove(self._note)

    def _note(self, event: str, payload: Mapping[str, Any]) -> None:
        channel_id = str(payload.get("channel_id"))
        if event in SHOWN_EVENTS and channel_id in self._by_channel:
            self._stale.add(channel_id)
            self._changed.set()

    async def _publish(self, channel_id: str) -> None:
        async with self._turn(self._by_channel[channel_id]) as preview:
            try:
                await preview.refresh()
            except (SetupError, TimeoutError):
                # something else is under way in the world, or the bot is still busy: soon again
                self._stale.add(channel_id)
                self._changed.set()

    async def _in_turn(
        self, preview: Preview, act: Any, context_id: str | None, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One visitor's action at a time; as on Discord, a page that moved on meanwhile is fine."""
        async with self._turn(preview):
            if isinstance(body, dict):
                body = body | _present_revision(preview, context_id, body)
            done: dict[str, Any] = await act(context_id, body)
            return done

    @asynccontextmanager
    async def _turn(self, preview: Preview) -> AsyncIterator[Preview]:
        async with self._busy:
            # SimCord knows of one at a time: the one in which something happens
            self._env._preview = preview  # noqa: SLF001
            yield preview


def _present_revision(
    preview: Preview, context_id: str | None, body: Mapping[str, Any]
) -> dict[str, int]:
    spec = ACTION_SPECS.get(str(body.get("kind")))
    if spec is None or not spec.revision_bound:
        return {}
    page = preview._get_page(context_id)  # noqa: SLF001
    seen = body.get("published_revision")
    return {"published_revision": page.revision} if isinstance(seen, int) else {}


class SecondaryServer(PreviewServer):
    """A further room's server: it has no port of its own, but answers at the first one's."""

    def __init__(self, preview: Preview, front: PreviewServer) -> None:
        super().__init__(preview)
        self._front = front

    async def start(self) -> None:
        """Nothing is bound."""
        self.port = self._front.port

    async def close(self) -> None:
        """Nothing is to be let go."""
        self.port = None


class ServedPage:
    """Every room's page; `url` is the secret way in."""

    def __init__(self, previews: Sequence[Preview]) -> None:
        self._previews = previews

    @property
    def url(self) -> str:
        """Leads to the first room."""
        return self._previews[0].url

    async def wait_closed(self) -> None:
        """Return once a visitor has ended the session in any of the rooms."""
        waiting = [asyncio.create_task(each.wait_closed()) for each in self._previews]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()


@asynccontextmanager
async def live_page(env: Env, world: World, port: int) -> AsyncIterator[ServedPage]:
    """Serve every room to browsers on this machine.

    Raises: simcord.SetupError when the port is taken.
    """
    rooms = world.rooms
    secret = secrets.token_urlsafe(32)
    locales = {str(actor.id): who.locale for who, actor in world.people.items()}
    previews: dict[str, Preview] = {}
    async with AsyncExitStack() as stack:
        stack.enter_context(read_like_discord())
        for room in rooms:
            env._preview = None  # noqa: SLF001 - or SimCord would open no second one
            opening = env.preview(room.channel, viewers=room.people, layout="channel", port=port)
            opening.capability = f"{secret}.{room.slug}"
            _set_locales(opening, locales)
            _open_at_newest(opening)
            if previews:
                first = next(iter(previews.values()))
                opening._server = SecondaryServer(opening, first._server)  # noqa: SLF001
            else:
                _share(opening._server, previews, additions(_about(world, rooms)))  # noqa: SLF001
            opening._media_worker = Playback()  # noqa: SLF001 - the seam that SimCord leaves
            previews[opening.capability] = await stack.enter_async_context(opening)
        live = LivePages(env, list(previews.values()))
        fresh = asyncio.create_task(live.keep_fresh(), name="live page")
        try:
            yield ServedPage(list(previews.values()))
        finally:
            fresh.cancel()
            await asyncio.gather(fresh, return_exceptions=True)


def _about(world: World, rooms: Sequence[Room]) -> dict[str, Any]:
    """What the page's bar shows. Nothing of it is secret."""
    return {
        "rooms": [
            {
                "slug": room.slug,
                "server": room.server,
                "label": room.label,
                "people": [str(person.id) for person in room.people],
            }
            for room in rooms
        ],
        "people": [
            {"id": str(world.people[who].id), "name": who.shown, "hint": who.hint}
            for who in PERSONAS
        ],
    }


def _share(front: Any, previews: Mapping[str, Preview], added: Mapping[str, str]) -> None:
    """Let a server answer for every room, each by its own rules."""

    def shared(name: str) -> Any:
        async def answer(request: web.Request) -> Any:
            meant = previews.get(request.headers.get(ROOM_HEADER, ""))
            server = front if meant is None else meant._server  # noqa: SLF001
            return await getattr(PreviewServer, name)(server, request)

        return answer

    for name in HANDLERS:
        setattr(front, name, shared(name))
    front._static = changing(front._static, added)  # noqa: SLF001


def _set_locales(preview: Any, locales: Mapping[str, str]) -> None:
    """Let times of day and lengths of time be in the language of whoever looks."""
    payload_of = preview._page_payload  # noqa: SLF001

    def in_language(page: Any) -> dict[str, Any]:
        payload: dict[str, Any] = payload_of(page)
        locale = locales.get(str(payload.get("viewerId")))
        if locale and isinstance(payload.get("profile"), dict):
            payload["profile"]["locale"] = locale
        return payload

    preview._page_payload = in_language  # noqa: SLF001


def _open_at_newest(preview: Any) -> None:
    """Let a page begin at the newest message, not at the bot's newest when the demo began."""
    open_page, channel = preview._open_page, preview.channel  # noqa: SLF001

    def newest(viewer: Any, channel_id: int) -> int | None:
        del channel_id
        return max((seen.id for seen in channel.history(viewer=viewer)), default=None)

    def open_there(viewer_id: Any = None, target_id: Any = None) -> Any:
        viewer = preview.viewers[0]
        if viewer_id is not None:
            viewer = preview._viewer(viewer_id)  # noqa: SLF001
        return open_page(viewer_id, target_id or newest(viewer, channel.id))

    preview._initial_target = newest  # noqa: SLF001
    preview._open_page = open_there  # noqa: SLF001
