"""The real bot with one difference: it asks the provider at a fixed interval.

`python -m tests.bench.fixed_bot MILLISECONDS [all|gateway|worker]`
"""

import asyncio
import signal
import sys

from bot.app import Role, open_app
from bot.logs import set_up_logs
from bot.settings import load_settings

_ROLES: dict[str, Role] = {"all": "all", "gateway": "gateway", "worker": "worker"}


async def _run(interval_ms: int, role: Role) -> None:
    settings = load_settings()
    set_up_logs(settings.log_level, settings.log_format, hidden=settings.secrets)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_app(settings, role=role, fixed_poll_ms=interval_ms) as app:
        await app.run(stop)


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), _ROLES[sys.argv[2] if len(sys.argv) > 2 else "all"]))
