"""Every command on a machine that is set up wrongly: one line, exit code 2, never a traceback."""

import asyncio
import os
import socket
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import __main__
from bot.bootstrap.data_dir import HOST_FILE, host_of
from tests.support.fork_server import ForkServer

Start = Callable[..., Awaitable[tuple[int, str]]]

ROOT = Path(__file__).resolve().parents[1]
REQUIRED = {
    "DISCORD_TOKEN": "MTIz.discord.token",
    "SEEDANCE_BASE_URL": "http://127.0.0.1:9",
    "SEEDANCE_API_KEY": "a-key-0123456789",
    "DISCORD_API_URL": "http://127.0.0.1:9/api/v10",
    "HTTP_PORT": "0",
}


@pytest.fixture(scope="module")
def commands() -> Iterator[ForkServer]:
    """Runs the command line without loading it anew for each run."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def start(commands: ForkServer) -> Start:
    """Exit code and what was said, of `video-bot <arguments>` in a folder."""

    async def started(
        folder: Path, *arguments: str, with_required: bool = True, **environment: str
    ) -> tuple[int, str]:
        values = environment_of(with_required, environment)
        code, out = await commands.run(arguments, folder, values)
        assert "Traceback" not in out
        return code, out

    return started


def environment_of(with_required: bool, more: Mapping[str, str]) -> dict[str, str]:
    values = {**(REQUIRED if with_required else {}), **more}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **values}


async def start_anew(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """The same of a new interpreter, as on a command line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder,
        env=environment_of(True, environment),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "Traceback" not in out.decode()
    return process.returncode or 0, out.decode()


def corrupt(path: Path) -> None:
    path.write_bytes(b"this is no database " * 500)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE migrations (number BIGINT PRIMARY KEY, name TEXT)")
        connection.execute("INSERT INTO migrations VALUES (9999, 'later')")
    connection.close()


DATABASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "is a folder"),
    "not a database": (corrupt, "is no SQLite database"),
    "a newer one": (newer, "run the newer version"),
}


@pytest.mark.parametrize("command", [["run"], ["migrate"], ["backup", "copy.db"]])
@pytest.mark.parametrize("kind", DATABASES)
async def test_a_database_that_cannot_be_used_is_one_line_with_its_path(
    start: Start, tmp_path: Path, command: list[str], kind: str
) -> None:
    make, said = DATABASES[kind]
    path = tmp_path / "bot.db"
    make(path)
    if (kind, command[0]) == ("a newer one", "backup"):
        code, out = await start(tmp_path, *command, DATABASE_URL="sqlite:///bot.db")
        assert code == 0, out  # a copy before going back is what one wants
        return
    code, out = await start(tmp_path, *command, DATABASE_URL="sqlite:///bot.db")
    assert code == 2, out
    (line,) = out.splitlines()
    assert line.startswith(f"DATABASE_URL: {path}")
    assert said in line


@pytest.mark.parametrize("kind", DATABASES)
async def test_the_doctor_names_such_a_database_too(
    start: Start, tmp_path: Path, kind: str
) -> None:
    make, said = DATABASES[kind]
    make(tmp_path / "bot.db")
    code, out = await start(tmp_path, "doctor", DATABASE_URL="sqlite:///bot.db")
    assert code == 1
    (line,) = [line for line in out.splitlines() if line.startswith("failed   database")]
    assert said in line
    assert str(tmp_path / "bot.db") in line


@pytest.mark.parametrize("database", ["file/bot.db", "/proc/none/bot.db"])
async def test_a_database_in_an_uncreatable_folder_is_one_line(
    start: Start, tmp_path: Path, database: str
) -> None:
    (tmp_path / "file").touch()
    for command in ("run", "migrate"):
        code, out = await start_anew(tmp_path, command, DATABASE_URL=f"sqlite:///{database}")
        assert code == 2, out
        (line,) = out.splitlines()
        assert database in line
        assert "What to do" in line


