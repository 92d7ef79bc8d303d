"""Authorizes moderators and finds requests of their server, on every command and every press."""

from bot.errors import NotAllowed
from bot.services.caller import Caller
from bot.services.permissions import is_moderator
from bot.services.request_ids import is_id
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.transaction import Transaction
from storage.records import Request
from storage.requests import requests


async def require_moderator(tx: Transaction, caller: Caller) -> ServerSettings:
    """The server's settings, for a moderator. Raises: NotAllowed for everybody else."""
    settings = await read_settings(tx, caller.guild_id)
    check_moderator(settings, caller)
    return settings


def check_moderator(settings: ServerSettings, caller: Caller) -> None:
    """Raises: NotAllowed for everybody who is no moderator by these settings."""
    if not is_moderator(caller, settings.moderator_role):
        raise NotAllowed("refused-moderators-only")


async def find_here(tx: Transaction, caller: Caller, request_id: str) -> Request | None:
    """A request of the caller's server, or None: forged and foreign ids, and shots, look alike."""
    request = await requests.get(tx, request_id) if is_id(request_id) else None
    if request is None or request.guild_id != caller.guild_id or request.series_of:
        return None
    return request
