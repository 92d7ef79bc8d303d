"""Start the real bot between a simulated Discord and a simulated provider."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any, Final

import simcord
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.app import App, open_app
from bot.demo.discord.cdn import LoopbackCdn
from bot.demo.discord.guilds import OWNER_ID, SCHOOL_ID, SERVER_ID, World, build_world
from bot.demo.provider.billing import DEMO_PRICES
from bot.demo.provider.render_pool import RenderOptions
from bot.demo.provider.simulator import DEFAULT_KEY, SeedanceSimulator
from bot.demo.provider.trigger_words import apply_trigger_words
from bot.demo.safety_checker import safety_checker
from bot.settings import Settings

SETTLE_S: Final = 20.0
"""How long SimCord waits for the bot to respond."""

SLOTS: Final = 2
"""Concurrent tasks at the simulated provider: few, so that a queue forms."""

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""


class DemoSettings(Settings):
    """Settings from the constructor only: the environment and `.env` are ignored."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use constructor arguments only."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class DemoRuntime:
    """The running demo; `worker` ends only on shutdown or by an error."""

    app: App
    env: simcord.Env
    world: World
    provider: SeedanceSimulator
    worker: asyncio.Task[None]


@asynccontextmanager
async def open_demo(
    *,
    seconds_per_video: float | Callable[[Mapping[str, object]], float],
    render_options: RenderOptions = RenderOptions(),  # noqa: B008 - immutable
    clock: Callable[[], int] | None = None,
) -> AsyncIterator[DemoRuntime]:
    """Run the bot in a temporary directory, with both simulators on this machine.

    Raises: what starting the bot raises, and simcord.SetupError.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="video-bot-demo-"))
        cdn = await stack.enter_async_context(LoopbackCdn())
        provider = await stack.enter_async_context(
            SeedanceSimulator(
                seconds_per_video=seconds_per_video,
                prices=DEMO_PRICES,
                render_options=render_options,
            )
        )
        apply_trigger_words(provider)
        checker = await stack.enter_async_context(safety_checker())
        settings = _settings(Path(folder), provider.url, cdn.address, checker)
        app = await stack.enter_async_context(open_app(settings, clock=clock))
        stop = asyncio.Event()
        # started before SimCord patches the loop, whose tasks run on a frozen clock
        worker = asyncio.create_task(app.worker.run(stop), name="worker")

        async def rest() -> None:
            stop.set()
            await asyncio.wait({worker})

        stack.push_async_callback(rest)
        env = await stack.enter_async_context(
            simcord.run(app.bot, check_errors=False, settle_timeout=SETTLE_S)
        )
        env.backend.cdn = cdn
        # stop the worker before SimCord closes: its last posts still need Discord
        stack.push_async_callback(rest)
        yield DemoRuntime(app, env, build_world(env), provider, worker)


def _settings(folder: Path, provider_url: str, cdn_address: str, checker: str) -> Settings:
    return DemoSettings(
        discord_token=SecretStr("simulated-token"),
        seedance_base_url=provider_url,
        seedance_api_key=SecretStr(DEFAULT_KEY),
        database_url=SecretStr(f"sqlite:///{folder / 'video-bot.db'}"),
        data_dir=folder / "data",
        seedance_max_active=SLOTS,
        allowed_guilds=(SERVER_ID, SCHOOL_ID),
        owner_ids=(OWNER_ID,),
        owner_guild_id=SERVER_ID,
        allow_private_hosts=(cdn_address,),
        safety_check=checker,
        currency="USD",
        http_port=0,
    )


@asynccontextmanager
async def interruptible() -> AsyncIterator[asyncio.Event]:
    """An event set by Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Windows does not support signal handlers on the loop
    with suppress(NotImplementedError):
        for number in (SIGINT, SIGTERM):
            loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        with suppress(NotImplementedError):
            for number in (SIGINT, SIGTERM):
                loop.remove_signal_handler(number)


async def run_until(
    stop: asyncio.Event, worker: asyncio.Task[None], act: Coroutine[Any, Any, int]
) -> int:
    """Return the exit code of `act`, or INTERRUPTED if `stop` is set first.

    Raises: what `act` raises, and the worker's error.
    """
    playing = asyncio.create_task(act, name="act")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({playing, stopping, worker}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if playing.done():
        return playing.result()
    playing.cancel()
    await asyncio.wait({playing})
    if worker.done():
        worker.result()
        raise RuntimeError("the worker stopped early")
    return INTERRUPTED
