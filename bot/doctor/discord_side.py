"""Discord checks: token, invitation, servers, permissions, upload limit."""

from collections.abc import AsyncIterator
from typing import Final

from bot.discord_rest.account import DiscordInspection, DiscordUnreachable, TokenRefused, inspecting
from bot.doctor.findings import Finding, failed, ok, warning
from bot.services import permissions
from bot.services.server_settings import ServerSettings
from bot.settings import Settings
from bot.ui.texts import Texts
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.servers import servers

UNBOOSTED_MB: Final = 20
"""Discord's upload limit in a server without boosts."""


async def check_discord(settings: Settings, database: Database | None) -> AsyncIterator[Finding]:
    """Check token, invitation, servers, and permissions in every configured channel."""
    try:
        token = settings.discord_token.get_secret_value()
        async with inspecting(token, settings.proxies) as discord:
            account = await discord.account()
            yield ok("token", f"logs in as {account.name}")
            if account.sessions_left < 1:
                yield failed("gateway", "no connection left today", "wait a day; stop restarts")
            if account.needs_code_grant:
                advice = "switch Requires OAuth2 Code Grant off on the application's Bot page"
                yield failed("invitation", "servers can't add the bot", advice)
            yield _check_invitation(settings, is_public=account.is_public)
            async for finding in _check_servers(settings, discord, database):
                yield finding
    except TokenRefused:
        advice = "make a new token on the application's Bot page and put it in DISCORD_TOKEN"
        yield failed("token", "Discord refuses it", advice)
    except DiscordUnreachable as error:
        advice = "check the network and DISCORD_API_URL, and Discord's own status page"
        yield failed("token", f"Discord could not be asked ({error})", advice)


def _check_invitation(settings: Settings, *, is_public: bool) -> Finding:
    if settings.allowed_guilds:
        return ok("invitation", f"{len(settings.allowed_guilds)} servers may spend")
    if not is_public:
        return ok("invitation", "only you can invite the bot")
    advice = (
        "name your servers in ALLOWED_GUILDS, or switch Public Bot off on the application's page"
    )
    return warning("invitation", "anyone can invite the bot and spend with it", advice)


async def _check_servers(
    settings: Settings, discord: DiscordInspection, database: Database | None
) -> AsyncIterator[Finding]:
    joined = await discord.server_ids()
    yield ok("servers", f"the bot is in {len(joined)}")
    for name, guild_ids in (
        ("ALLOWED_GUILDS", settings.allowed_guilds),
        ("OWNER_GUILD_ID", (settings.owner_guild_id,) if settings.owner_guild_id else ()),
    ):
        for guild_id in guild_ids:
            if guild_id not in joined:
                found = f"{name} names {guild_id}, where the bot is not"
                yield warning("servers", found, "invite it there, or correct the setting")
    if database is None:
        return
    try:
        async with database.reading() as tx:
            known = await servers.every(tx)
    except StorageError:
        return
    places = [
        (server.guild_id, *place)
        for server in known
        if server.guild_id in joined
        for place in _places(ServerSettings.model_validate(dict(server.settings)))
    ]
    if not places:
        yield ok("permissions", "no server has set a channel")
    for guild_id, role, channel_id, needed in places:
        yield await _check_place(discord, guild_id, role, channel_id, needed)


def _places(server: ServerSettings) -> list[tuple[str, int, tuple[int, ...]]]:
    """A server's configured channels: role, id and required permission bits."""
    talk = (permissions.VIEW_CHANNEL, permissions.SEND_MESSAGES)
    deliver = (*talk, permissions.ATTACH_FILES, permissions.READ_MESSAGE_HISTORY)
    found: list[tuple[str, int, tuple[int, ...]]] = [
        ("channel", channel_id, deliver) for channel_id in server.channels or ()
    ]
    if server.review_channel:
        found.append(("review channel", server.review_channel, deliver))
    if server.log_channel:
        found.append(("log channel", server.log_channel, talk))
    if server.showcase_channel:
        needed = (*talk, permissions.READ_MESSAGE_HISTORY)
        found.append(("showcase channel", server.showcase_channel, needed))
    return found


async def _check_place(
    discord: DiscordInspection, guild_id: int, role: str, channel_id: int, needed: tuple[int, ...]
) -> Finding:
    name = f"{role} {channel_id} of server {guild_id}"
    place = await discord.place(guild_id, channel_id, needed)
    if place.problem:
        found = f"{name} is gone, hidden from the bot, or another server's"
        return failed("permissions", found, "choose another one with /videoadmin settings")
    if place.missing:
        t = Texts().of("en-US")
        missing = ", ".join(t(f"permission-{word}") for word in place.missing)
        advice = "give the bot's role these permissions in that channel"
        return failed("permissions", f"{name} lacks {missing}", advice)
    return ok("permissions", f"{name}: all there")


def check_upload_limit(settings: Settings) -> Finding:
    """Check that the setting does not exceed the limit of a server without boosts."""
    limit = settings.upload_limit_mb
    if limit > UNBOOSTED_MB:
        found = f"{limit:g} MB, more than the {UNBOOSTED_MB} MB of a server without boosts"
        return warning("upload limit", found, f"set UPLOAD_LIMIT_MB to {UNBOOSTED_MB}")
    return ok("upload limit", f"{limit:g} MB; boosted servers tell theirs with each command")
