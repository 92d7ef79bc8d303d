"""What Discord says of shards, and what it refuses of them."""

import math
import time
from dataclasses import dataclass, field

INVALID_SHARD, SHARDING_REQUIRED = 4010, 4011


@dataclass
class Sharding:
    """What `GET /gateway/bot` says, and what the gateway demands.

    `identify_s` is Discord's five seconds between two identifies of a bucket; 0 demands no pace, as
    tests that restart the bot again and again want it. `required` is the least total it accepts.
    """

    recommended: int = 1
    max_concurrency: int = 1
    identify_s: float = 0.0
    required: int = 1
    identified: list[tuple[int, float]] = field(default_factory=list)
    """Shards that identified, and when by this machine's monotonic clock."""
    hasty: list[tuple[int, float]] = field(default_factory=list)
    """Shards that identified too soon, and after how many seconds."""

    def refusal(self, number: int, total: int) -> int:
        """The close code for a shard that can't be; 0 for one that can."""
        if not 0 <= number < total:
            return INVALID_SHARD
        return SHARDING_REQUIRED if total < self.required else 0

    def is_hasty(self, number: int) -> bool:
        """Note an identify; whether its bucket's last one was too short a time ago."""
        now = time.monotonic()
        bucket = number % self.max_concurrency
        before = [at for shard, at in self.identified if shard % self.max_concurrency == bucket]
        passed_s = now - max(before, default=-math.inf)
        self.identified.append((number, now))
        if passed_s >= self.identify_s:
            return False
        self.hasty.append((number, passed_s))
        return True
