"""Retries transactions that the database aborted because of a deadlock.

One lock order keeps that rare: a request's row first (`requests.lock`), then its reviews, then the
accounts (`ledger.lock_accounts`), then its messages. Rows of several requests are locked by id.
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
    """Call it again, from its start, when its transaction was lost: nothing of that was written.

    For functions whose deeds are in one transaction, or do no harm when they are done twice. After
    the last try TransactionLost is the caller's, who takes it for an unavailable database.
    """

    @functools.wraps(function)
    async def call(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        for number in range(1, TRIES):
            try:
                return await function(*args, **kwargs)
            except TransactionLost:
                log.info(
                    "A transaction was given up for another's sake, it runs again",
                    extra={"action": "storage.engine.retry", "function": function.__qualname__},
                )
                # the other one must be through; two losers must not meet again
                await asyncio.sleep(_PAUSE_S * number * (0.5 + random.random()))  # noqa: S311
        return await function(*args, **kwargs)

    return call
