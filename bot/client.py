"""The discord.py bot: intents, cogs, log-in and gateway connection."""

import asyncio
import importlib
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.connection import RoutedConnector
from bot.discord_rest import pacing
from bot.discord_rest.persistence import TRANSIENT, persist
from bot.gateway import ShardedBot, refusal
from bot.metrics import Metrics
from bot.proxy import NO_PROXY, Proxies
from bot.services.operations.identify_pace import IdentifyPace
from bot.shards import Shards
from bot.ui.command_sync import CommandMemory, Registration
from bot.ui.command_tree import Tree
from bot.ui.dispatch import COMPONENTS, dispatch
from bot.ui.interactions import without_lone_surrogates
from bot.ui.services import Services
from storage.errors import BotError

__all__ = ["CommandMemory", "DiscordRefused", "Services", "VideoBot", "point_discord_at"]

logger = logging.getLogger(__name__)

COGS: Final = (
    "cogs.video",
    "cogs.cast",
    "cogs.quota",
    "cogs.moderation",
    "cogs.context_menus",
    "cogs.admin",
    "cogs.owner",
    "cogs.onboarding",
)

FINISH_S: Final = 2.5
"""Answers in progress may take so long at a stop; what isn't answered in three seconds is lost."""

OwnersHeard = Callable[[Sequence[int]], Awaitable[None]]


class DiscordRefused(BotError):
    """Discord refuses the token or the connection permanently; only the operator can fix that."""


