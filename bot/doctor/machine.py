"""The doctor's look at what is around the bot: certificates, the database, the disk."""

import asyncio
import ipaddress
import os
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.desk.disk import DiskGauge
from bot.doctor.findings import Finding, failed, ok, warning
from bot.settings import Settings
from storage import facts
from storage.database import Database, open_database, sqlite_path
from storage.errors import DatabaseNewer, StorageError

DISCORD: Final = "https://discord.com"
HANDSHAKE_S: Final = 8.0


async def check_tls(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the certificates of Discord and the provider are trusted here."""
    named = os.environ.get("SSL_CERT_FILE", "")
    if named and not await asyncio.to_thread(Path(named).is_file):
        yield failed("SSL", "SSL_CERT_FILE names a file that is not there", "correct or unset it")
        return
    context = ssl.create_default_context()
    for name, address in (
        ("Discord", settings.discord_api_url or DISCORD),
        ("the provider", settings.seedance_base_url),
    ):
        url = urlsplit(address)
        if url.scheme == "https":
            yield await _shake_hands(name, url, context)
        elif not _is_near(url.hostname or ""):
            yield warning(
                "SSL", f"{name} is spoken to without encryption", "use an https:// address"
            )


async def _shake_hands(name: str, url: SplitResult, context: ssl.SSLContext) -> Finding:
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            _, writer = await asyncio.open_connection(url.hostname, url.port or 443, ssl=context)
        writer.close()
    except ssl.SSLCertVerificationError as error:
        advice = (
            "install your system's CA certificates, or name the file that holds the one to trust"
            " in SSL_CERT_FILE; check the clock"
        )
        return failed("SSL", f"{name}'s certificate: {error.verify_message}", advice)
    except (OSError, TimeoutError) as error:
        reason = f"no connection to {name} ({type(error).__name__})"
        return failed("SSL", reason, f"check the network, a firewall, and {name}'s address")
    return ok("SSL", f"{name}'s certificate is trusted")


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host


async def open_for_checks(
    settings: Settings, stack: AsyncExitStack
) -> tuple[Database | None, Finding]:
    """The database if it can be read, and what is to be said of it."""
    url = settings.database_url.get_secret_value()
    is_sqlite = url.startswith("sqlite")
    if is_sqlite and not await asyncio.to_thread(sqlite_path(url).exists):
        return None, await asyncio.to_thread(_say_of_missing, sqlite_path(url))
    try:
        database = await open_database(url, migrate=False, check=False)
        stack.push_async_callback(database.close)
        return database, await _say_of_database(database)
    except DatabaseNewer as error:
        return None, failed("database", str(error).rstrip("."), "run the newer version")
    except StorageError as error:
        advice = "see that no other program holds the file, that it may be written, and the disk"
        if not is_sqlite:
            advice = "check DATABASE_URL, and that the server runs and takes connections from here"
        return None, failed("database", f"can't be used ({str(error).rstrip('.')})", advice)


def _say_of_missing(path: Path) -> Finding:
    if _may_be_made(path.parent):
        return ok("database", "not there yet, the first start makes it")
    return failed(
        "database", "not there, and its folder can't be written", "make the folder writable"
    )


def _may_be_made(folder: Path) -> bool:
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


async def _say_of_database(database: Database) -> Finding:
    kind = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database.dialect]
    if not await database.is_current():
        if database.dialect == "sqlite":
            return ok("database", f"{kind}, older than this code; the next start updates it")
        return failed("database", f"{kind}, older than this code", "run: video-bot migrate")
    async with database.transaction() as tx:
        await facts.set(tx, "doctor", "was here", 0)
        await facts.delete(tx, "doctor")
    return ok("database", f"{kind}, reachable, up to date, writable")


async def check_disk(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the data directory can be written and has room."""
    folder = settings.data_dir
    if not await asyncio.to_thread(folder.is_dir):
        if await asyncio.to_thread(_may_be_made, folder):
            yield ok("disk", "DATA_DIR is not there yet, the first start makes it")
        else:
            yield failed("disk", "DATA_DIR can't be made", "make its parent folder writable")
        return
    try:
        await asyncio.to_thread(_write, folder)
    except OSError as error:
        found = f"DATA_DIR can't be written ({type(error).__name__})"
        yield failed("disk", found, "give the bot's user the folder, or make room")
        return
    yield ok("disk", "DATA_DIR is writable")
    yield await _check_room(settings)


def _write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"doctor" * 1000)
        file.flush()
        os.fsync(file.fileno())


async def _check_room(settings: Settings) -> Finding:
    gauge = DiskGauge(settings.data_dir, limit_bytes=int(settings.data_max_gb * 1e9))
    await gauge.measure()
    used, free = gauge.used_bytes / 1e9, gauge.free_bytes / 1e9
    found = f"{used:.1f} of {settings.data_max_gb:g} GB used, {free:.1f} GB free"
    if gauge.is_nearly_full:
        advice = "make room, raise DATA_MAX_GB, or shorten retention_days; new requests are refused"
        return failed("room", found, advice)
    if used + free < settings.data_max_gb:
        return warning("room", found, "the disk is smaller than DATA_MAX_GB allows: lower it")
    return ok("room", found)
