"""Signals between processes on one PostgreSQL: there may be work, look at once.

A signal says what the work is about and may get lost, as behind a transaction pooler, where nobody
can listen: whoever waits for one looks from time to time as well.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, LiteralString

from storage.engine.transaction import Transaction

log = logging.getLogger(__name__)

_SEND: Final = "SELECT pg_notify('video_bot_work', :text)"
_LISTEN: Final[LiteralString] = "LISTEN video_bot_work"
_AGAIN_S: Final = 5.0
_ALIVE_S: Final = 30.0
"""How often a silent connection is asked whether it still works."""


async def send(tx: Transaction, text: str = "") -> None:
    """Signal all that listen, once this transaction commits; nobody does on SQLite."""
    if tx.dialect == "postgres":
        await tx.fetch_all(_SEND, {"text": text})


async def listen(url: str, act: Callable[[str], None], *, again_s: float = _AGAIN_S) -> None:
    """Call `act` with each signal's text, and with none after each connect, until cancelled.

    A lost connection is made again after `again_s`.
    """
    # psycopg takes nine megabytes of memory that a bot on SQLite need not spend
    import psycopg  # noqa: PLC0415

    while True:
        try:
            await _listen_once(url, act)
        except (OSError, psycopg.Error) as error:
            log.info(
                "Not connected for signals; work is found by looking for it",
                extra={"action": "storage.signals", "error": type(error).__name__},
            )
        await asyncio.sleep(again_s)


async def _listen_once(url: str, act: Callable[[str], None]) -> None:
    import psycopg  # noqa: PLC0415

    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=5, prepare_threshold=None
    ) as connection:
        await connection.execute(_LISTEN)
        act("")
        while True:
            async for signal in connection.notifies(timeout=_ALIVE_S):
                act(signal.payload)
            await connection.execute("SELECT 1")
