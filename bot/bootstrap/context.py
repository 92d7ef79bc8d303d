"""Settings, catalogue, database and clock that every other part is built from."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bot.metrics import Metrics
from bot.rules.catalogue import Catalogue
from bot.services.crowd import Crowd
from bot.services.requests.saved_forms import FORM_WAIT_S
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
    sleep: Callable[[float], Awaitable[None]]
    """Waits so many seconds."""
    form_wait_s: float = FORM_WAIT_S
    """How long a form waits for what it shows."""
    metrics: Metrics = field(default_factory=Metrics)
    crowd: Crowd = field(default_factory=Crowd)
    """The answers in progress, to which the worker of the same process gives way."""

    @property
    def key_id(self) -> str:
        """Tells provider keys apart in the database without revealing them."""
        api_key = self.settings.seedance_api_key.get_secret_value()
        return hashlib.sha256(b"asset reviews of " + api_key.encode()).hexdigest()[:16]
