"""Settings, catalogue, database and clock that every other part is built from."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.rules.catalogue import Catalogue
from bot.settings import Settings
from storage.engine.transaction import Database


@dataclass(frozen=True, slots=True)
class AppContext:
    """Settings, models, database and clock; what is opened on it closes with `stack`."""

    settings: Settings
    catalogue: Catalogue
    database: Database
    clock: Callable[[], int]
    """Now, in UTC milliseconds."""
    stack: AsyncExitStack
