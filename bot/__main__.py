"""The command line: run, demo, doctor, migrate, backup, restore."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.logs import set_up_logs
from bot.settings import Settings, SettingsError, load_settings, problem
from storage.engine.database import open_database, sqlite_path
from storage.errors import BotError, DatabaseNewer, DatabaseUnusable, StorageError
from storage.files import stored_files

app = typer.Typer(
    name="video-bot",
    help="A Discord bot that makes AI videos with Seedance 2.0.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class RoleName(StrEnum):
    """Which part of the bot a process runs."""

    ALL = "all"
    GATEWAY = "gateway"
    WORKER = "worker"


def _settings() -> Settings:
    """Load the settings and set up logging; exit 2 with a line for each invalid setting."""
    try:
        settings = load_settings()
        if settings.ssl_cert_file is not None:
            # OpenSSL reads the environment, but the setting may come from `.env`
            os.environ["SSL_CERT_FILE"] = str(settings.ssl_cert_file)
        from bot.app import load_models  # noqa: PLC0415 - only once the settings are known to be fine

        load_models(settings)
    except SettingsError as error:
        _exit_for(error)
    set_up_logs(settings.log_level, settings.log_format, hidden=settings.secrets)
    return settings


def _exit_for(error: SettingsError) -> Any:
    for line in error.lines:
        print(line, file=sys.stderr)  # noqa: T201 - this is the command line's answer
    raise typer.Exit(2) from None


@contextmanager
def _exit_on_error() -> Iterator[None]:
    """Print expected errors one per line; exit 2 for an invalid setting, otherwise 1."""
    try:
        yield
    except SettingsError as error:
        _exit_for(error)
    except (DatabaseNewer, DatabaseUnusable) as error:
        _exit_for(SettingsError([problem("DATABASE_URL", str(error))]))
    except BotError as error:
        _echo(str(error), to_stderr=True)
        raise typer.Exit(1) from None
    except BaseExceptionGroup as errors:
        foreseen, rest = errors.split(BotError)
        if rest is not None or foreseen is None:
            raise
        for leaf in _leaves(foreseen):
            _echo(str(leaf), to_stderr=True)
        raise typer.Exit(1) from None


def _echo(text: str, *, to_stderr: bool = False) -> None:
    print(text, file=sys.stderr if to_stderr else sys.stdout, flush=True)


def is_windows() -> bool:
    """Windows has none of the signals, file locks and resource limits the bot needs."""
    return os.name == "nt"


@app.callback()
def _refuse_windows() -> None:
    if is_windows():
        _echo(
            "Windows itself can't run this bot: run it in WSL (Windows Subsystem for Linux) or in"
            " a container.",
            to_stderr=True,
        )
        raise typer.Exit(2)


@app.command()
def run(
    role: Annotated[
        RoleName, typer.Option(help="run one part only, for several processes on PostgreSQL")
    ] = RoleName.ALL,
) -> None:
    """Run the bot: gateway, commands and worker in one process."""
    settings = _settings()
    with _exit_on_error():
        asyncio.run(_run(settings, role))


def _leaves(group: BaseExceptionGroup[BotError]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


async def _run(settings: Settings, role: RoleName) -> None:
    from bot.app import open_app  # noqa: PLC0415 - keeps the other commands quick

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_app(settings, role=role.value) as built:
        await built.run(stop)


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="run one request through to the posted video, then exit")
    ] = False,
    port: Annotated[int, typer.Option(help="port of the web page; 0 picks a free one")] = 0,
) -> None:
    """Run the real bot without any account, against a simulated Discord and provider."""
    try:
        from bot.demo import commands  # noqa: PLC0415 - needs the demo's own packages
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"bot", "cogs", "storage"}:
            raise
        _echo(f"The demo needs {error.name}: make demo installs it", to_stderr=True)
        raise typer.Exit(1) from None
    set_up_logs("WARNING", "text")
    raise typer.Exit(asyncio.run(commands.play_once() if once else commands.serve_page(port)))


@app.command()
def doctor() -> None:
    """Check token, provider, database, disk and permissions, with advice for each problem."""
    settings = _settings()
    set_up_logs("CRITICAL", settings.log_format, hidden=settings.secrets)

    async def run_checks() -> bool:
        from bot.doctor import Grade, report_lines  # noqa: PLC0415 - keeps the other commands quick

        is_well = True
        async for line, grade in report_lines(settings):
            _echo(line)
            is_well = is_well and grade is not Grade.FAILED
        return is_well

    with _exit_on_error():
        is_well = asyncio.run(run_checks())
    if not is_well:
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Apply database migrations (`run` does this itself on SQLite)."""
    settings = _settings()

    async def apply_migrations() -> int:
        url = settings.database_url.get_secret_value()
        database = await open_database(url, migrate=False, check=False)
        try:
            return await database.migrate()
        finally:
            await database.close()

    with _exit_on_error():
        done = asyncio.run(apply_migrations())
    _echo(f"{done} migrations applied." if done else "The database is up to date.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="path of the copy")]) -> None:
    """Write a consistent copy of the SQLite database while the bot runs."""
    settings = _settings()

    async def copy() -> int:
        from bot.services.operations.backups import note_backup  # noqa: PLC0415 - quick to start

        url = settings.database_url.get_secret_value()
        _require_file(url)
        database = await open_database(url, migrate=False, check=False)
        try:
            await database.backup(file)
            with suppress(StorageError):
                # an older schema has no place for it
                async with database.transaction() as tx:
                    await note_backup(tx, time.time_ns() // 1_000_000)
                    return (await stored_files.total(tx))[1]
            return 0
        finally:
            await database.close()

    with _exit_on_error():
        number = asyncio.run(copy())
    _echo(f"Written: {file}")
    if settings.store_address is not None:
        _echo(f"It lists {number} files in {settings.store_address}: keep those as well.")


@app.command()
def restore(
    file: Annotated[Path | None, typer.Argument(help="a copy that `backup` made")] = None,
    mark: Annotated[
        bool,
        typer.Option(
            "--mark", help="the database was restored by other means, such as pg_restore: park only"
        ),
    ] = False,
) -> None:
    """Put a copy in place of the SQLite database while the bot is stopped."""
    if mark == (file is not None):
        _echo("Give the copy's file, or --mark alone.", to_stderr=True)
        raise typer.Exit(1)
    settings = _settings()
    from bot.bootstrap.restore import (  # noqa: PLC0415 - keeps the other commands quick
        mark_restored,
        restore_copy,
    )

    with _exit_on_error():
        doing = mark_restored(settings) if file is None else restore_copy(settings, file)
        parked = asyncio.run(doing)
    _echo(f"Restored: {file}" if file else "The database is marked as restored.")
    if parked.drafts:
        _echo(f"{parked.drafts} unconfirmed requests have ended.")
    _echo(
        f"{parked.requests} requests wait as uncertain: say in /owner uncertain which ran and which"
        " may go."
        if parked.requests
        else "Nothing in it was waiting to be sent."
    )


def _require_file(url: str) -> None:
    """Refuse a missing SQLite file: opening it would create an empty database to back up."""
    if url.startswith("sqlite") and not sqlite_path(url).exists():
        wrong = f"{sqlite_path(url).absolute()} is not there, so there is nothing to copy"
        raise SettingsError([problem("DATABASE_URL", wrong)])


def main() -> None:
    """The entry point of `video-bot` and `python -m bot`."""
    app()


if __name__ == "__main__":
    main()
