"""The bot's account, servers and permissions by REST alone; for the doctor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord

from bot.connection import RoutedConnector
from bot.discord_rest.history import asked_permissions
from bot.proxy import NO_PROXY, Proxies
from bot.services.permissions import NAMES, has
from storage.errors import BotError

MOST_SERVERS: Final = 1000


class TokenRefused(BotError):
    """Discord does not know the token."""


class DiscordUnreachable(BotError):
    """Discord could not be reached; the text says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """The application and its bot. `is_public`: anyone may invite it."""

    name: str
    is_public: bool
    needs_code_grant: bool
    sessions_left: int
    """Connections to the gateway that Discord still allows today."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel as the bot may use it; `missing` are the texts' words for permissions.

    `problem`: empty, `gone` (deleted, or not visible to the bot) or `elsewhere` (another server).
    """

    problem: str = ""
    missing: tuple[str, ...] = ()


class DiscordInspection:
    """REST queries; every method raises DiscordUnreachable."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def account(self) -> Account:
        """The bot's own account."""
        application = self._client.application
        with_gateway = self._client.http.get_bot_gateway()
        async with _asked():
            _, _, limit = await with_gateway
        return Account(
            name=str(self._client.user),
            is_public=bool(application and application.bot_public),
            needs_code_grant=bool(application and application.bot_require_code_grant),
            sessions_left=limit["remaining"],
        )

    async def server_ids(self) -> frozenset[int]:
        """The servers the bot is in."""
        async with _asked():
            guilds = [
                guild.id
                async for guild in self._client.fetch_guilds(limit=MOST_SERVERS, with_counts=False)
            ]
        return frozenset(guilds)

    async def place(self, guild_id: int, channel_id: int, needed: tuple[int, ...]) -> Place:
        """Whether the bot has the needed permission bits in a channel."""
        async with _asked():
            try:
                held = await asked_permissions(self._client, guild_id, channel_id)
            except (discord.Forbidden, discord.NotFound):
                return Place("gone")
            except discord.InvalidData:
                return Place("elsewhere")
        return Place("", tuple(NAMES[bit] for bit in needed if not has(held.value, bit)))


@asynccontextmanager
async def inspecting(token: str, proxies: Proxies = NO_PROXY) -> AsyncIterator[DiscordInspection]:
    """Log in for REST calls alone. Raises: TokenRefused, DiscordUnreachable."""
    client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30.0)
    client.http.connector = RoutedConnector(proxies.of, limit=0)
    try:
        async with _asked():
            await client.login(token)
        yield DiscordInspection(client)
    finally:
        await client.close()


@asynccontextmanager
async def _asked() -> AsyncIterator[None]:
    try:
        yield
    except discord.LoginFailure as error:
        raise TokenRefused("Discord refuses the token") from error
    except discord.HTTPException as error:
        raise DiscordUnreachable(f"HTTP {error.status}, code {error.code}") from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise DiscordUnreachable("its certificate is not trusted here") from error
    except (aiohttp.ClientError, TimeoutError, OSError, discord.DiscordException) as error:
        raise DiscordUnreachable(type(error).__name__) from error
