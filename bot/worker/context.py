"""What the worker's steps share: built once in `bot.bootstrap`, handed to each step."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from bot.media.download.fetch import Fetcher
from bot.media.process import MediaProcess
from bot.provider.client import SeedanceClient
from bot.rules.catalogue import Catalogue
from bot.services.requests.recheck import TurnSettings
from bot.worker.keyed_locks import KeyedLocks
from bot.worker.messenger import Messenger
from storage.engine.transaction import Database

DEAD_AFTER_MS: Final = 20_000
"""A worker not heard of for so long works no more."""
LEASE_MS: Final = 20_000
"""How long a claimed row is nobody else's, unless it is renewed."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Limits and choices of the owner that the steps go by. Sizes in bytes, times in ms."""

    data_dir: Path
    owner: str
    """Names this process in leases: new with every start."""
    host: str
    """Names the machine whose disk holds inputs and results: the same after a restart."""
    max_active: int = 3
    media_via: Literal["provider", "discord"] = "provider"
    give_up_ms: int = 6 * 60 * 60 * 1000
    upload_limit_bytes: int = 20 * 1024 * 1024
    result_cap_bytes: int = 2 * 1024 * 1024 * 1024
    member_bytes: int = 2_500_000_000
    """What the files of one member may take."""
    key_id: str = ""
    """Fingerprint of the provider key: asset ids belong to the key that they were given to."""
    asset_review_ms: int = 30 * 60 * 1000
    """The longest wait for the provider's review of a request's files."""
    lease_ms: int = LEASE_MS
    owner_ids: tuple[int, ...] = ()
    turns: TurnSettings = field(default_factory=TurnSettings)
    fixed_poll_ms: int = 0
    """For the benchmark alone: poll at this interval instead of predicting; 0 predicts."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """The services a step may call. `clock` answers UTC milliseconds."""

    database: Database
    catalogue: Catalogue
    provider: SeedanceClient
    input_fetcher: Fetcher
    """Guarded: what members name is fetched with this one."""
    result_fetcher: Fetcher
    """Guarded too, but the provider's own origin is allowed although private."""
    media: MediaProcess
    messenger: Messenger
    settings: WorkerSettings
    clock: Callable[[], int]
    wakeup: Callable[[], None]
    jitter: Callable[[], float] = field(default=random.random)
    resting: dict[int, int] = field(default_factory=dict)
    """Channels that Discord throttles, and until when."""
    looking: KeyedLocks = field(default_factory=KeyedLocks)
    """A member's files are looked at one request after the other."""

    def path(self, relative: str) -> Path:
        """A file of the data directory."""
        return self.settings.data_dir / relative