def point_discord_at(api_url: str = "", gateway_url: str = "") -> None:
    """Use another REST base or gateway URL than Discord's; an empty one changes nothing."""
    if api_url:
        Route.BASE = api_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class VideoBot(ShardedBot):
    """Gateway connections with the `guilds` intent alone and no caches beyond it.

    `memory` keeps what was registered from start to start; without one the commands are registered
    at every start. `owners_heard` is told whom Discord names as the application's owners.
    `is_for_all`: every server it is in may spend, so a public invitation is warned of.
    `shards` are those of this process; None are all, as many as Discord recommends. The process
    with shard 0 registers the commands.
    """

    def __init__(
        self,
        services: Services,
        *,
        memory: CommandMemory | None = None,
        owner_guild_id: int | None = None,
        owners_known: OwnersHeard | None = None,
        is_for_all: bool = False,
        proxies: Proxies = NO_PROXY,
        metrics: Metrics | None = None,
        shards: Shards | None = None,
        pace: IdentifyPace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._global_limit = pacing.GlobalLimit()
        self._metrics, trace = metrics or Metrics(), pacing.trace(self._global_limit)
        self._metrics.watch_discord(trace)
        super().__init__(
            commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
            max_ratelimit_timeout=pacing.LONGEST_S,
            http_trace=trace,
            pace=pace,
            sleep=sleep,
        )
        self.services = services
        self._memory = memory
        self._is_for_all = is_for_all
        self.owner_guild_id = owner_guild_id
        self._owners_known = owners_known
        self._proxies = proxies
        self._shards = shards
        self._has_gateway = True
        self._registration: Registration | None = None
        self._guard_parsers()

    async def setup_hook(self) -> None:
        """Bring the commands up to date, once logged in."""
        # a log-in makes one of discord.py's own
        self.http._global_over = self._global_limit  # noqa: SLF001 - there is no public way
        if not self._has_gateway:
            return
        await self._add_cogs()
        if self._registration is None:
            self._registration = Registration(
                self.tree,
                self.services.texts,
                self._memory,
                owner_guild_id=self.owner_guild_id,
                sleep=self._sleep,
            )
            registers = self._shards is None or 0 in self._shards.ids
            await self._registration.begin(registers=registers)
        self._warn_if_open()
        await self._note_owners()

    async def _add_cogs(self) -> None:
        if self.cogs:
            return
        self.add_dynamic_items(*COMPONENTS)
        # `load_extension` would run each module anew for every bot, and look through all modules
        # there are as the bot is closed
        for name in COGS:
            await importlib.import_module(name).setup(self)

    def _warn_if_open(self) -> None:
        application = self.application
        if self._is_for_all and application is not None and application.bot_public:
            logger.warning(
                "Anyone can invite this bot and spend with it: name your servers in"
                " ALLOWED_GUILDS, or switch Public Bot off on the application's Bot page",
                extra={"action": "client.public"},
            )

    async def _note_owners(self) -> None:
        if self._owners_known is None:
            return
        try:
            await self._owners_known(self.application_owner_ids)
        except BotError as error:
            logger.warning(
                "The owners could not be saved",
                extra={"action": "client.owners", "error": repr(error)},
            )

    async def serve(self, token: str, stop: asyncio.Event) -> None:
        """Stay connected until `stop` is set; REST calls work until `close`.

        The log-in is retried while Discord is down. Raises: DiscordRefused.
        """
        await self._add_cogs()  # what fails in a log-in is taken for Discord's fault
        if not await self._log_in(token, stop) or not await self._choose_shards(stop):
            return
        connection = asyncio.create_task(self.connect(), name="gateway")
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if connection.done():
                await connection
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            code = getattr(error, "code", 4014)
            raise DiscordRefused(refusal(code, self._shards)) from error
        finally:
            for task in (connection, stopping):
                task.cancel()
            await asyncio.gather(connection, stopping, return_exceptions=True)
            await self.leave_gateway()
            # whoever is answered now needs the database and REST, which close after this
            await self.services.crowd.dispersed(FINISH_S)

    async def serve_rest(self, token: str, stop: asyncio.Event) -> None:
        """Stay logged in for REST calls alone until `stop` is set. Raises: DiscordRefused."""
        self._has_gateway = False
        if await self._log_in(token, stop):
            await stop.wait()

    async def _log_in(self, token: str, stop: asyncio.Event) -> bool:
        """Log in, retrying while Discord is unavailable; False if told to stop meanwhile."""

        async def log_in() -> None:
            self._route()
            try:
                await self.login(token)
            except discord.LoginFailure as error:
                raise DiscordRefused("Discord refuses the token: check DISCORD_TOKEN") from error
            except TRANSIENT:
                await self._forget_session()
                raise

        return await persist(log_in, stop, self._sleep)

    async def _choose_shards(self, stop: asyncio.Event) -> bool:
        """Take as many shards as Discord recommends, or those of the setting.

        Retries while Discord is unavailable; False if told to stop meanwhile.
        """

        async def choose() -> None:
            recommended, _, limit = await self.http.get_bot_gateway()
            shards = self._shards or Shards(0, recommended - 1, recommended)
            self.use_shards(shards, limit["max_concurrency"])
            if shards.total < recommended:
                logger.warning(
                    "Discord recommends more shards than SHARDS has in all",
                    extra={
                        "action": "gateway.shards",
                        "recommended": recommended,
                        "total": shards.total,
                    },
                )

        return await persist(choose, stop, self._sleep)

    def _route(self) -> None:
        """Use the proxy settings for REST, gateway and CDN, in place of discord.py's connector."""
        if self.http.connector is discord.utils.MISSING:
            self.http.connector = RoutedConnector(self._proxies.of, limit=0)

    async def close(self) -> None:
        """End what still registers, and the connections."""
        if self._registration is not None:
            await self._registration.end()
        await super().close()

    async def _forget_session(self) -> None:
        # a failed log-in leaves its session open and the next one opens another
        await self.http.close()
        self.http.connector = discord.utils.MISSING

    @property
    def application_owner_ids(self) -> tuple[int, ...]:
        """The application's owners according to Discord; empty before the log-in.

        Of a team: its owner, and its members who have accepted and may do more than read.
        """
        application = self.application
        if application is None:
            return ()
        team = application.team
        if team is None:
            return (application.owner.id,)
        members = [
            member.id
            for member in team.members
            if member.membership_state is discord.TeamMembershipState.accepted
            and member.role is not discord.TeamMemberRole.read_only
        ]
        owner_ids = [team.owner_id] if team.owner_id is not None else []
        return tuple(dict.fromkeys((*owner_ids, *members)))

    async def on_interaction(self, interaction: discord.Interaction["VideoBot"]) -> None:
        """Answer what discord.py gives to no live view: forms, and buttons that are gone."""
        await dispatch(interaction)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log what an event handler raised; its arguments may hold what members typed."""
        logger.error(
            "An event handler failed",
            extra={"action": "client.event", "event": event_method},
            exc_info=sys.exception(),
        )

    def _guard_parsers(self) -> None:
        """Drop an event that discord.py can't parse, instead of the connection."""
        parsers = self._connection.parsers
        for event, parse in tuple(parsers.items()):
            parsers[event] = self._guarded(event, parse)

    def _guarded(self, event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
        def guarded(payload: Any) -> None:
            try:
                if event == "READY":
                    self.forget_left_guilds(payload)
                if event == "INTERACTION_CREATE":
                    self._metrics.interaction(str(payload.get("id")))
                    # the only event with text that members typed
                    payload = without_lone_surrogates(payload)
                parse(payload)
            except Exception:
                logger.exception(
                    "An event could not be parsed",
                    extra={"action": "gateway.parse", "event": event},
                )

        return guarded
