"""A server's settings, with defaults for those its managers never set."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from storage.engine.transaction import Transaction
from storage.servers import servers
from storage.servers.servers import Server


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
    hold_after_rejections: int = Field(default=3, ge=0)
    """A member with so many rejected requests in 7 days is held by itself; 0: nobody is."""
    hold_flagged: bool = True
    """What `SAFETY_CHECK` flags goes to a moderator first."""
    safety_threshold: int = Field(default=60, ge=0, le=100)
    """A score of so many hundredths is flagged."""
    report_threshold: int = Field(default=3, ge=1)
    retention_days: int = Field(default=30, ge=1)
    showcase_channel: int = 0
    """Where the videos with enough votes are forwarded; 0: videos take no votes."""
    showcase_votes: int = Field(default=5, ge=1)
    showcase_monthly: bool = False
    """Whether the five best-voted videos of a month are posted there on the first of the next."""


async def read_settings(tx: Transaction, guild_id: int) -> ServerSettings:
    """Read a server's settings: once a transaction, whose owner hands them on."""
    return settings_of(await servers.require(tx, guild_id))


def settings_of(server: Server) -> ServerSettings:
    """The settings in a server's row."""
    return ServerSettings.model_validate(dict(server.settings))


async def lock_settings(tx: Transaction, guild_id: int) -> ServerSettings:
    """Lock a server's row and read its settings, which stay true until the transaction ends."""
    await servers.lock(tx, guild_id)
    return await read_settings(tx, guild_id)


async def write_settings(
    tx: Transaction, guild_id: int, old: ServerSettings, **changes: Any
) -> ServerSettings:
    """Change some of the settings that `lock_settings` read; a value of None unsets one.

    Raises: pydantic.ValidationError for a value that its setting does not take.
    """
    chosen = old.model_dump(exclude_unset=True) | changes
    new = ServerSettings.model_validate(
        {name: value for name, value in chosen.items() if value is not None}
    )
    stored = new.model_dump(mode="json", exclude_unset=True)
    await servers.put(tx, Server(guild_id, stored))
    return new


async def change_settings(tx: Transaction, guild_id: int, **changes: Any) -> ServerSettings:
    """Lock, read and write some settings; see `write_settings`."""
    return await write_settings(tx, guild_id, await lock_settings(tx, guild_id), **changes)
