"""Owner commands: status of the whole bot, pause and resume."""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bot.provider.client import SeedanceClient
from bot.services.caller import Caller
from bot.services.operations.backups import last_backup_ms
from bot.services.operations.balance import BalanceView, ask_balance
from bot.services.operations.circuit_breaker import (
    PAUSED,
    Health,
    is_paused,
    read_health,
    throttled_limit,
)
from bot.services.operations.disk_space import DiskSpace
from bot.services.operations.gateways import ShardsView, read_shards_view
from bot.services.owners import require_owner
from storage.durations import DAY_MS
from storage.engine.database import slots_lock
from storage.engine.migrate import applied_number
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.operations import health as ages
from storage.operations import key_values, restored, workers
from storage.operations import status as overview
from storage.operations.workers import Worker
from storage.quotas import ledger, ledger_sums
from storage.quotas.ledger_records import Account, Usage
from storage.records import State
from storage.requests import outbox, requests

logger = logging.getLogger(__name__)

HEARTBEAT_MS: Final = 30_000
"""A worker not heard of for longer counts as gone."""


@dataclass(frozen=True, slots=True)
class OwnerSettings:
    """Who may ask, where, and what of the settings the answer shows."""

    owner_ids: tuple[int, ...] = ()
    owner_guild_id: int | None = None
    has_prices: Callable[[], bool] = lambda: False
    versions: Mapping[str, str] | None = None
    """Names and versions of what runs, such as `video-bot` → `0.1.0`."""


@dataclass(frozen=True, slots=True)
class UsageSums:
    """What was spent since the start of the month and of the day, in UTC."""

    month: Usage
    today: Usage
    billed_videos: int
    """Since ever; what is on its way has not been billed yet."""


@dataclass(frozen=True, slots=True)
class OwnerStatus:
    """Everything `/owner status` shows; times are UTC milliseconds, 0 means never."""

    spent: UsageSums
    has_prices: bool
    paused_since_ms: int
    counts: Mapping[State, int]
    messages_pending: int
    failures_day: Mapping[str, int]
    failures_week: Mapping[str, int]
    health: Health
    throttled_until_ms: int
    balance: BalanceView
    disk_used_bytes: int
    disk_limit_bytes: int
    disk_free_bytes: int
    is_disk_nearly_full: bool
    is_store_away: bool
    """Whether the media store did not answer when it was last asked."""
    workers: Sequence[Worker]
    database: str
    versions: Mapping[str, str]
    queued_since_ms: int = 0
    """Since when the oldest request waits for the provider."""
    message_since_ms: int = 0
    """Since when the oldest message waits for its delivery."""
    restored: int = 0
    """Uncertain requests that a restore parked."""
    backup_ms: int = 0
    """When `video-bot backup` made its last copy."""
    shards: ShardsView = field(default_factory=ShardsView)
    now_ms: int = 0


