"""A server's own settings, with the contract's defaults for what its managers never set."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from storage.engine.database import Transaction
from storage.records import Server
from storage.servers import servers


class ServerSettings(BaseModel):
    """Every setting of `/videoadmin`; ids are Discord's, 0 and None mean not set.

    Unknown keys of a stored row are ignored, so that an older version can read a newer one's.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    review: Literal["off", "prompt", "result"] = "off"
    review_channel: int = 0
    log_channel: int = 0
    moderator_role: int = 0
    default_model: str = ""
    models: tuple[str, ...] | None = None
    """Models its managers allow; None: what `NEW_SERVER_MODELS` says."""
    channels: tuple[int, ...] | None = None
    """Channels in which the bot may be used; None: everywhere."""
    language: str = ""
    """Of posts and cards; empty: the server's own."""
    remix: Literal["own", "everyone"] = "own"
    server_daily: int | None = Field(default=None, ge=0)
    """A ceiling of its managers' under the owner's; None: none of their own."""
    at_once: int | None = Field(default=None, ge=1)
    cooldown: int = Field(default=0, ge=0)
    """Seconds between a member's requests."""
    confirm_above: str = ""
    """A price (decimal, in the owner's currency) from which a member must confirm; empty: never."""
    review_timeout_hours: float = Field(default=24, gt=0)
    hold_first: int = Field(default=0, ge=0)
    hold_links: bool = False
    hold_younger_days: int = Field(default=0, ge=0)
    report_threshold: int = Field(default=3, ge=1)
    retention_days: int = Field(default=30, ge=1)


async def read_settings(tx: Transaction, guild_id: int) -> ServerSettings:
    """A server's settings inside a transaction."""
    server = await servers.get(tx, guild_id)
    return ServerSettings.model_validate(dict(server.settings)) if server else ServerSettings()


async def change_settings(tx: Transaction, guild_id: int, **changes: Any) -> ServerSettings:
    """Change some settings and keep the rest; a value of None forgets one.

    Raises: pydantic.ValidationError for a value that its setting does not take.
    """
    await servers.lock(tx, guild_id)
    server = await servers.require(tx, guild_id)
    kept = dict(server.settings)
    for name, value in changes.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
    new = ServerSettings.model_validate(kept)
    stored = new.model_dump(mode="json", include=set(kept))
    await servers.put(tx, Server(guild_id, stored, server.joined_at_ms))
    return new
