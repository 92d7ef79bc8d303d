"""The commands that a bot of this process registered, known to the next one as after a restart.

Translating and judging them anew takes longer than the rest of a start. Whether and when they are
registered is what tests/cogs/test_client.py is about, which begins without them.
"""

import json

from storage.engine.transaction import Database
from storage.operations import key_values
from tests.support.discord.world import World

_MEMORY = "commands"
_known: dict[str, str] = {}
"""Discord's commands as JSON, and the digest they were registered with."""


async def recall(world: World, database: Database, now_ms: int) -> None:
    """Let a new Discord and a new database know the commands; others stay as they are."""
    if not _known or world.commands[0]:
        return
    world.commands[0] = json.loads(_known["commands"])
    async with database.transaction() as tx:
        await key_values.set(tx, _MEMORY, json.dumps({"global": _known["digest"]}), now_ms)


async def remember(world: World, database: Database) -> None:
    """Remember what a bot has registered, the first time."""
    if _known:
        return
    async with database.reading() as tx:
        text = await key_values.get(tx, _MEMORY)
    if text is not None and world.commands[0]:
        _known["digest"] = json.loads(text)["global"]
        _known["commands"] = json.dumps(world.commands[0])