@pytest.mark.parametrize("folder", ["file", "file/below", "/proc/none"])
async def test_a_data_directory_that_cannot_be_used_is_one_line(
    start: Start, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").touch()
    code, out = await start(tmp_path, "run", DATA_DIR=folder, DATABASE_URL="sqlite:///bot.db")
    assert code == 2, out
    (line,) = out.splitlines()
    assert line.startswith("DATA_DIR: ")
    assert folder in line
    if folder.startswith("/proc"):
        return  # it looks as if it could be made there
    code, out = await start(tmp_path, "doctor", DATA_DIR=folder, DATABASE_URL="sqlite:///bot.db")
    assert code == 1
    assert "failed   disk" in out


async def test_a_port_in_use_is_one_line(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out = await start(tmp_path, "run", HTTP_PORT=port)
    assert code == 2, out
    assert [line for line in out.splitlines() if line.startswith(f"HTTP_PORT: 127.0.0.1:{port}")]


async def test_a_foreign_http_host_is_one_line(start: Start, tmp_path: Path) -> None:
    code, out = await start(tmp_path, "run", HTTP_HOST="192.0.2.1", HTTP_PORT="8080")
    assert code == 2, out
    assert "HTTP_HOST: 192.0.2.1 is no address of this machine" in out


async def test_backing_up_a_missing_database_creates_no_file(start: Start, tmp_path: Path) -> None:
    code, out = await start(tmp_path, "backup", "copy.db", DATABASE_URL="sqlite:///bot.db")
    assert code == 2
    assert "bot.db is not there" in out
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_that_cannot_be_written_says_where(start: Start, tmp_path: Path) -> None:
    await start(tmp_path, "migrate", DATABASE_URL="sqlite:///bot.db")
    for target in ("no/where.db", "."):
        code, out = await start(tmp_path, "backup", target, DATABASE_URL="sqlite:///bot.db")
        assert code == 1
        (line,) = out.splitlines()
        assert "can't be written" in line


ENV = '# 视频\nDISCORD_TOKEN="abc.def"\nSEEDANCE_API_KEY=key\nSEEDANCE_BASE_URL=https://p.example\n'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
async def test_an_env_file_is_read_however_editors_write_unicode(
    start: Start, tmp_path: Path, encoding: str
) -> None:
    text = ENV if encoding not in ("utf-16-le", "utf-16-be") else ENV.partition("\n")[2]
    (tmp_path / ".env").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    code, out = await start(tmp_path, "migrate", with_required=False)
    assert code == 0, out


@pytest.mark.parametrize("command", [["run"], ["migrate"], ["doctor"], ["backup", "copy.db"]])
@pytest.mark.parametrize("encoding", ["latin-1", "gbk"])
async def test_an_env_file_in_a_wrong_encoding_is_one_line(
    start: Start, tmp_path: Path, command: list[str], encoding: str
) -> None:
    comment = "# prêt" if encoding == "latin-1" else "# 视频的"
    (tmp_path / ".env").write_bytes(f"A=1\n{comment}\n".encode(encoding))
    code, out = await start(tmp_path, *command)
    assert code == 2
    (line,) = out.splitlines()
    assert line.startswith(f"{tmp_path / '.env'}: ")
    assert "(line 2)" in line
    assert "UTF-8" in line


async def test_a_models_file_in_a_wrong_encoding_is_one_line(start: Start, tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_bytes('[models."a"]\nlike = "mod\xe8le"\n'.encode("latin-1"))
    code, out = await start(tmp_path, "run", MODELS_FILE="models.toml")
    assert code == 2
    (line,) = out.splitlines()
    assert "models.toml: is not UTF-8 text" in line


def test_windows_is_told_where_the_bot_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(__main__, "is_windows", lambda: True)
        done = CliRunner().invoke(__main__.app, ["run"])
    assert done.exit_code == 2
    (line,) = done.output.splitlines()
    assert "WSL" in line


async def test_processes_that_start_at_once_give_one_name_to_their_folder(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(40)]
    for folder in folders:
        folder.mkdir()
    (folders[0] / HOST_FILE).touch()  # as a start that was killed may leave it
    code = (
        "import sys; from pathlib import Path; from bot.bootstrap.data_dir import host_of;"
        "print('ready', flush=True); sys.stdin.readline();"
        "print(*(host_of(Path(name)) for name in sys.argv[1:]))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, *map(str, folders), cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(8)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert {out.decode() for out, _ in said} == {
        " ".join(host_of(folder) for folder in folders) + "\n"
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["no.db"], "no.db is not there"), ([], "--mark"), (["no.db", "--mark"], "--mark")],
)
async def test_a_refused_restore_is_one_line_and_exit_code_1(
    start: Start, tmp_path: Path, arguments: list[str], said: str
) -> None:
    code, out = await start(tmp_path, "restore", *arguments, DATABASE_URL="sqlite:///bot.db")
    assert code == 1
    (line,) = out.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []
