"""HTTP server for /healthz, /readyz and /metrics."""

import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.settings import SettingsError, problem

logger = logging.getLogger(__name__)

Checks = Mapping[str, str]
"""Check name → `ok`, or a short description of the problem."""


class HealthServer:
    """HTTP server, running while the context is entered."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        readiness: Callable[[], Awaitable[Checks]],
        metrics: Callable[[], Awaitable[bytes]],
        shards: Callable[[], Checks],
    ) -> None:
        self._host = host
        self._port = port
        self._readiness = readiness
        self._metrics = metrics
        self._shards = shards
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "HealthServer":
        """Start listening. Raises: SettingsError if host or port cannot be bound."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._show_metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError([self._problem(error)]) from None
        logger.info(
            "Serving health and metrics",
            extra={"action": "web.start", "host": self._host, "port": self._port},
        )
        return self

    def _problem(self, error: OSError) -> str:
        where = f"{self._host}:{self._port}"
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            return problem("HTTP_HOST", f"{self._host} is no address of this machine")
        if error.errno == errno.EADDRINUSE:
            wrong = f"{where} is taken by another program: choose another port, or 0 for none"
        else:
            wrong = f"{where} can't be listened on ({error.strerror}): choose another port"
        return problem("HTTP_PORT", wrong)

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        """Liveness: the event loop responds."""
        return web.json_response({"status": "ok"})

    async def _readyz(self, _: web.Request) -> web.Response:
        """Readiness: 200 if every check is ok, otherwise 503 with the reasons; and each shard."""
        checks = await self._readiness()
        is_ready = all(found == "ok" for found in checks.values())
        body = {"status": "ready" if is_ready else "not ready", "checks": dict(checks)}
        if shards := self._shards():
            body["shards"] = dict(shards)
        return web.json_response(body, status=200 if is_ready else 503)

    async def _show_metrics(self, _: web.Request) -> web.Response:
        body = await self._metrics()
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})
