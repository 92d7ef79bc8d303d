"""Circuit breaker for the provider; its state is in the database, shared by all processes."""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from storage.engine.transaction import Transaction
from storage.operations import key_values

FACT: Final = "provider-health"
PAUSED: Final = "paused"
THROTTLE: Final = "provider-throttle"

TOLERATED: Final = 3
"""Consecutive failures that open it; a refused key or an empty balance opens it at once."""
PROBE_MS: Final = (15_000, 30_000, 60_000, 120_000, 300_000)


class OutageReason(StrEnum):
    """Why nothing new goes to the provider."""

    DOWN = "provider-down"
    KEY = "provider-key"
    MONEY = "provider-money"


@dataclass(frozen=True, slots=True)
class Health:
    """The circuit breaker: closed while `trouble` is empty; when open, it probes at `probe_ms`."""

    trouble: str = ""
    since_ms: int = 0
    failures: int = 0
    query_failures: int = 0
    """Failed looks at tasks with none that went well between: they, too, say it is down."""
    probes: int = 0
    probe_ms: int = 0

    @property
    def is_open(self) -> bool:
        """Whether new requests wait."""
        return bool(self.trouble)

    @property
    def is_suspect(self) -> bool:
        """Whether one request at a time may try, until one succeeds."""
        return not self.trouble and self.failures >= TOLERATED - 1


async def read_health(tx: Transaction) -> Health:
    """The circuit breaker as all processes see it."""
    text = await key_values.get(tx, FACT)
    return Health(**json.loads(text)) if text else Health()


async def _held_health(tx: Transaction) -> Health:
    """The state, locked until the transaction ends, so that of two failures one opens it."""
    await key_values.hold(tx, FACT)
    return await read_health(tx)


async def note_failure(
    tx: Transaction, trouble: OutageReason, now_ms: int, *, is_query: bool = False
) -> tuple[Health, bool]:
    """Count a failed call; returns the circuit breaker and whether this very failure opened it.

    A refused key or an empty balance reopens one that is open for a lesser reason: owners must
    hear of it. While it is open, queries of tasks (`is_query`) do not delay the next probe.
    """
    health = await _held_health(tx)
    counted = replace(
        health,
        failures=health.failures + (not is_query),
        query_failures=health.query_failures + is_query,
    )
    # counted apart: queries are many, and good ones would hide submissions that fail
    many = max(counted.failures, counted.query_failures) >= TOLERATED
    opens = not health.is_open and (trouble is not OutageReason.DOWN or many)
    opens |= health.trouble == OutageReason.DOWN and trouble is not OutageReason.DOWN
    if opens:
        probe_ms = now_ms + PROBE_MS[min(health.probes, len(PROBE_MS) - 1)]
        counted = replace(
            counted,
            trouble=trouble,
            since_ms=now_ms,
            probes=health.probes + 1,
            probe_ms=probe_ms,
        )
    elif health.is_open and not is_query:
        probes = health.probes + 1
        probe_ms = now_ms + PROBE_MS[min(probes, len(PROBE_MS) - 1)]
        counted = replace(counted, probes=probes, probe_ms=probe_ms)
    await key_values.set(tx, FACT, json.dumps(asdict(counted)), now_ms)
    return counted, opens


async def note_answered(tx: Transaction, now_ms: int) -> None:
    """A look at a task went well again: it is not down for that, and a probe is worth trying."""
    health = await _held_health(tx)
    better = replace(health, query_failures=0)
    if health.trouble in (OutageReason.DOWN, OutageReason.KEY):
        better = replace(better, probe_ms=min(health.probe_ms, now_ms))
    if better != health:
        await key_values.set(tx, FACT, json.dumps(asdict(better)), now_ms)


async def note_success(tx: Transaction, now_ms: int) -> bool:
    """A call went well: close the circuit breaker; True when it had been open."""
    health = await read_health(tx)
    if health != Health():
        health = await _held_health(tx)
        await key_values.set(tx, FACT, json.dumps(asdict(Health())), now_ms)
    return health.is_open


async def note_probed(tx: Transaction, now_ms: int) -> None:
    """Half-open after a successful probe: one request may try, and the next failure reopens it."""
    health = await _held_health(tx)
    suspect = Health(failures=TOLERATED - 1, probes=health.probes)
    await key_values.set(tx, FACT, json.dumps(asdict(suspect)), now_ms)


async def is_paused(tx: Transaction) -> bool:
    """Whether the owner has paused the bot: nothing new goes to the provider."""
    return bool(await key_values.get(tx, PAUSED))


async def note_throttled(tx: Transaction, *, limit: int, until_ms: int, now_ms: int) -> None:
    """The provider said 429: fewer tasks at once for a while, for all processes."""
    await key_values.set(
        tx, THROTTLE, json.dumps({"limit": max(1, limit), "until_ms": until_ms}), now_ms
    )


async def throttled_limit(tx: Transaction, now_ms: int) -> tuple[int | None, int]:
    """The lowered limit that holds now (None: none does) and until when nothing may go at all."""
    text = await key_values.get(tx, THROTTLE)
    if not text:
        return None, 0
    told = json.loads(text)
    until_ms = int(told["until_ms"])
    if now_ms < until_ms:
        return 0, until_ms
    return (int(told["limit"]), 0) if now_ms < until_ms + 60_000 else (None, 0)
