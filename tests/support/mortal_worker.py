"""The real worker with short leases, for tests that kill it."""

import asyncio

from bot.app import open_app
from bot.settings import load_settings

LEASE_MS = 1_500
POLL_MS = 100


async def main() -> None:
    async with open_app(
        load_settings(), role="worker", lease_ms=LEASE_MS, fixed_poll_ms=POLL_MS
    ) as app:
        await app.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
