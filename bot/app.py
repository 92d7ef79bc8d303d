"""Composition root: builds everything once and closes it in reverse."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from bot.bootstrap.context import AppContext
from bot.bootstrap.data_dir import prepare_data_dir
from bot.bootstrap.files import open_files
from bot.bootstrap.gateway import build_bot, build_heartbeat
from bot.bootstrap.services import build_services
from bot.bootstrap.worker import build_parts, build_worker
from bot.client import VideoBot, point_discord_at
from bot.delivery.poster import DiscordPoster
from bot.media.download.fetch import Fetcher
from bot.provider.client import SeedanceClient, call_name, open_session
from bot.rules.catalogue import Catalogue, CatalogueError, load_catalogue
from bot.services.media_files.files import MediaFiles
from bot.services.operations.disk_space import DiskSpace, watch_room
from bot.services.operations.gateways import GatewayHeartbeat
from bot.services.operations.identify_pace import PACE_MS
from bot.services.operations.price_list import PriceListService
from bot.services.requests.saved_forms import FORM_WAIT_S
from bot.services.templates.files import TemplateFiles
from bot.services.wakeup import Wakeup, send_wakeups
from bot.settings import Settings, SettingsError, problem
from bot.web.server import HealthServer
from bot.web.status import Status
from bot.worker.context import LEASE_MS
from bot.worker.maintenance.cleanup import remove_broken_downloads
from bot.worker.worker import Worker
from storage.engine.clock import DatabaseClock
from storage.engine.database import open_database
from storage.engine.signals import listen
from storage.engine.transaction import Database

logger = logging.getLogger(__name__)

Role = Literal["all", "gateway", "worker"]


def wall_clock() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class App:
    """Everything, built and open; `run` runs it."""

    settings: Settings
    role: Role
    database: Database
    catalogue: Catalogue
    bot: VideoBot
    worker: Worker
    web: HealthServer
    disk: DiskSpace
    provider: SeedanceClient
    clock: Callable[[], int]
    heartbeat: GatewayHeartbeat
    """Of the gateway's shards."""
    wakeup: Wakeup
    """Wakes the worker of this process."""
    prices: PriceListService | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; then the gateway is left and the worker's steps finish.

        Raises what ends a part permanently, such as a refused Discord token.
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
                    group.create_task(self.heartbeat.run(stop), name="shards")
                if isinstance(self.clock, DatabaseClock):
                    group.create_task(self.clock.follow(stop), name="clock")
                if self.database.dialect == "postgres":
                    group.create_task(self._signal(stop), name="signals")
                if self.role == "gateway":
                    watching = watch_room(self.database, self.disk, stop, self.clock)
                    group.create_task(watching, name="disk")
                    if self.prices is not None:
                        group.create_task(self.prices.follow(stop), name="prices")
                else:
                    group.create_task(self.worker.run(stop), name="worker")
            logger.info("Stopped", extra={"action": "app.stopped"})

    async def _signal(self, stop: asyncio.Event) -> None:
        """Signal the workers of other processes, or be signalled, until `stop` is set."""
        url = self.settings.database_url.get_secret_value()
        if self.role == "gateway":
            work = send_wakeups(self.database, self.wakeup)
        else:
            work = listen(url, self.wakeup.of_signal)
        working = asyncio.ensure_future(work)
        await stop.wait()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


