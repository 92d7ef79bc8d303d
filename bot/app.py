"""Builds everything once and closes it in reverse; the only place that does."""

import asyncio
import json
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bot.client import CommandMemory, VideoBot, point_discord_at
from bot.desk.administration import AdminDesk
from bot.desk.admission import Admission, DeskSettings
from bot.desk.allowances import AllowanceDesk
from bot.desk.arrivals import ArrivalDesk
from bot.desk.blocks import BlockDesk
from bot.desk.chronicle import HistoryDesk
from bot.desk.complaints import ComplaintDesk
from bot.desk.disk import DiskGauge, watch_room
from bot.desk.drafts import DraftDesk
from bot.desk.followups import FollowUpDesk
from bot.desk.forms import FormDesk
from bot.desk.limits import MICROS
from bot.desk.metering import QuotaSettings
from bot.desk.models import ModelDesk
from bot.desk.mydata import MyDataDesk
from bot.desk.newcomers import Newcomers
from bot.desk.owner import OwnerDesk, OwnerSettings
from bot.desk.owners import OWNERS
from bot.desk.quotas import QuotaDesk
from bot.desk.requests import RequestDesk
from bot.desk.reviews import ReviewDesk
from bot.desk.spending import SpendingDesk
from bot.desk.uncertain import UncertainDesk
from bot.desk.words import WordDesk
from bot.media.charts import Charts
from bot.media.fetch import Fetcher
from bot.media.process import MediaProcess
from bot.posting.editor import CardEditor
from bot.posting.review_poster import ReviewPoster
from bot.posting.services import Services
from bot.posting.texts import Texts
from bot.provider.client import SeedanceClient, open_session
from bot.rules.catalogue import Catalogue, CatalogueError, load_catalogue
from bot.settings import Settings, SettingsError, problem
from bot.versions import versions
from bot.web.server import WebSide
from bot.web.status import Status
from bot.worker.cards import CardRecorder, Cards
from bot.worker.nudge import Nudge
from bot.worker.parts import LEASE_MS, Parts, WorkerSettings
from bot.worker.poll import Poller
from bot.worker.review_work import ReviewWork
from bot.worker.sweep import remove_broken_downloads
from bot.worker.worker import Worker
from storage import facts
from storage.database import Database, open_database

logger = logging.getLogger(__name__)

RESULTS_AT_ONCE = 4
"""Downloads of finished videos: more of them cost memory and gain nothing."""

Role = Literal["all", "gateway", "worker"]


def wall_clock() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class App:
    """Everything, built and open; `run` puts it to work."""

    settings: Settings
    role: Role
    database: Database
    catalogue: Catalogue
    bot: VideoBot
    worker: Worker
    web: WebSide
    disk: DiskGauge
    provider: SeedanceClient
    clock: Callable[[], int]

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set: gateway first to go, then the worker's steps are finished.

        Raises what ends a part for good, such as a refused Discord token.
        """
        async with AsyncExitStack() as stack:
            if self.settings.http_port:
                await stack.enter_async_context(self.web)
            token = self.settings.discord_token.get_secret_value()
            async with asyncio.TaskGroup() as group:
                if self.role == "worker":
                    group.create_task(self.bot.serve_rest(token, stop), name="discord")
                else:
                    group.create_task(self.bot.serve(token, stop), name="discord")
                if self.role == "gateway":
                    watching = watch_room(self.database, self.disk, stop, self.clock)
                    group.create_task(watching, name="disk")
                else:
                    group.create_task(self.worker.run(stop), name="worker")
            logger.info("Stopped", extra={"action": "app.stopped"})


def load_models(settings: Settings) -> Catalogue:
    """The catalogue with the owner's file, checked against the settings that name models.

    Raises: SettingsError with a line for each setting at fault.
    """
    try:
        catalogue = load_catalogue(settings.models_file)
    except CatalogueError as error:
        raise SettingsError([problem("MODELS_FILE", str(error).rstrip("."))]) from None
    lines = []
    if catalogue.get(settings.default_model) is None:
        known = ", ".join(catalogue.names)
        wrong = f"names {settings.default_model}, which is no model; known are {known}"
        lines.append(problem("DEFAULT_MODEL", wrong))
    if settings.new_server_models not in (("all",), ("default",)):
        unknown = [name for name in settings.new_server_models if catalogue.get(name) is None]
        if unknown:
            wrong = f"takes all, default or models; {', '.join(unknown)} is none"
            lines.append(problem("NEW_SERVER_MODELS", wrong))
    if lines:
        raise SettingsError(lines)
    return catalogue


def quota_settings(settings: Settings) -> QuotaSettings:
    """The owner's limits as the desks count them."""

    def micros(budget: Decimal | None) -> int | None:
        return None if budget is None else int(budget * MICROS)

    return QuotaSettings(
        member_videos=settings.user_daily_videos,
        server_videos=settings.server_daily_videos,
        bot_videos=settings.bot_daily_videos,
        server_budget=micros(settings.server_monthly_budget),
        bot_budget=micros(settings.bot_monthly_budget),
        currency=settings.currency,
        owner_ids=settings.owner_ids,
    )


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    role: Role = "all",
    clock: Callable[[], int] = wall_clock,
    fixed_poll_ms: int = 0,
    lease_ms: int = LEASE_MS,
) -> AsyncIterator[App]:
    """Build the app for one role; closes everything in reverse at the end.

    `fixed_poll_ms` and `lease_ms` are for benchmarks and tests.
    On SQLite the database is brought up to date first, on PostgreSQL `video-bot migrate` does it.
    Raises: SettingsError, StorageError.
    """
    catalogue = load_models(settings)
    point_discord_at(settings.discord_api_url, settings.discord_gateway_url)
    url = settings.database_url.get_secret_value()
    if role != "all" and url.startswith("sqlite"):
        wrong = f"SQLite serves one process, so --role {role} needs PostgreSQL"
        raise SettingsError([problem("DATABASE_URL", wrong)])
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = await open_database(url, migrate=url.startswith("sqlite"))
        stack.push_async_callback(database.close)
        builder = _Builder(settings, catalogue, database, clock, stack)
        yield await builder.build(role, {"fixed_poll_ms": fixed_poll_ms, "lease_ms": lease_ms})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gateway remembers between starts, kept in the database."""

    database: Database
    clock: Callable[[], int]

    async def load_commands(self) -> str | None:
        """The digest of the commands as they were last registered."""
        async with self.database.reading() as tx:
            return await facts.get(tx, "commands")

    async def save_commands(self, digest: str) -> None:
        """Remember what was registered."""
        async with self.database.transaction() as tx:
            await facts.set(tx, "commands", digest, self.clock())

    async def note_owners(self, owner_ids: Sequence[int]) -> None:
        """Remember whom Discord names as the application's owners: workers tell them of trouble."""
        async with self.database.transaction() as tx:
            await facts.set(tx, OWNERS, json.dumps(list(owner_ids)), self.clock())


