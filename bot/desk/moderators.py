"""Who may decide: asked anew on every command and every press, whatever Discord had shown."""

from bot.desk.errors import NotAllowed
from bot.desk.ids import is_id
from bot.desk.permissions import is_moderator
from bot.desk.servers import ServerSettings, read_settings
from bot.desk.views import Caller
from storage import requests
from storage.database import Transaction
from storage.records import Request


async def require_moderator(tx: Transaction, caller: Caller) -> ServerSettings:
    """The server's settings, for a moderator. Raises: NotAllowed for everybody else."""
    settings = await read_settings(tx, caller.guild_id)
    if not is_moderator(caller, settings.moderator_role):
        raise NotAllowed("refused-moderators-only")
    return settings


async def find_here(tx: Transaction, caller: Caller, request_id: str) -> Request | None:
    """A request of the caller's server, or None: forged and foreign ids look alike."""
    request = await requests.get(tx, request_id) if is_id(request_id) else None
    return request if request is not None and request.guild_id == caller.guild_id else None
