"""Checks of the environment: proxy, certificates, database, disk."""

import asyncio
import ipaddress
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bot.connection import ProxyRefused, RoutedConnector
from bot.doctor.findings import Finding, failed, ok, warning
from bot.media.download.allowed_hosts import is_fake_ip
from bot.proxy import Proxies
from bot.services.media_files.on_disk import DiskFiles
from bot.services.operations.disk_space import SPARE_BYTES, DiskSpace
from bot.settings import Settings
from storage.engine.database import open_database, sqlite_path
from storage.engine.transaction import Database
from storage.errors import DatabaseNewer, DatabaseUnusable, StorageError
from storage.operations import key_values

DISCORD: Final = "https://discord.com"
HANDSHAKE_S: Final = 8.0
LOOK_UP_S: Final = 3.0
PROXY_LOGIN_WANTED: Final = 407
CDN: Final = "cdn.discordapp.com"


async def check_tls(settings: Settings) -> AsyncIterator[Finding]:
    """Check that the certificates of Discord and the provider are trusted."""
    named = os.environ.get("SSL_CERT_FILE", "")
    if named and not await asyncio.to_thread(Path(named).is_file):
        yield failed("SSL", "SSL_CERT_FILE names a file that is not there", "correct or unset it")
        return
    for name, address in (
        ("Discord", settings.discord_api_url or DISCORD),
        ("the provider", settings.seedance_base_url),
    ):
        url = urlsplit(address)
        if url.scheme == "https":
            yield await _check_handshake(name, address, settings.proxies)
        elif not _is_local(url.hostname or ""):
            yield warning(
                "SSL", f"{name} is spoken to without encryption", "use an https:// address"
            )


async def _check_handshake(name: str, address: str, proxies: Proxies) -> Finding:
    """Connect as the bot does, through the proxy where one is set."""
    timeout = aiohttp.ClientTimeout(total=HANDSHAKE_S)
    through = f" through the proxy {proxies.shown}" if proxies.of(URL(address)) else ""
    try:
        async with (
            aiohttp.ClientSession(
                connector=RoutedConnector(proxies.of), cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.head(address, allow_redirects=False, timeout=timeout),
        ):
            pass
    except aiohttp.ClientConnectorCertificateError as error:
        advice = (
            "install your system's CA certificates, or name the file that holds the one to trust"
            " in SSL_CERT_FILE; check the clock"
        )
        reason = getattr(error.certificate_error, "verify_message", "not trusted")
        return failed("SSL", f"{name}'s certificate: {reason}", advice)
    except ProxyRefused as error:
        return _describe_proxy(name, error, proxies)
    except (aiohttp.ClientConnectorError, TimeoutError) as error:
        reason = f"no connection to {name}{through} ({type(error).__name__})"
        return failed("SSL", reason, f"check the network, a firewall, and {name}'s address")
    except aiohttp.ClientError:
        pass  # TLS works; HTTP errors are for the other checks
    return ok("SSL", f"{name}'s certificate is trusted{through}")


def _describe_proxy(name: str, error: ProxyRefused, proxies: Proxies) -> Finding:
    found = f"the proxy {proxies.shown} makes no tunnel to {name} (HTTP {error.status or 'none'})"
    if error.status == PROXY_LOGIN_WANTED:
        return failed("proxy", found, "put user and password into HTTPS_PROXY")
    return failed("proxy", found, "check HTTPS_PROXY, the proxy's own rules, and NO_PROXY")


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host


async def check_proxy(settings: Settings) -> AsyncIterator[Finding]:
    """Report what goes through the proxy, and whether names resolve to fake IPs."""
    proxies = settings.proxies
    if proxies.proxy is not None:
        sides = {
            "Discord": settings.discord_api_url or DISCORD,
            "the gateway": settings.discord_gateway_url or "wss://gateway.discord.gg",
            "the provider": settings.seedance_base_url,
            "Discord's files": f"https://{CDN}",
        }
        direct = [name for name, address in sides.items() if proxies.of(URL(address)) is None]
        past = f"; past it by NO_PROXY: {', '.join(direct)}" if direct else ""
        yield ok("proxy", f"connections go through {proxies.shown}{past}")
    faked = [
        host
        for host in dict.fromkeys((CDN, urlsplit(settings.seedance_base_url).hostname or ""))
        if any(is_fake_ip(address) for address in await _look_up(host))
    ]
    if faked:
        yield warning(
            "names",
            f"{', '.join(faked)} resolve to stand-ins of a proxy (198.18.0.0/15, fake-ip)",
            "nothing for Discord's files and the provider's results, which work; links of members"
            " to other hosts are refused unless ALLOW_PRIVATE_HOSTS names them, or the proxy"
            " answers with true addresses",
        )


async def _look_up(host: str) -> list[str]:
    try:
        async with asyncio.timeout(LOOK_UP_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, 443)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]