def load_models(settings: Settings) -> Catalogue:
    """Load the catalogue with the owner's file, and check the settings that name models.

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


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    role: Role = "all",
    clock: Callable[[], int] | None = None,
    fixed_poll_ms: int = 0,
    lease_ms: int = LEASE_MS,
    pace_ms: int = PACE_MS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    form_wait_s: float = FORM_WAIT_S,
) -> AsyncIterator[App]:
    """Build the app for one role; close everything in reverse at the end.

    Without a `clock` time is the database server's on PostgreSQL, so that several hosts agree on
    leases, and this machine's on SQLite. `fixed_poll_ms`, `lease_ms`,
    `pace_ms` of identifying and `sleep`, which paces the edits of progress cards and what of
    Discord is tried again, and `form_wait_s` for what a form shows are for benchmarks and tests.
    On SQLite the database is brought up to date first, on PostgreSQL `video-bot migrate` does it.
    Raises: SettingsError, StorageError.
    """
    catalogue = load_models(settings)
    point_discord_at(settings.discord_api_url, settings.discord_gateway_url)
    url = settings.database_url.get_secret_value()
    if role != "all" and url.startswith("sqlite"):
        wrong = f"SQLite serves one process, so --role {role} needs PostgreSQL"
        raise SettingsError([problem("DATABASE_URL", wrong)])
    _require_all_shards(settings)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(prepare_data_dir, settings.data_dir)
        database = await open_database(url, migrate=url.startswith("sqlite"))
        stack.push_async_callback(database.close)
        tuning = {"fixed_poll_ms": fixed_poll_ms, "lease_ms": lease_ms}
        known = clock or await _clock_of(database)
        base = AppContext(settings, catalogue, database, known, stack, sleep, form_wait_s)
        yield await _build(base, role, tuning, pace_ms)


def _require_all_shards(settings: Settings) -> None:
    """Refuse a part of the shards on SQLite, which has no other process for the rest."""
    shards = settings.shard_range
    if shards is None or shards.is_whole:
        return
    if settings.database_url.get_secret_value().startswith("sqlite"):
        wrong = (
            f"{shards} is a part, and SQLite serves one process: use PostgreSQL, or leave it empty"
        )
        raise SettingsError([problem("SHARDS", wrong)])


async def _clock_of(database: Database) -> Callable[[], int]:
    if database.dialect != "postgres":
        return wall_clock
    clock = DatabaseClock(database)
    await clock.refresh()
    return clock


async def _build(base: AppContext, role: Role, tuning: Mapping[str, int], pace_ms: int) -> App:
    """Build the parts in order of their dependencies."""
    settings, database, clock = base.settings, base.database, base.clock
    wakeup, erased = Wakeup(), Wakeup()
    media_files = await open_files(base)
    limit_bytes = int(settings.data_max_gb * 1e9)
    disk = DiskSpace(settings.data_dir, limit_bytes=limit_bytes, files=media_files)
    provider = await _open_provider(base)
    fetcher = await base.stack.enter_async_context(
        Fetcher(allow_private=settings.allow_private_hosts, proxies=settings.proxies)
    )
    files = TemplateFiles(fetcher, settings.data_dir)
    services = build_services(base, provider, files, media_files, disk, wakeup, erased)
    bot = build_bot(base, services, pace_ms)
    base.stack.push_async_callback(bot.close)
    prices = await _open_prices(base)
    messenger = DiscordPoster(bot, services.texts, base.catalogue, settings.currency)
    parts = await build_parts(base, messenger, provider, media_files, wakeup, tuning, prices)
    worker = build_worker(base, parts, disk, wakeup, erased)
    if role != "gateway":
        # on SQLite this is the only process, so no partial download is another's
        older_than_s = 0 if database.dialect == "sqlite" else 3600
        await asyncio.to_thread(
            remove_broken_downloads, settings.data_dir, older_than_s=older_than_s
        )
    own_worker = None if role == "gateway" else parts.settings.owner
    web = _web_side(base, disk, media_files, None if role == "worker" else bot, own_worker)
    return App(
        settings=settings,
        role=role,
        database=database,
        catalogue=base.catalogue,
        bot=bot,
        worker=worker,
        web=web,
        disk=disk,
        provider=provider,
        clock=clock,
        heartbeat=build_heartbeat(base, bot, parts.settings.owner),
        wakeup=wakeup,
        prices=prices,
    )


async def _open_provider(base: AppContext) -> SeedanceClient:
    """The provider's client with a session of its own; its calls are measured."""
    settings, metrics = base.settings, base.metrics
    session = await base.stack.enter_async_context(open_session(settings.proxies))
    return SeedanceClient(
        session,
        settings.seedance_base_url,
        settings.seedance_api_key.get_secret_value(),
        observe=lambda path, outcome, s: metrics.provider_call(call_name(path), outcome, s),
    )


async def _open_prices(base: AppContext) -> PriceListService | None:
    """The provider's price list as last read, in effect; None with `PRICES_FROM=file`."""
    if base.settings.prices_from == "file":
        return None
    prices = PriceListService(
        base.database, base.catalogue, owner_ids=base.settings.owner_ids, clock=base.clock
    )
    await prices.load()
    return prices


def _web_side(
    base: AppContext,
    disk: DiskSpace,
    files: MediaFiles,
    bot: VideoBot | None,
    own_worker: str | None,
) -> HealthServer:
    status = Status(
        base.database,
        disk,
        clock=base.clock,
        shards=None if bot is None else bot.shard_states,
        own_worker=own_worker,
        measured=base.metrics,
        key_id=base.key_id,
        is_store_away=(lambda: files.is_away) if base.settings.media_store else None,
    )
    return HealthServer(
        base.settings.http_host,
        base.settings.http_port,
        readiness=status.readiness,
        metrics=status.metrics,
        shards=status.shards,
    )
