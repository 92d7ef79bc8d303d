"""Serves the demo's small HTTP servers on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def on_loopback(application: web.Application) -> AsyncIterator[str]:
    """Serve an application until the block ends; yields its `host:port`."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()
