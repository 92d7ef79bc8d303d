"""Panels: messages that offer a template, and which of them show an older version of it."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel beside its outbox message, which says where it stands.

    `example_id` is the request whose video it carries, empty for none. `due_at_ms` is when a worker
    should make it show its template as it is; claiming it moves that ahead.
    """

    outbox_id: str
    template_id: str
    guild_id: int
    example_id: str = ""
    attempt: int = 0
    """Failures in a row."""
    due_at_ms: int = NEVER_DUE


_ADD: Final = """
INSERT INTO template_panels (outbox_id, template_id, guild_id, example_id, attempt, due_at_ms)
VALUES (:outbox_id, :template_id, :guild_id, :example_id, :attempt, :due_at_ms)
ON CONFLICT (outbox_id) DO NOTHING"""
_GET: Final = "SELECT * FROM template_panels WHERE outbox_id = :outbox_id"
_HAS: Final = "SELECT 1 FROM template_panels WHERE template_id = :template_id LIMIT 1"
_CHANGED: Final = """
UPDATE template_panels SET due_at_ms = :now_ms, attempt = 0 WHERE template_id = :template_id"""
_CLAIM: Final = """
UPDATE template_panels SET due_at_ms = :until_ms
WHERE outbox_id IN (
  SELECT outbox_id FROM template_panels
  WHERE due_at_ms <= :now_ms AND due_at_ms < 4611686018427387904
  ORDER BY due_at_ms LIMIT :limit {skip_locked})
RETURNING *"""
_DUE: Final = """
SELECT 1 FROM template_panels
WHERE due_at_ms <= :now_ms AND due_at_ms < 4611686018427387904 LIMIT 1"""
_SHOWN: Final = """
UPDATE template_panels SET example_id = :example_id, attempt = 0, due_at_ms = :never_due
WHERE outbox_id = :outbox_id AND due_at_ms = :due_at_ms"""
_NOTE_EXAMPLE: Final = """
UPDATE template_panels SET example_id = :example_id WHERE outbox_id = :outbox_id"""
_LATER: Final = """
UPDATE template_panels SET attempt = attempt + 1, due_at_ms = :again_at_ms
WHERE outbox_id = :outbox_id AND due_at_ms = :due_at_ms"""
_GONE: Final = "DELETE FROM template_panels WHERE outbox_id = :outbox_id"


async def add(tx: Transaction, panel: Panel) -> None:
    """Record a panel beside its message."""
    await tx.execute(_ADD, encode(panel))


async def get(tx: Transaction, outbox_id: str) -> Panel | None:
    """The panel of a message, or None."""
    row = await tx.fetch_one(_GET, {"outbox_id": outbox_id})
    return None if row is None else decode(Panel, row)


async def has_any(tx: Transaction, template_id: str) -> bool:
    """Whether a panel of the template stands or is to be posted."""
    return await tx.fetch_one(_HAS, {"template_id": template_id}) is not None


async def template_changed(tx: Transaction, template_id: str, now_ms: int) -> None:
    """Let every panel of a template be brought up to date."""
    await tx.execute(_CHANGED, {"template_id": template_id, "now_ms": now_ms})


async def is_any_due(tx: Transaction, now_ms: int) -> bool:
    """Whether any panel is to be changed."""
    return await tx.fetch_one(_DUE, {"now_ms": now_ms}) is not None


async def claim(tx: Transaction, *, now_ms: int, until_ms: int, limit: int) -> list[Panel]:
    """Take panels that are to be changed; each is due again at `until_ms` unless it is done."""
    page = {"now_ms": now_ms, "until_ms": until_ms, "limit": limit}
    return [decode(Panel, row) for row in await tx.fetch_all(_CLAIM, page)]


async def shown(tx: Transaction, panel: Panel, example_id: str) -> None:
    """Record that a claimed panel is up to date, unless its template changed meanwhile."""
    done = {"outbox_id": panel.outbox_id, "due_at_ms": panel.due_at_ms}
    await tx.execute(_SHOWN, done | {"example_id": example_id, "never_due": NEVER_DUE})
    await note_example(tx, panel.outbox_id, example_id)


async def note_example(tx: Transaction, outbox_id: str, example_id: str) -> None:
    """Record which video the message carries."""
    await tx.execute(_NOTE_EXAMPLE, {"outbox_id": outbox_id, "example_id": example_id})


async def later(tx: Transaction, panel: Panel, again_at_ms: int) -> None:
    """Try a claimed panel again later, unless its template changed meanwhile."""
    when = {"outbox_id": panel.outbox_id, "due_at_ms": panel.due_at_ms}
    await tx.execute(_LATER, when | {"again_at_ms": again_at_ms})


async def gone(tx: Transaction, outbox_id: str) -> None:
    """Forget a panel whose message is gone."""
    await tx.execute(_GONE, {"outbox_id": outbox_id})
