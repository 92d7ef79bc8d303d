"""Dependencies and settings shared by the worker's steps; built once in `bot.bootstrap`."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from bot.media.download.fetch import Fetcher
from bot.media.process import MediaProcess
from bot.media.safety.checker import Checker
from bot.metrics import Metrics
from bot.provider.client import SeedanceClient
from bot.rules.catalogue import Catalogue
from bot.services.crowd import Crowd
from bot.services.media_files.files import MediaFiles
from bot.services.media_files.leftovers import StoreLeftovers
from bot.services.operations.price_list import PriceListService
from bot.services.requests.recheck import TurnSettings
from bot.services.wakeup import Wake
from bot.worker.key_usage import KeyUsageNotes
from bot.worker.keyed_locks import KeyedLocks
from bot.worker.messenger import Messenger
from storage.engine.transaction import Database

DEAD_AFTER_MS: Final = 20_000
"""A worker without a heartbeat for this long is declared dead."""
STORE_AWAY_MS: Final = 15_000
"""How long a step or a message waits for a media store that does not answer."""
LEASE_MS: Final = 20_000
"""The visibility timeout of a claimed row, unless the lease is renewed."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The owner's settings for the steps. Sizes in bytes, times in ms."""

    data_dir: Path
    owner: str
    """Identifies this process in leases; new at every start."""
    host: str
    """Identifies the machine, whose disk may hold inputs and results; kept across restarts."""
    max_active: int = 3
    media_via: Literal["provider", "discord"] = "provider"
    give_up_ms: int = 6 * 60 * 60 * 1000
    upload_limit_bytes: int = 20 * 1024 * 1024
    result_cap_bytes: int = 2 * 1024 * 1024 * 1024
    member_bytes: int = 2_500_000_000
    """Disk space for the files of one member."""
    key_id: str = ""
    """Fingerprint of the provider key: asset ids belong to the key that they were given to."""
    is_key_exclusive: bool = False
    """Nobody but this bot uses the key: what it has used settles uncertain requests."""
    asset_review_ms: int = 30 * 60 * 1000
    """The longest wait for the provider's review of a request's files."""
    lease_ms: int = LEASE_MS
    owner_ids: tuple[int, ...] = ()
    turns: TurnSettings = field(default_factory=TurnSettings)
    fixed_poll_ms: int = 0
    """Poll interval for the benchmark; 0 uses predictions."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """The dependencies of a step. `clock` returns UTC milliseconds."""

    database: Database
    catalogue: Catalogue
    provider: SeedanceClient
    input_fetcher: Fetcher
    """With SSRF guard; downloads URLs that members gave."""
    result_fetcher: Fetcher
    """With SSRF guard too, but the provider's own origin may be a private address."""
    media: MediaProcess
    files: MediaFiles
    messenger: Messenger
    settings: WorkerSettings
    key_usage: KeyUsageNotes
    clock: Callable[[], int]
    wakeup: Wake
    jitter: Callable[[], float] = field(default=random.random)
    prices: PriceListService | None = None
    """The provider's price list; None with `PRICES_FROM=file`."""
    checker: Checker | None = None
    """Looks at pictures and results first; None without `SAFETY_CHECK`."""
    leftovers: StoreLeftovers | None = None
    """Clears the media store; None without `MEDIA_STORE`."""
    throttled_until: dict[int, int] = field(default_factory=dict)
    """Rate-limited channels by id, and until when (UTC ms)."""
    metrics: Metrics = field(default_factory=Metrics)
    crowd: Crowd = field(default_factory=Crowd)
    """The answers that this process owes: claiming new work gives way to them."""
    member_locks: KeyedLocks = field(default_factory=KeyedLocks)
    """Serialises the inspection of a member's files."""

    def path(self, relative: str) -> Path:
        """Where a file of a request or name lies on this machine, or is to be made."""
        return self.files.path(relative)
