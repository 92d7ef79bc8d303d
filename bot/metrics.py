"""What this process measures of itself: durations and outcomes, without ids or names.

Gauges of what the database knows are made for each scrape, in `bot.web.status`; these are counted
as they happen, so each process of several has its own.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

REMEMBERED: Final = 4096
"""So many interactions, or videos on their way, are remembered; older ones are not measured."""
_QUICK: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0)
"""Seconds; an interaction must be acknowledged within 3."""
_CALL: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_LONG: Final = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 21600.0)
_CALLBACK: Final = re.compile(r"/interactions/(?P<id>\d+)/[^/]+/callback$")
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})


class Metrics:
    """Histograms and counters of one process; `monotonic` answers seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._received: OrderedDict[str, float] = OrderedDict()
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._registry = CollectorRegistry()
        self._acknowledged = self._histogram(
            "video_bot_acknowledge_seconds",
            "From an interaction's arrival to Discord's receipt of the first answer",
            _QUICK,
        )
        self._steps = self._histogram(
            "video_bot_step_seconds", "Duration of a worker's step", _LONG, "step"
        )
        self._waited = self._histogram(
            "video_bot_submit_wait_seconds",
            "From a request's creation to the provider's acceptance of it",
            _LONG,
        )
        self._posted = self._histogram(
            "video_bot_seen_to_posted_seconds",
            "From the poll that found a video ready to its post",
            _LONG,
        )
        self._provider = Counter(
            "video_bot_provider_calls_total",
            "Calls to the provider",
            ["call", "outcome"],
            registry=self._registry,
        )
        self._provider_s = self._histogram(
            "video_bot_provider_call_seconds", "Duration of calls to the provider", _CALL, "call"
        )
        self._safety = self._histogram(
            "video_bot_safety_check_seconds",
            "Duration of a safety check of a request's pictures or of its video",
            _CALL,
            "outcome",
        )
        self._store = Counter(
            "video_bot_store_calls_total",
            "Calls to the media store",
            ["call", "outcome"],
            registry=self._registry,
        )
        self._store_s = self._histogram(
            "video_bot_store_call_seconds", "Duration of calls to the media store", _CALL, "call"
        )
        self._discord = Counter(
            "video_bot_discord_calls_total",
            "Calls to Discord's REST API",
            ["method", "outcome"],
            registry=self._registry,
        )
        self._discord_s = self._histogram(
            "video_bot_discord_call_seconds", "Duration of calls to Discord", _CALL, "method"
        )

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self._registry)

    def exposition(self) -> bytes:
        """Everything measured so far, in Prometheus' text format."""
        return generate_latest(self._registry)

    def step(self, kind: str, seconds: float) -> None:
        """A worker's step has ended; `kind` is a StepKind."""
        self._steps.labels(kind).observe(seconds)

    def submitted(self, waited_ms: int) -> None:
        """The provider has accepted a request."""
        self._waited.observe(max(0, waited_ms) / 1000)

    def seen_ready(self, request_id: str) -> None:
        """A poll found a request's video ready."""
        self._remember(self._seen, request_id)

    def posted(self, request_id: str) -> None:
        """A request's video was posted; measured if this process saw it become ready."""
        since = self._seen.pop(request_id, None)
        if since is not None:
            self._posted.observe(self._monotonic() - since)

    def provider_call(self, call: str, outcome: str, seconds: float) -> None:
        """A call to the provider has ended; both words come from short lists."""
        self._provider.labels(call, outcome).inc()
        self._provider_s.labels(call).observe(seconds)

    def safety_check(self, outcome: str, seconds: float) -> None:
        """The safety check has looked, or given no answer; `outcome` is an Outcome."""
        self._safety.labels(outcome).observe(seconds)

    def store_call(self, call: str, outcome: str, seconds: float) -> None:
        """A call to the media store has ended; both words come from short lists."""
        self._store.labels(call, outcome).inc()
        self._store_s.labels(call).observe(seconds)

    def interaction(self, interaction_id: str) -> None:
        """An interaction has arrived."""
        self._remember(self._received, interaction_id)

    def _remember(self, where: OrderedDict[str, float], key: str) -> None:
        where.setdefault(key, self._monotonic())
        while len(where) > REMEMBERED:
            where.popitem(last=False)

    def watch_discord(self, trace: aiohttp.TraceConfig) -> None:
        """Count the calls of a session to Discord, and time the answers to interactions."""
        trace.on_request_start.append(self._begin)
        # before the hooks that may raise
        trace.on_request_end.insert(0, self._end)
        trace.on_request_exception.append(self._fail)

    async def _begin(self, _: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
        context.metrics_since = self._monotonic()

    async def _end(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        status = params.response.status
        context.was_answered = True
        self._discord_call(params.method, _outcome(status), context)
        answered = _CALLBACK.search(params.url.path)
        since = self._received.pop(answered["id"], None) if answered and status < 300 else None
        if since is not None:
            self._acknowledged.observe(self._monotonic() - since)

    async def _fail(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        # an answer that another trace refused to wait out, such as a 429, was counted
        if not getattr(context, "was_answered", False):
            self._discord_call(params.method, "no-answer", context)

    def _discord_call(self, method: str, outcome: str, context: SimpleNamespace) -> None:
        known = method if method in _METHODS else "other"
        self._discord.labels(known, outcome).inc()
        since = getattr(context, "metrics_since", None)
        if since is not None:
            self._discord_s.labels(known).observe(self._monotonic() - since)


def _outcome(status: int) -> str:
    if status == 429:
        return "throttled"
    if status >= 500:
        return "failed"
    return "refused" if status >= 400 else "ok"
