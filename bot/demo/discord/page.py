"""The simulated Discord's web page, with live updates.

SimCord's Preview serves one channel on one port. Here every channel has a preview, and all of them
share the first one's port: requests are routed by their secret, which ends in the channel's slug.
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
"""Changes within this time are published together."""

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
    """Publishes changes in a channel to all its open pages.

    SimCord's page polls twice a second, but sees a new state only after a publish. A lock
    serialises publishing and visitors' actions, as SimCord refuses concurrent ones.
    """

    def __init__(self, env: Env, previews: Sequence[Preview]) -> None:
        self._env = env
        self._by_channel = {str(preview.channel.id): preview for preview in previews}
        self._stale: set[str] = set()
        self._changed = asyncio.Event()
        self._busy = asyncio.Lock()

    async def keep_fresh(self) -> None:
        """Publish after each change, until cancelled."""
        for preview in self._by_channel.values():
            # all visitors' actions go through this method
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
                # another action is running or the bot is busy: retry soon
                self._stale.add(channel_id)
                self._changed.set()

    async def _in_turn(
        self, preview: Preview, act: Any, context_id: str | None, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Run one action at a time; as on Discord, a page that has changed since is fine."""
        async with self._turn(preview):
            if isinstance(body, dict):
                body = body | _present_revision(preview, context_id, body)
            done: dict[str, Any] = await act(context_id, body)
            return done

    @asynccontextmanager
    async def _turn(self, preview: Preview) -> AsyncIterator[Preview]:
        async with self._busy:
            # SimCord supports one preview: select the active one
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
    """Server of a further channel: it shares the first server's port."""

    def __init__(self, preview: Preview, front: PreviewServer) -> None:
        super().__init__(preview)
        self._front = front

    async def start(self) -> None:
        """Bind nothing; reuse the first server's port."""
        self.port = self._front.port

    async def close(self) -> None:
        """Release nothing."""
        self.port = None


class ServedPage:
    """The served page; `url` contains the access secret."""

    def __init__(self, previews: Sequence[Preview]) -> None:
        self._previews = previews

    @property
    def url(self) -> str:
        """URL of the first channel."""
        return self._previews[0].url

    async def wait_closed(self) -> None:
        """Wait until a visitor ends the session in any channel."""
        waiting = [asyncio.create_task(each.wait_closed()) for each in self._previews]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()


@asynccontextmanager
async def live_page(env: Env, world: World, port: int) -> AsyncIterator[ServedPage]:
    """Serve all channels to browsers on this machine.

    Raises: simcord.SetupError if the port is in use.
    """
    rooms = world.rooms
    secret = secrets.token_urlsafe(32)
    locales = {str(actor.id): who.locale for who, actor in world.people.items()}
    previews: dict[str, Preview] = {}
    async with AsyncExitStack() as stack:
        stack.enter_context(read_like_discord())
        for room in rooms:
            env._preview = None  # noqa: SLF001 - SimCord refuses a second preview otherwise
            opening = env.preview(room.channel, viewers=room.people, layout="channel", port=port)
            opening.capability = f"{secret}.{room.slug}"
            _set_locales(opening, locales)
            _open_at_newest(opening)
            if previews:
                first = next(iter(previews.values()))
                opening._server = SecondaryServer(opening, first._server)  # noqa: SLF001
            else:
                _share(opening._server, previews, additions(_about(world, rooms)))  # noqa: SLF001
            opening._media_worker = Playback()  # noqa: SLF001 - SimCord's extension point
            previews[opening.capability] = await stack.enter_async_context(opening)
        live = LivePages(env, list(previews.values()))
        fresh = asyncio.create_task(live.keep_fresh(), name="live page")
        try:
            yield ServedPage(list(previews.values()))
        finally:
            fresh.cancel()
            await asyncio.gather(fresh, return_exceptions=True)


def _about(world: World, rooms: Sequence[Room]) -> dict[str, Any]:
    """Data of the page's toolbar; nothing secret."""
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
    """Route requests on one server to each channel's own handlers."""

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
    """Render times and durations in the viewer's locale."""
    payload_of = preview._page_payload  # noqa: SLF001

    def in_language(page: Any) -> dict[str, Any]:
        payload: dict[str, Any] = payload_of(page)
        locale = locales.get(str(payload.get("viewerId")))
        if locale and isinstance(payload.get("profile"), dict):
            payload["profile"]["locale"] = locale
        return payload

    preview._page_payload = in_language  # noqa: SLF001


def _open_at_newest(preview: Any) -> None:
    """Open a page at the newest message, not at the bot's newest at start-up."""
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
