"""Templates: prompts that a server's managers write for its members."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Template:
    """A template; `prompt` is as it was typed, with choices and `{text}` unread.

    `picture` is `required`, `optional` or `none`. `duration` 0 and an empty `ratio` or `resolution`
    mean the model's default. `example_id` is the request whose posted video shows what comes out,
    empty for none. `version` grows with each change.
    """

    id: str
    guild_id: int
    folded: str
    """Its name as names are compared."""
    name: str
    prompt: str
    picture: str
    model: str
    by_id: int
    changed_at_ms: int
    duration: int = 0
    ratio: str = ""
    resolution: str = ""
    example_id: str = ""
    version: int = 1
    removed_at_ms: int = 0
    """When it was removed; 0 while it is offered. A removed one has no words any more."""


_PUT: Final = """
INSERT INTO templates (
  id, guild_id, folded, name, prompt, picture, model, duration, ratio, resolution, example_id,
  by_id, version, changed_at_ms, removed_at_ms)
VALUES (
  :id, :guild_id, :folded, :name, :prompt, :picture, :model, :duration, :ratio, :resolution,
  :example_id, :by_id, :version, :changed_at_ms, :removed_at_ms)
ON CONFLICT (guild_id, folded) DO UPDATE SET
  name = excluded.name, prompt = excluded.prompt, picture = excluded.picture,
  model = excluded.model, duration = excluded.duration, ratio = excluded.ratio,
  resolution = excluded.resolution, example_id = excluded.example_id, by_id = excluded.by_id,
  version = templates.version + 1, changed_at_ms = excluded.changed_at_ms, removed_at_ms = 0
RETURNING *"""
_GET: Final = "SELECT * FROM templates WHERE id = :id"
_NAMED: Final = "SELECT * FROM templates WHERE guild_id = :guild_id AND folded = :folded"
_OF_SERVER: Final = """
SELECT * FROM templates WHERE guild_id = :guild_id AND removed_at_ms = 0 ORDER BY folded"""
_REMOVE: Final = """
UPDATE templates SET prompt = '', example_id = '', version = version + 1, removed_at_ms = :now_ms
WHERE id = :id AND removed_at_ms = 0"""
_FORGET: Final = "DELETE FROM templates WHERE id = :id AND removed_at_ms > 0"
_UNWANTED: Final = """
SELECT templates.id, templates.example_id FROM templates
WHERE templates.example_id <> '' AND (
  NOT EXISTS (
    SELECT 1 FROM requests WHERE requests.id = templates.example_id AND requests.user_id > 0)
  OR EXISTS (
    SELECT 1 FROM visibility
    WHERE visibility.request_id = templates.example_id AND visibility.wanted <> 'plain'))
LIMIT :limit"""
_WITHDRAW: Final = """
UPDATE templates SET example_id = '', version = version + 1
WHERE id = :id AND example_id = :example_id"""


async def put(tx: Transaction, template: Template) -> Template:
    """Add a template, or let it take the place of the one with its name; returns the row."""
    row = await tx.fetch_one(_PUT, encode(template))
    if row is None:
        raise RuntimeError("an upsert returned no row")
    return decode(Template, row)


async def get(tx: Transaction, template_id: str) -> Template | None:
    """The template, also a removed one, or None."""
    row = await tx.fetch_one(_GET, {"id": template_id})
    return None if row is None else decode(Template, row)


async def named(tx: Transaction, guild_id: int, folded: str) -> Template | None:
    """The server's template of a name, also a removed one, or None."""
    row = await tx.fetch_one(_NAMED, {"guild_id": guild_id, "folded": folded})
    return None if row is None else decode(Template, row)


async def of_server(tx: Transaction, guild_id: int) -> list[Template]:
    """A server's templates in the order of the alphabet, without removed ones."""
    rows = await tx.fetch_all(_OF_SERVER, {"guild_id": guild_id})
    return [decode(Template, row) for row in rows]


async def remove(tx: Transaction, template_id: str, now_ms: int) -> bool:
    """Remove a template, whose row stays without its words; False when it was removed before."""
    return await tx.execute(_REMOVE, {"id": template_id, "now_ms": now_ms}) == 1


async def forget(tx: Transaction, template_id: str) -> None:
    """Delete the row of a removed template that no panel needs."""
    await tx.execute(_FORGET, {"id": template_id})


async def with_unwanted_example(tx: Transaction, *, limit: int) -> dict[str, str]:
    """Templates whose example is hidden, taken down, or of a member whose data was deleted.

    Each one's id with its example's.
    """
    rows = await tx.fetch_all(_UNWANTED, {"limit": limit})
    return {str(row["id"]): str(row["example_id"]) for row in rows}


async def withdraw_example(tx: Transaction, template_id: str, example_id: str) -> None:
    """Let a template go on without this example; one that was chosen meanwhile stays."""
    await tx.execute(_WITHDRAW, {"id": template_id, "example_id": example_id})
