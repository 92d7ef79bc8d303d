"""Looks for secrets where none may be: logs, database rows, metrics."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

from storage.engine.transaction import Database, Row
from tests.crash.stage import KEY, Stage

TABLES = (
    "requests",
    "inputs",
    "outbox",
    "ledger",
    "accounts",
    "servers",
    "events",
    "key_values",
    "workers",
)
ADDRESSES = frozenset({"requests.spec", "requests.result_url", "inputs.url", "inputs.provider_url"})
"""Columns whose business are addresses: without its query none of them can be fetched again."""


def secrets_of(stage: Stage) -> dict[str, str]:
    """What nobody may read, each with what it is."""
    found = {stage.discord.token: "the bot's token", KEY: "the provider's key"}
    found |= {asked.token: "an interaction's token" for asked in stage.asked}
    return found


def signatures_of(stage: Stage) -> dict[str, str]:
    """The signatures of every link that was handed out."""
    found: dict[str, str] = {}
    for task in stage.provider.tasks.values():
        found |= dict.fromkeys(task.links, "a result's signature")
    for upload in stage.provider.uploads:
        found |= dict.fromkeys(_signed(upload.url), "an upload's signature")
    for file in stage.discord.world.files.values():
        found |= dict.fromkeys(_signed(file.url), "an attachment's signature")
    return found


def _signed(url: str) -> Iterator[str]:
    for _, value in parse_qsl(urlsplit(url).query):
        if len(value) >= 32:
            yield value


def leaks_in(where: str, text: str, secrets: dict[str, str]) -> list[str]:
    """Which secrets stand in a text."""
    words = set(re.findall(r"[A-Za-z0-9._\-]{16,}", text))
    found = {what for secret, what in secrets.items() if secret in words}
    # a secret with signs that the words above end at, or glued to others
    found |= {what for secret, what in secrets.items() if len(secret) < 64 and secret in text}
    return [f"{what} stands in {where}" for what in sorted(found)]


async def leaks_in_rows(database: Database, stage: Stage) -> list[str]:
    """Secrets in any column of any table; signatures in any but those of addresses."""
    secrets, signatures = secrets_of(stage), signatures_of(stage)
    found: list[str] = []
    async with database.reading() as tx:
        for table in TABLES:
            rows = await tx.fetch_all(f"SELECT * FROM {table}")
            for column, text in _columns(table, rows):
                wanted = secrets if column in ADDRESSES else secrets | signatures
                found += leaks_in(column, text, wanted)
    return found


def _columns(table: str, rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    texts: dict[str, list[str]] = {}
    for row in rows:
        for name, value in row.items():
            texts.setdefault(f"{table}.{name}", []).append(str(value))
    for column, values in texts.items():
        yield column, "\n".join(values)