class OwnerService:
    """Checks on every call that it is an owner who asks; `clock` answers UTC milliseconds."""

    def __init__(
        self,
        database: Database,
        provider: SeedanceClient,
        disk: DiskSpace,
        settings: OwnerSettings,
        *,
        clock: Callable[[], int],
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._provider = provider
        self._disk = disk
        self._settings = settings
        self._clock = clock
        self._wakeup = wakeup

    async def _require_owner(self, tx: Transaction, caller: Caller) -> None:
        settings = self._settings
        await require_owner(tx, caller, settings.owner_ids, settings.owner_guild_id)

    async def status(self, caller: Caller) -> OwnerStatus:
        """How everything stands; the provider is asked for its balance, briefly.

        Raises: NotAllowed, StorageUnavailable.
        """
        async with self._database.reading() as tx:
            await self._require_owner(tx, caller)
            spent = await _spent(tx, self._clock())
        per_video = None
        # without prices nothing is reserved for what is under way, and the average is too low
        if self._settings.has_prices() and spent.month.videos > 0 and spent.month.cost_micros > 0:
            per_video = Decimal(spent.month.cost_micros) / 1_000_000 / spent.month.videos
        balance = await ask_balance(
            self._provider, per_video=per_video, billed_videos=spent.billed_videos
        )
        async with self._database.reading() as tx:
            return await self._drawn_up(tx, spent, balance)

    async def _drawn_up(
        self, tx: Transaction, spent: UsageSums, balance: BalanceView
    ) -> OwnerStatus:
        now_ms, disk = self._clock(), self._disk
        paused_ms = await key_values.since_ms(tx, PAUSED) if await is_paused(tx) else 0
        _, throttled_ms = await throttled_limit(tx, now_ms)
        dialect = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[tx.dialect]
        return OwnerStatus(
            spent=spent,
            has_prices=self._settings.has_prices(),
            paused_since_ms=paused_ms or 0,
            counts=await requests.count_by_state(tx),
            messages_pending=await outbox.count_pending(tx),
            failures_day=await overview.failures_since(tx, now_ms - DAY_MS),
            failures_week=await overview.failures_since(tx, now_ms - 7 * DAY_MS),
            health=await read_health(tx),
            throttled_until_ms=throttled_ms,
            balance=balance,
            disk_used_bytes=disk.used_bytes,
            disk_limit_bytes=disk.limit_bytes,
            disk_free_bytes=disk.free_bytes,
            is_disk_nearly_full=disk.is_nearly_full,
            is_store_away=disk.is_store_away,
            workers=await workers.alive(tx, now_ms - HEARTBEAT_MS),
            database=f"{dialect} ({await applied_number(tx)})",
            versions=self._settings.versions or {},
            queued_since_ms=await ages.oldest_queued_ms(tx) or 0,
            message_since_ms=await ages.oldest_message_ms(tx) or 0,
            restored=await restored.count_parked(tx),
            backup_ms=await last_backup_ms(tx) or 0,
            shards=await read_shards_view(tx, now_ms),
            now_ms=now_ms,
        )

    @repeated
    async def pause(self, caller: Caller) -> bool:
        """Send nothing new to the provider from now on; False when it was paused already.

        Raises: NotAllowed, StorageUnavailable.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await self._require_owner(tx, caller)
            # who is being let through this very moment is through before the owner reads "paused"
            await slots_lock(tx)
            is_new = await key_values.compare_and_set(
                tx, PAUSED, expected=None, value=str(caller.user_id), now_ms=now_ms
            )
        if is_new:
            logger.warning(
                "The owner paused the bot",
                extra={"action": "owner.paused", "owner": caller.user_id},
            )
        self._wakeup()
        return is_new

    @repeated
    async def resume(self, caller: Caller) -> bool:
        """Let waiting requests go again; False when nothing was paused.

        Raises: NotAllowed, StorageUnavailable.
        """
        async with self._database.transaction() as tx:
            await self._require_owner(tx, caller)
            was_paused = await key_values.delete(tx, PAUSED)
        if was_paused:
            logger.warning(
                "The owner let the bot go on",
                extra={"action": "owner.resumed", "owner": caller.user_id},
            )
        self._wakeup()
        return was_paused

    async def waiting(self, caller: Caller) -> tuple[int, int]:
        """How many requests wait and how many are at the provider: what a pause concerns."""
        async with self._database.reading() as tx:
            await self._require_owner(tx, caller)
            counts = await requests.count_by_state(tx)
        at_work: Collection[State] = (State.SUBMITTING, State.RUNNING)
        return counts[State.QUEUED], sum(counts[state] for state in at_work)


async def _spent(tx: Transaction, now_ms: int) -> UsageSums:
    today = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    since = {"today": today, "month": today.replace(day=1)}
    sums = {
        name: await ledger_sums.usage(tx, Account.COST, since_ms=int(moment.timestamp() * 1000))
        for name, moment in since.items()
    }
    return UsageSums(**sums, billed_videos=await ledger.billed_videos(tx))
