"""Series on a stage: asked for, confirmed and gone on with through the services."""

import itertools
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import UserError
from bot.rules.catalogue import load_catalogue
from bot.services.caller import Caller
from bot.services.media_files.on_disk import DiskFiles
from bot.services.operations.disk_space import DiskSpace
from bot.services.quotas.service import QuotaService
from bot.services.quotas.usage import QuotaSettings
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import DraftService
from bot.services.requests.service import RequestService
from bot.services.series.service import SeriesService
from bot.services.series.views import SeriesWish
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.clock import read_now_ms
from storage.engine.transaction import Database
from storage.records import Request
from storage.requests import requests

EVERYTHING = (1 << 53) - 1


@dataclass
class SeriesDesk:
    """Members' series, in the process of the test: the bots find them in the database."""

    database: Database
    folder: Path
    guild_id: int
    now_ms: int = 0
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def _services(self) -> tuple[SeriesService, RequestService, DraftService]:
        catalogue = load_catalogue(self.folder / "prices.toml")
        models = AllowedModelService(
            self.database, catalogue, default="seedance2.0-fast-i2v", for_new=("all",)
        )
        quotas, limits = QuotaService(QuotaSettings()), AdmissionSettings()
        disk = DiskSpace(self.folder, limit_bytes=10**12, files=DiskFiles(self.folder, "here"))
        admission = Admission(catalogue, models, disk, limits)
        tools: dict[str, Any] = {"clock": lambda: self.now_ms, "wakeup": lambda *_: None}
        drafts = DraftService(self.database, admission, quotas, **tools)
        tools["draw"] = secrets.randbelow
        known = (self.database, catalogue, models, quotas, admission)
        return (
            SeriesService(*known, limits, **tools),
            RequestService(*known, limits, **tools),
            drafts,
        )

    def _caller(self, user_id: int, channel_id: int) -> Caller:
        return Caller(
            interaction_id=(1 << 61) + next(self.numbers),
            user_id=user_id,
            guild_id=self.guild_id,
            channel_id=channel_id,
            member_permissions=EVERYTHING,
            app_permissions=EVERYTHING,
        )

    async def ask(self, prompts: tuple[str, ...], user_id: int, channel_id: int) -> str:
        """A series that its member has confirmed and knows of."""
        await self._look_at_the_clock()
        shooting, asking, drafts = self._services()
        made = await shooting.create(
            self._caller(user_id, channel_id), SeriesWish(prompts, duration=4)
        )
        confirmed = await drafts.confirm(
            self._caller(user_id, channel_id), made.request.id, shown_micros=10**12
        )
        await asking.answered(confirmed.request.id, is_seen=True)
        return confirmed.request.id

    async def go_on(self, whole: Request) -> None:
        """Finish what stands still, or give it up where nothing is made."""
        await self._look_at_the_clock()
        shooting, asking, _ = self._services()
        caller = self._caller(whole.user_id, whole.channel_id)
        view = (await asking.show(caller, whole.id)).series
        if view is None or not view.stands:
            return
        with suppress(UserError):
            if view.can_finish:
                await shooting.finish(caller, whole.id)
            else:
                await asking.cancel(caller, whole.id)

    async def give_up(self, whole: Request) -> None:
        """Cancel a series."""
        await self._look_at_the_clock()
        _, asking, _ = self._services()
        with suppress(UserError):
            await asking.cancel(self._caller(whole.user_id, whole.channel_id), whole.id)

    async def retry(self, series_id: str, number: int, prompt: str) -> None:
        """Try a shot again that was not made."""
        await self._look_at_the_clock()
        shooting, _, _ = self._services()
        async with self.database.reading() as tx:
            whole = await requests.require(tx, series_id)
        caller = self._caller(whole.user_id, whole.channel_id)
        with suppress(UserError):
            await shooting.retry(caller, series_id, number, prompt)

    async def _look_at_the_clock(self) -> None:
        self.now_ms = await read_now_ms(self.database) or time.time_ns() // 1_000_000
