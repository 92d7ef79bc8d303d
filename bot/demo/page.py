"""The browser's page of the simulated Discord, kept up to date without being asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from simcord import Env, Preview, SetupError
from simcord.preview._actions import ACTION_SPECS

from bot.demo.page_script import changing
from bot.demo.playback import Playback
from bot.demo.world import World

SHOWN_EVENTS: Final = frozenset(
    {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"}
)
GATHERING_S: Final = 0.1
"""Changes that come close together are shown together."""


class LivePage:
    """Publishes what has changed in the channel to every open page.

    SimCord's page asks for its state twice a second, but gets a new one only when somebody in the
    program publishes it. One lock keeps that and what visitors do from getting in each other's
    way: SimCord refuses whichever comes second.
    """

    def __init__(self, env: Env, preview: Preview) -> None:
        self._env = env
        self._preview = preview
        self._changed = asyncio.Event()
        self._busy = asyncio.Lock()
        self._act = preview._action  # noqa: SLF001 - the one way in for all that visitors do

    async def keep_fresh(self) -> None:
        """Publish after each change; runs until cancelled."""
        self._preview._action = self._in_turn  # type: ignore[method-assign]  # noqa: SLF001
        self._env.backend.subscribers.append(self._note)
        try:
            while True:
                await self._changed.wait()
                await asyncio.sleep(GATHERING_S)
                self._changed.clear()
                await self._publish()
        finally:
            self._env.backend.subscribers.remove(self._note)

    def _note(self, event: str, _: Mapping[str, Any]) -> None:
        if event in SHOWN_EVENTS:
            self._changed.set()

    async def _publish(self) -> None:
        async with self._busy:
            try:
                await self._preview.refresh()
            except (SetupError, TimeoutError):
                # something else is under way in the world, or the bot is still busy: soon again
                self._changed.set()

    async def _in_turn(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        """One visitor's action at a time; as on Discord, a page that moved on meanwhile is fine."""
        async with self._busy:
            if isinstance(body, dict):
                body = body | self._present_revision(context_id, body)
            return await self._act(context_id, body)

    def _present_revision(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, int]:
        spec = ACTION_SPECS.get(str(body.get("kind")))
        if spec is None or not spec.revision_bound:
            return {}
        page = self._preview._get_page(context_id)  # noqa: SLF001
        seen = body.get("published_revision")
        return {"published_revision": page.revision} if isinstance(seen, int) else {}


@asynccontextmanager
async def live_page(env: Env, world: World, port: int) -> AsyncIterator[Preview]:
    """Serve the channel to browsers on this machine; `preview.url` is the secret way in.

    Raises: simcord.SetupError when the port is taken.
    """
    opening = env.preview(world.channel, viewers=world.people, layout="channel", port=port)
    opening._media_worker = Playback()  # noqa: SLF001 - the seam that SimCord leaves
    server: Any = opening._server  # noqa: SLF001
    server._static = changing(server._static)  # noqa: SLF001
    async with opening as preview:
        fresh = asyncio.create_task(LivePage(env, preview).keep_fresh(), name="live page")
        try:
            yield preview
        finally:
            fresh.cancel()
            await asyncio.gather(fresh, return_exceptions=True)
