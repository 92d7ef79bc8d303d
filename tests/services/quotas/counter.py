"""The services of one server on a real database, with a clock that the test turns."""

import itertools
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.rules.catalogue import Catalogue, load_catalogue
from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.services.caller import Caller, Receipt
from bot.services.media_files.on_disk import DiskFiles
from bot.services.moderation.appeals import AppealService
from bot.services.moderation.reviews import ReviewService
from bot.services.operations.disk_space import DiskSpace
from bot.services.quotas.admin import QuotaAdminService
from bot.services.quotas.service import QuotaService
from bot.services.quotas.usage import QuotaSettings
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import DraftService
from bot.services.requests.service import RequestService
from bot.services.series.service import SeriesService
from bot.services.server_settings import change_settings
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.transaction import Database
from storage.quotas import ledger_check
from storage.records import Request, State
from storage.requests import requests

NOW_MS = 1_790_000_000_000
DAY_MS = 24 * 60 * 60 * 1000
GUILD = 10
ALICE, BOB, MODERATOR = 30, 31, 32
EVERYTHING = (1 << 53) - 1
MEMBER = (1 << 10) | (1 << 11) | (1 << 15) | (1 << 16) | (1 << 38)
MODERATORS = MEMBER | (1 << 13)
PICTURE = MediaRef(
    role=MediaRole.FIRST,
    source=MediaSource.LINK,
    url="https://example.org/a.png",
    field="image1",
    kind=MediaKind.IMAGE,
)
MANAGERS = MEMBER | (1 << 5)

PRICES = """
[models."seedance2.0-fast-i2v".price]
per_task = "0.50"

[models."seedance2.0-sp".price]
per_second_by_resolution = { "480p" = "0.05", "720p" = "0.10", "1080p" = "0.20" }
reference_video_seconds_billed = true
"""

_numbers = itertools.count(1)


def catalogue(folder: Path) -> Catalogue:
    """The built-in models with prices."""
    path = folder / "prices.toml"
    path.write_text(PRICES)
    return load_catalogue(path)


def caller(user_id: int = ALICE, **fields: Any) -> Caller:
    """Somebody who does something new."""
    usual: dict[str, Any] = {
        "interaction_id": 2_000_000_000_000_000_000 + next(_numbers),
        "user_id": user_id,
        "guild_id": GUILD,
        "channel_id": 20,
        "member_permissions": MEMBER,
        "app_permissions": EVERYTHING,
    }
    return Caller(**(usual | fields))


def moderator(**fields: Any) -> Caller:
    return caller(MODERATOR, **{"member_permissions": MODERATORS, **fields})


def manager(**fields: Any) -> Caller:
    return caller(MODERATOR, **{"member_permissions": MANAGERS, **fields})


@dataclass
class Counter:
    """What a member meets, without Discord."""

    database: Database
    models: Catalogue
    folder: Path
    limits: QuotaSettings = field(default_factory=QuotaSettings)
    now_ms: int = NOW_MS

    def __post_init__(self) -> None:
        self.quotas = QuotaService(self.limits)
        self.admission = admission = self._admission()
        self.models_allowed = self._model_service()
        self.draw = secrets.randbelow
        self.service = RequestService(
            self.database,
            self.models,
            self._model_service(),
            self.quotas,
            admission,
            AdmissionSettings(),
            clock=lambda: self.now_ms,
            draw=secrets.randbelow,
            wakeup=lambda *_: None,
        )
        self.drafts = DraftService(
            self.database,
            admission,
            self.quotas,
            clock=lambda: self.now_ms,
            wakeup=lambda: None,
        )
        self.series = SeriesService(
            self.database,
            self.models,
            self._model_service(),
            self.quotas,
            admission,
            AdmissionSettings(),
            clock=lambda: self.now_ms,
            draw=secrets.randbelow,
            wakeup=lambda: None,
        )
        self.reviews = ReviewService(
            self.database, self.quotas, clock=lambda: self.now_ms, wakeup=lambda: None
        )
        self.appeals = AppealService(self.database, clock=lambda: self.now_ms, wakeup=lambda: None)
        self.allowances = QuotaAdminService(self.database, self.quotas, clock=lambda: self.now_ms)

    def _model_service(self) -> AllowedModelService:
        return AllowedModelService(
            self.database, self.models, default="seedance2.0-fast-i2v", for_new=("all",)
        )

    def _admission(self) -> Admission:
        disk = DiskSpace(self.folder, limit_bytes=10**12, files=DiskFiles(self.folder, "here"))
        return Admission(self.models, self._model_service(), disk, AdmissionSettings())

    async def ask(self, who: Caller | None = None, *, model: str = "", **fields: Any) -> Receipt:
        """One request; `fields` are the request's."""
        video_request = VideoRequest(**{"prompt": "a fox", "duration": 5, "model": model, **fields})
        return await self.service.create(video_request, who or caller())

    async def configure(self, **settings: Any) -> None:
        """Set the server's settings."""
        async with self.database.transaction() as tx:
            await change_settings(tx, GUILD, **settings)

    async def request(self, request_id: str) -> Request:
        """A request as it is now."""
        async with self.database.reading() as tx:
            return await requests.require(tx, request_id)

    async def count(self, *states: State) -> int:
        """How many requests there are, of these states or of all."""
        async with self.database.reading() as tx:
            counts = await requests.count_by_state(tx)
        return sum(counts[state] for state in states or State)

    async def differences(self) -> list[ledger_check.Difference]:
        """What the check of the ledger finds."""
        async with self.database.reading() as tx:
            found = await ledger_check.differences(tx)
            if not found:
                # what is kept by the hour follows every row, whatever was done
                assert await ledger_check.hour_differences(tx) == []
            return found
