"""The worker harness with a series in it: a member who asks, retries, finishes and cancels."""

import contextlib
import itertools
import random
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from bot.errors import UserError
from bot.media.media_info import JoinResult, MediaInfo
from bot.media.process import MediaProcess
from bot.rules.media import MediaKind
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
from bot.worker.context import WorkerContext
from storage.engine.sqlite import SqliteDatabase
from storage.records import Request, State
from storage.requests import acknowledgements, requests, series
from storage.servers import servers
from tests.services.quotas.counter import EVERYTHING, MEMBER
from tests.worker.fakes import ScriptedFetcher, ScriptedMedia, ScriptedProvider
from tests.worker.harness_parts import ShakyDatabase, no_pauses
from tests.worker.scripted_messenger import ScriptedMessenger
from tests.worker.worker_harness import CATALOGUE, WorkerHarness

GUILD, CHANNEL, ALICE = 10, 20, 30
_numbers = itertools.count(1)


class SeriesMedia(ScriptedMedia):
    """Films are their parts one after the other; every film's last frame is the same picture."""

    async def join(self, sources: Sequence[Path], target: Path) -> JoinResult:
        target.write_bytes(b"".join(source.read_bytes() for source in sources))
        return JoinResult(target.stat().st_size, 1, 1, 1.0, is_lossless=True)

    async def last_frame(self, source: Path, target: Path) -> None:
        assert source.is_file()
        target.write_bytes(b"a frame")

    async def strip(self, files: Sequence[Path], target: Path) -> bool:
        target.write_bytes(b"a strip")
        return True

    async def inspect(self, files: Sequence[Path]) -> list[MediaInfo]:
        return [
            MediaInfo(MediaKind.IMAGE, "png", 320, 180, None, 7, "0" * 64, file) for file in files
        ]


class SeriesProvider(ScriptedProvider):
    """Takes uploads as well."""

    async def upload(self, path: Path, *, filename: str, content_type: str) -> str:
        assert path.is_file()
        return f"https://uploads.example/{filename}"


def caller() -> Caller:
    return Caller(
        interaction_id=3_000_000_000_000_000_000 + next(_numbers),
        user_id=ALICE,
        guild_id=GUILD,
        channel_id=CHANNEL,
        member_permissions=MEMBER,
        app_permissions=EVERYTHING,
    )


@dataclass
class SeriesHarness(WorkerHarness):
    """A worker harness whose member makes series."""

    tried: int = 0
    draw: random.Random = field(default_factory=lambda: random.Random(1))

    def context(self, name: str) -> WorkerContext:
        if name not in self._context:
            made = super().context(name)
            self._context[name] = replace(made, media=cast("MediaProcess", SeriesMedia()))
            # the parts that were built with the first one work with the same database and clock
            self._pollers[name]._context = self._context[name]
        return self._context[name]

    def services(self) -> tuple[SeriesService, RequestService, DraftService]:
        database = self.database._inner
        models = AllowedModelService(
            database, CATALOGUE, default="seedance2.0-fast-i2v", for_new=("all",)
        )
        quotas, limits = QuotaService(QuotaSettings()), AdmissionSettings()
        admission = Admission(
            CATALOGUE,
            models,
            DiskSpace(self.folder, limit_bytes=10**12, files=DiskFiles(self.folder, "here")),
            limits,
        )
        tools: dict[str, Any] = {"clock": self.clock, "wakeup": lambda *_: None}
        drafts = DraftService(database, admission, quotas, **tools)
        tools["draw"] = self.draw.randrange
        return (
            SeriesService(database, CATALOGUE, models, quotas, admission, limits, **tools),
            RequestService(database, CATALOGUE, models, quotas, admission, limits, **tools),
            drafts,
        )

    async def ask_series(self, count: int = 3) -> str:
        """Ask for a series and confirm it; its card is still to be sent."""
        async with self.database._inner.transaction() as tx:
            await servers.require(tx, GUILD)
        shooting, _, drafts = self.services()
        prompts = tuple(f"shot {number} of {next(_numbers)}" for number in range(1, count + 1))
        made = await shooting.create(caller(), SeriesWish(prompts))
        await drafts.confirm(caller(), made.request.id, shown_micros=10**9)
        return made.request.id

    async def member(self, what: str, series_id: str) -> None:
        """Press a button; a refusal is an answer."""
        shooting, asking, _ = self.services()
        with contextlib.suppress(UserError):
            if what == "cancel":
                await asking.cancel(caller(), series_id)
            elif what == "finish":
                await shooting.finish(caller(), series_id)
            else:
                view = (await asking.show(caller(), series_id)).series
                assert view is not None
                self.tried += 1
                text = f"try {self.tried} of {next(_numbers)}" if what == "edit" else None
                await shooting.retry(caller(), series_id, view.can_retry or 1, text)

    async def shots(self, series_id: str) -> list[Request]:
        async with self.database.reading() as tx:
            return await series.all_shots(tx, series_id)

    async def lose(self, series_id: str, number: int) -> None:
        """The stored video of a shot that was made is gone, unless its film is made already."""
        for shot in await self.shots(series_id):
            if shot.shot == number and shot.state is State.RENDERED:
                (self.folder / shot.result_path).unlink(missing_ok=True)

    async def whole(self, series_id: str) -> Request:
        async with self.database.reading() as tx:
            return await requests.require(tx, series_id)

    async def _wait(self) -> bool:
        """Let time pass while anything is due, or a series that nobody saw is still to be ended."""
        if await super()._wait():
            return True
        async with self.database.reading() as tx:
            unseen = await acknowledgements.unacknowledged(
                tx, before_ms=self.now_ms + 180_000, exclude=(), limit=1
            )
        self.now_ms += 180_000
        return bool(unseen)

    async def settle_uncertain(self, series_id: str, *, ran: bool) -> None:
        """An owner finds out what became of the shots whose answer was lost."""
        for shot in await self.shots(series_id):
            if shot.state is not State.UNCERTAIN:
                continue
            tasks = [
                task for task, prompt in self.provider.tasks.items() if f'"{prompt}"' in shot.spec
            ]
            async with self.database._inner.transaction() as tx:
                if ran and tasks:
                    await requests.move(
                        tx,
                        shot.id,
                        source=State.UNCERTAIN,
                        target=State.RUNNING,
                        now_ms=self.now_ms,
                        task_id=tasks[-1],
                        submitted_at_ms=self.now_ms,
                        due_at_ms=self.now_ms,
                        lease_owner="",
                    )


@asynccontextmanager
async def open_series_harness(
    template: Path, folder: Path, video: Path
) -> AsyncIterator[SeriesHarness]:
    """A harness on a copy of a migrated database."""
    shutil.copyfile(template, folder / "rig.db")
    inner = await SqliteDatabase.open(folder / "rig.db")
    # no power fails here, and thousands of commits are made
    await inner._writer.execute("PRAGMA synchronous = OFF")
    messenger = ScriptedMessenger(lambda: harness.now_ms)
    harness = SeriesHarness(
        database=ShakyDatabase(inner),
        folder=folder,
        provider=SeriesProvider(),
        fetcher=ScriptedFetcher(video),
        messenger=messenger,
        max_active=2,
    )
    try:
        with no_pauses():
            yield harness
    finally:
        await inner.close()
