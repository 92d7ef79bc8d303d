"""Discord's rate limits, when a test wants them: so many calls per place, and over all places."""

import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.support.discord.records import Call
from tests.support.discord.world import monotonic

FREE_ROUTES = ("POST /interactions/", "GET /attachments/", "GET /ephemeral-attachments/")


@dataclass
class Rates:
    """Limits that hold; (0, 0) means none. Discord's own are about (5, 5.0) and (50, 1.0).

    `per_place` counts calls of one route in one channel (or webhook), `overall` every call but
    answers to interactions.
    """

    per_place: tuple[int, float] = (0, 0.0)
    overall: tuple[int, float] = (0, 0.0)
    refused: int = 0
    _moments: dict[str, deque[float]] = field(default_factory=dict)

    def count(self, call: Call) -> tuple[dict[str, str], dict[str, Any] | None]:
        """Headers for the answer, and the body of a 429 if the call comes too early."""
        if call.route.startswith(FREE_ROUTES) or " /webhooks/" in call.route:
            return {}, None
        left, wait_s = self._take("everything", self.overall)
        if wait_s:
            return self._refusal(wait_s, {"X-RateLimit-Global": "true"}, is_global=True)
        place = call.params.get("channel_id", "")
        if not place or not self.per_place[0]:
            return {}, None
        key = f"{call.route} {place}"
        left, wait_s = self._take(key, self.per_place)
        headers = {
            "X-RateLimit-Limit": str(self.per_place[0]),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset-After": f"{wait_s or self._resets_after(key):.3f}",
            "X-RateLimit-Bucket": uuid.uuid5(uuid.NAMESPACE_URL, call.route).hex,
        }
        if wait_s:
            return self._refusal(wait_s, headers, is_global=False)
        return headers, None

    def _take(self, key: str, limit: tuple[int, float]) -> tuple[int, float]:
        """Calls left and, when there is none, the seconds until there is."""
        most, period_s = limit
        if not most:
            return 1, 0.0
        moments = self._moments.setdefault(key, deque())
        now = monotonic()
        while moments and moments[0] <= now - period_s:
            moments.popleft()
        if len(moments) >= most:
            return 0, moments[0] + period_s - now
        moments.append(now)
        return most - len(moments), 0.0

    def _resets_after(self, key: str) -> float:
        return max(0.0, self._moments[key][0] + self.per_place[1] - monotonic())

    def _refusal(
        self, wait_s: float, headers: dict[str, str], *, is_global: bool
    ) -> tuple[dict[str, str], dict[str, Any]]:
        self.refused += 1
        body = {
            "message": "You are being rate limited.",
            "retry_after": round(wait_s, 3),
            "global": is_global,
        }
        return {**headers, "Retry-After": str(int(wait_s) + 1), "Via": "1.1 google"}, body