@dataclass(frozen=True, slots=True)
class _Builder:
    """The order in which the parts come to be."""

    settings: Settings
    catalogue: Catalogue
    database: Database
    clock: Callable[[], int]
    stack: AsyncExitStack
    erased: Nudge = field(default_factory=Nudge)
    """Wakes the worker's sweep: data was deleted, its files and messages follow."""

    async def build(self, role: Role, tuning: Mapping[str, int]) -> App:
        settings = self.settings
        nudge = Nudge()
        disk = DiskGauge(settings.data_dir, limit_bytes=int(settings.data_max_gb * 1e9))
        provider = await self._provider()
        services = self._services(disk, nudge, provider)
        memory = Facts(self.database, self.clock)
        bot = VideoBot(
            services,
            memory=CommandMemory(load=memory.load_commands, save=memory.save_commands),
            owner_guild_id=settings.owner_guild_id,
            owners_heard=memory.note_owners,
            is_for_all=not settings.allowed_guilds,
        )
        self.stack.push_async_callback(bot.close)
        messenger = ReviewPoster(bot, services.texts, self.catalogue, settings.currency)
        parts = await self._parts(messenger, provider, nudge, tuning)
        worker = self._worker(parts, messenger, disk, nudge)
        if role != "gateway":
            # on SQLite this is the only process, so that nothing half-done can be another's
            older_than_s = 0 if self.database.dialect == "sqlite" else 3600
            await asyncio.to_thread(
                remove_broken_downloads, settings.data_dir, older_than_s=older_than_s
            )
        status = Status(
            self.database,
            disk,
            clock=self.clock,
            is_connected=None if role == "worker" else bot.is_connected,
            own_worker=None if role == "gateway" else parts.settings.owner,
        )
        web = WebSide(
            settings.http_host,
            settings.http_port,
            readiness=status.readiness,
            metrics=status.metrics,
        )
        return App(
            settings,
            role,
            self.database,
            self.catalogue,
            bot,
            worker,
            web,
            disk,
            provider,
            self.clock,
        )

    async def _provider(self) -> SeedanceClient:
        session = await self.stack.enter_async_context(open_session())
        settings = self.settings
        key = settings.seedance_api_key.get_secret_value()
        return SeedanceClient(session, settings.seedance_base_url, key)

    def _services(self, disk: DiskGauge, nudge: Nudge, provider: SeedanceClient) -> Services:
        settings = self.settings
        models = ModelDesk(
            self.database,
            self.catalogue,
            default=settings.default_model,
            for_new=settings.new_server_models,
        )
        quotas = QuotaDesk(quota_settings(settings))
        limits = DeskSettings(
            allowed_guilds=frozenset(settings.allowed_guilds),
            max_active=settings.seedance_max_active,
            upload_limit_bytes=settings.upload_limit_bytes,
        )
        admission = Admission(self.catalogue, models, disk, limits)
        desk = RequestDesk(
            self.database,
            self.catalogue,
            models,
            quotas,
            admission,
            limits,
            clock=self.clock,
            choose=secrets.choice,
            nudge=nudge,
        )
        texts = Texts()
        return Services(
            requests=desk,
            admin=AdminDesk(
                self.database,
                self.catalogue,
                models,
                languages=texts.languages,
                clock=self.clock,
                erased=self.erased,
            ),
            arrivals=ArrivalDesk(
                self.database,
                allowed_guilds=settings.allowed_guilds,
                clock=self.clock,
                nudge=nudge,
            ),
            my_data=MyDataDesk(self.database, clock=self.clock, nudge=nudge, erased=self.erased),
            newcomers=Newcomers(self.database, clock=self.clock),
            models=models,
            owner=self._owner_desk(disk, nudge, provider),
            uncertain=UncertainDesk(
                self.database,
                provider,
                owner_ids=settings.owner_ids,
                owner_guild_id=settings.owner_guild_id,
                clock=self.clock,
                nudge=nudge,
            ),
            quotas=AllowanceDesk(
                self.database, quotas, clock=self.clock, currency=settings.currency
            ),
            drafts=DraftDesk(self.database, admission, quotas, clock=self.clock, nudge=nudge),
            followups=FollowUpDesk(self.database, self.catalogue, models),
            forms=self._form_desk(models, admission),
            spending=SpendingDesk(
                self.database,
                clock=self.clock,
                currency=settings.currency,
                has_prices=any(spec.price is not None for spec in self.catalogue),
            ),
            charts=self._charts(),
            reviews=ReviewDesk(self.database, clock=self.clock, nudge=nudge),
            complaints=ComplaintDesk(self.database, clock=self.clock, nudge=nudge),
            history=HistoryDesk(self.database),
            blocks=BlockDesk(self.database, clock=self.clock),
            words=WordDesk(self.database, clock=self.clock),
            texts=texts,
            catalogue=self.catalogue,
            clock=self.clock,
            currency=settings.currency,
            privacy_url=settings.privacy_url,
            terms_url=settings.terms_url,
        )

    def _form_desk(self, models: ModelDesk, admission: Admission) -> FormDesk:
        desk = FormDesk(
            self.database,
            self.catalogue,
            models,
            admission,
            clock=self.clock,
            choose=secrets.choice,
        )
        self.stack.push_async_callback(desk.close)
        return desk

    def _charts(self) -> Charts:
        charts = Charts()
        self.stack.push_async_callback(charts.close)
        return charts

    def _owner_desk(self, disk: DiskGauge, nudge: Nudge, provider: SeedanceClient) -> OwnerDesk:
        return OwnerDesk(
            self.database,
            provider,
            disk,
            OwnerSettings(
                owner_ids=self.settings.owner_ids,
                owner_guild_id=self.settings.owner_guild_id,
                has_prices=any(spec.price is not None for spec in self.catalogue),
                versions=versions(),
            ),
            clock=self.clock,
            nudge=nudge,
        )

    async def _parts(
        self,
        messenger: ReviewPoster,
        provider: SeedanceClient,
        nudge: Nudge,
        tuning: Mapping[str, int],
    ) -> Parts:
        settings = self.settings
        private = settings.allow_private_hosts
        origin = urlsplit(settings.seedance_base_url).netloc
        media = MediaProcess()
        self.stack.push_async_callback(media.close)
        return Parts(
            database=self.database,
            catalogue=self.catalogue,
            provider=provider,
            input_fetcher=await self.stack.enter_async_context(Fetcher(allow_private=private)),
            result_fetcher=await self.stack.enter_async_context(
                Fetcher(allow_private=(*private, origin), parallel=RESULTS_AT_ONCE)
            ),
            media=media,
            messenger=messenger,
            settings=WorkerSettings(
                data_dir=settings.data_dir,
                owner=f"{socket.gethostname()}-{secrets.token_hex(6)}",
                host=await asyncio.to_thread(host_of, settings.data_dir),
                max_active=settings.seedance_max_active,
                media_via=settings.media_via,
                give_up_ms=int(settings.give_up_hours * 3_600_000),
                upload_limit_bytes=settings.upload_limit_bytes,
                owner_ids=settings.owner_ids,
                **tuning,
            ),
            clock=self.clock,
            nudge=nudge,
        )

    def _worker(
        self, parts: Parts, messenger: ReviewPoster, disk: DiskGauge, nudge: Nudge
    ) -> Worker:
        recorder = CardRecorder(self.database)
        editor = CardEditor(parts.messenger, shown=recorder.shown, lost=recorder.lost)
        self.stack.push_async_callback(editor.close)
        cards = Cards(parts, editor)
        poller = Poller(parts, cards.show_progress)
        return Worker(
            parts,
            cards,
            poller,
            disk,
            nudge,
            erased=self.erased,
            reviews=ReviewWork(parts, messenger),
        )


def host_of(data_dir: Path) -> str:
    """The name of this data directory, made once: files are where it is, whatever the machine."""
    path = data_dir / "host-id"
    try:
        name = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        name = ""
    if not name:
        name = secrets.token_hex(8)
        path.write_text(name + "\n", encoding="utf-8")
    return name
