"""Gauges of what the database knows, the same in every process of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from bot.services.operations.backups import last_backup_ms
from bot.services.operations.circuit_breaker import Health, is_paused, read_health
from bot.services.quotas.limits import MICROS
from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.operations import health as waiting
from storage.operations import key_usage, restored, status, workers
from storage.quotas import bill, cost_checks, ledger_sums
from storage.quotas.ledger_records import Account, Usage
from storage.records import State
from storage.requests import fair_queue, outbox, requests

HEARTBEAT_MS: Final = 30_000
TROUBLES: Final = ("provider-down", "provider-key", "provider-money")
"""Why the provider can't be used."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one scrape reads; times are UTC milliseconds."""

    by_state: Mapping[State, int]
    slots: int
    pending: int
    health: Health
    is_paused: bool
    workers: int
    failures: Mapping[str, int]
    """Requests that failed in the last 24 hours, by cause."""
    parked: int
    queued_since_ms: int | None
    message_since_ms: int | None
    spent: Usage
    """Reserved and settled cost of the last 24 hours."""
    key_used_micros: int
    """What the provider says the key has used in the last 24 hours; 0 where it says nothing."""
    billed_micros: int
    """What the provider said in these hours that tasks cost, refunds taken off."""
    costs_open: int
    """Ended tasks whose cost may still change."""
    backup_ms: int | None


async def read_figures(tx: Transaction, key_id: str, now_ms: int) -> Figures:
    """Read everything in one short transaction; `key_id` is the provider key's fingerprint."""
    return Figures(
        by_state=await requests.count_by_state(tx),
        slots=await fair_queue.slots_taken(tx, now_ms),
        pending=await outbox.count_pending(tx),
        health=await read_health(tx),
        is_paused=await is_paused(tx),
        workers=len(await workers.alive(tx, now_ms - HEARTBEAT_MS)),
        failures=await status.failures_since(tx, now_ms - DAY_MS),
        parked=await restored.count_parked(tx),
        queued_since_ms=await waiting.oldest_queued_ms(tx),
        message_since_ms=await waiting.oldest_message_ms(tx),
        spent=await ledger_sums.usage(tx, Account.COST, since_ms=now_ms - DAY_MS),
        key_used_micros=await _key_used_micros(tx, key_id, now_ms - DAY_MS),
        billed_micros=await bill.said(tx, now_ms - DAY_MS, now_ms + 1),
        costs_open=await cost_checks.count_open(tx),
        backup_ms=await last_backup_ms(tx),
    )


async def _key_used_micros(tx: Transaction, key_id: str, since_ms: int) -> int:
    first = await key_usage.first_since(tx, key_id, since_ms)
    last = await key_usage.last(tx, key_id)
    return last.used_micros - first.used_micros if first is not None and last is not None else 0


def show_figures(figures: Figures, registry: CollectorRegistry, now_ms: int) -> None:
    """Add a gauge for each figure."""
    states = {str(state): float(number) for state, number in figures.by_state.items()}
    causes = {cause: float(number) for cause, number in figures.failures.items()}
    labelled: tuple[tuple[str, str, str, Mapping[str, float]], ...] = (
        ("video_bot_requests", "Requests by state", "state", states),
        ("video_bot_failures_day", "Failed in the last 24 hours, by cause", "cause", causes),
        (
            "video_bot_provider_trouble",
            "1 for the reason of an outage",
            "trouble",
            _troubles(figures),
        ),
    )
    for name, text, label, values in labelled:
        gauge = Gauge(name, text, [label], registry=registry)
        for word, number in values.items():
            gauge.labels(word).set(number)
    for name, text, value in _plain(figures, now_ms):
        Gauge(name, text, registry=registry).set(value)
    if figures.backup_ms is not None:
        name, text = "video_bot_backup_age_seconds", "Age of the last backup"
        Gauge(name, text, registry=registry).set(_age_s(figures.backup_ms, now_ms))


def _troubles(figures: Figures) -> Mapping[str, float]:
    return {each: float(figures.health.trouble == each) for each in TROUBLES}


def _plain(figures: Figures, now_ms: int) -> tuple[tuple[str, str, float], ...]:
    queued_s = _age_s(figures.queued_since_ms, now_ms)
    message_s = _age_s(figures.message_since_ms, now_ms)
    return (
        ("video_bot_provider_slots", "Provider slots held", figures.slots),
        ("video_bot_posts_owed", "Messages owed and not yet delivered", figures.pending),
        ("video_bot_provider_open", "1 while the provider can't be used", figures.health.is_open),
        ("video_bot_paused", "1 while the owner has paused the bot", figures.is_paused),
        ("video_bot_workers", "Workers heard of in the last 30 s", figures.workers),
        ("video_bot_restored", "Requests that a restore parked", figures.parked),
        ("video_bot_queue_age_seconds", "Age of the oldest request in the queue", queued_s),
        (
            "video_bot_message_age_seconds",
            "Age of the oldest message that is not delivered",
            message_s,
        ),
        (
            "video_bot_cost_day",
            "Cost reserved or settled in the last 24 hours, in CURRENCY",
            figures.spent.cost_micros / MICROS,
        ),
        (
            "video_bot_key_used_day",
            "What the provider's key has used in the last 24 hours",
            figures.key_used_micros / MICROS,
        ),
        (
            "video_bot_billed_day",
            "Costs that the provider said in the last 24 hours",
            figures.billed_micros / MICROS,
        ),
        ("video_bot_costs_open", "Ended tasks whose cost may still change", figures.costs_open),
        ("video_bot_videos_day", "Videos that this cost was for", figures.spent.videos),
    )


def _age_s(since_ms: int | None, now_ms: int) -> float:
    return 0.0 if since_ms is None else max(0, now_ms - since_ms) / 1000