async def open_for_checks(
    settings: Settings, stack: AsyncExitStack
) -> tuple[Database | None, Finding]:
    """Open the database if possible, with the finding about it."""
    url = settings.database_url.get_secret_value()
    is_sqlite = url.startswith("sqlite")
    if is_sqlite and not await asyncio.to_thread(sqlite_path(url).exists):
        return None, await asyncio.to_thread(_describe_missing, sqlite_path(url))
    try:
        database = await open_database(url, migrate=False, check=False)
        stack.push_async_callback(database.close)
        return database, await _describe_database(database)
    except DatabaseNewer as error:
        return None, failed("database", str(error).rstrip("."), "run the newer version")
    except DatabaseUnusable as error:
        found, _, advice = str(error).partition(". What to do: ")
        return None, failed("database", found, advice)
    except StorageError as error:
        advice = "see that no other program holds the file, that it may be written, and the disk"
        if not is_sqlite:
            advice = "check DATABASE_URL, and that the server runs and takes connections from here"
        return None, failed("database", f"can't be used ({str(error).rstrip('.')})", advice)


def _describe_missing(path: Path) -> Finding:
    if _can_be_created(path.parent):
        return ok("database", "not there yet, the first start makes it")
    return failed(
        "database", "not there, and its folder can't be written", "make the folder writable"
    )


def _can_be_created(folder: Path) -> bool:
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


async def _describe_database(database: Database) -> Finding:
    kind = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database.dialect]
    if not await database.is_current():
        if database.dialect == "sqlite":
            return ok("database", f"{kind}, older than this code; the next start updates it")
        return failed("database", f"{kind}, older than this code", "run: video-bot migrate")
    async with database.transaction() as tx:
        await key_values.set(tx, "doctor", "was here", 0)
        await key_values.delete(tx, "doctor")
    return ok("database", f"{kind}, reachable, up to date, writable")


async def check_disk(settings: Settings) -> AsyncIterator[Finding]:
    """Check that the data directory is writable and has space.

    With a media store it is scratch room; what the store holds is checked with it.
    """
    folder = settings.data_dir
    if not await asyncio.to_thread(folder.is_dir):
        if await asyncio.to_thread(_can_be_created, folder):
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
    gauge = DiskSpace(
        settings.data_dir,
        limit_bytes=int(settings.data_max_gb * 1e9),
        files=DiskFiles(settings.data_dir, ""),
    )
    await gauge.measure()
    used, free = gauge.used_bytes / 1e9, gauge.free_bytes / 1e9
    if settings.media_store:
        if gauge.free_bytes < SPARE_BYTES:
            return failed("room", f"{free:.1f} GB free in DATA_DIR", "make room for scratch files")
        return ok("room", f"{free:.1f} GB free in DATA_DIR for scratch files")
    found = f"{used:.1f} of {settings.data_max_gb:g} GB used, {free:.1f} GB free"
    if gauge.is_nearly_full:
        advice = "make room, raise DATA_MAX_GB, or shorten retention_days; new requests are refused"
        return failed("room", found, advice)
    if used + free < settings.data_max_gb:
        return warning("room", found, "the disk is smaller than DATA_MAX_GB allows: lower it")
    return ok("room", found)
