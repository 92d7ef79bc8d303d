"""Retries transactions that the database aborted because of a deadlock.

One lock order keeps that rare: a series' row before its shots', a request's row (`requests.lock`)
before its reviews, then the accounts (`ledger.lock_accounts`), then its messages. Rows of several
requests are locked by id.
"""

import asyncio
import functools
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, ParamSpec, TypeVar

from storage.errors import TransactionLost

log = logging.getLogger(__name__)

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

TRIES: Final = 6
_PAUSE_S: Final = 0.02


def repeated(
    function: Callable[_Given, Awaitable[_Result]],
) -> Callable[_Given, Coroutine[Any, Any, _Result]]:
    """Retry the whole function when its transaction was aborted and nothing was written.

    For functions that write in one transaction, or are idempotent. After
    the last try TransactionLost reaches the caller, which treats it as an unavailable database.
    """

    @functools.wraps(function)
    async def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        for number in range(1, TRIES):
            try:
                return await function(*args, **kwargs)
            except TransactionLost:
                log.info(
                    "A transaction was aborted by a deadlock and is retried",
                    extra={"action": "storage.engine.retry", "function": function.__qualname__},
                )
                # lets the other transaction finish; the jitter keeps two losers apart
                await asyncio.sleep(_PAUSE_S * number * (0.5 + random.random()))  # noqa: S311
        return await function(*args, **kwargs)

    return call
