"""No secret in any log, error, row, metric or message after a run full of faults."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest

from bot.demo.provider.faults import CallName, Drop, Fault, Refuse, Reply, TaskPlan
from bot.logs import set_up_logs
from bot.services.operations.circuit_breaker import OutageReason, read_health
from storage.engine import postgres
from storage.engine.transaction import Transaction
from storage.errors import StorageError
from storage.records import ENDS, State
from tests.support.bot_env import KEY, BotEnv, open_bot_env, picture
from tests.support.discord.http.server import EDIT, SEND
from tests.support.discord.records import Upload
from tests.support.patience import PATIENCE_S
from tests.support.sqlite import new_sqlite
from tests.web.test_server import Watcher

PASSWORD = "pw-0123456789-do-not-show"
PROMPT = "PROMPT-MARKER a lighthouse"
ADDRESS_COLUMNS = {
    "requests": {"spec", "result_url"},
    "inputs": {"url", "provider_url"},
}
"""Columns that must keep full URLs, to fetch them again."""


def with_password(url: str) -> str:
    """The test server trusts everybody, so any password will do."""
    return url.replace("postgres@", f"postgres:{PASSWORD}@")


@contextmanager
def logged(level: str, form: Literal["text", "json"], bot_env: BotEnv) -> Iterator[io.StringIO]:
    """Captured log output."""
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logs(level, form, hidden=bot_env.settings.secrets, stream=stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)


def echo(status: int, code: str) -> Fault:
    """A provider that repeats the key and a signed address in its error text."""
    said = f"key {KEY} is odd; Authorization: Bearer {KEY}; see https://p.example/x?sign=SIGNED-1"
    body = json.dumps({"code": code, "msg": said}).encode()
    return Reply(status=status, body=body, content_type="application/json")


async def suffer(bot_env: BotEnv, *, is_patient: bool) -> None:
    """One request for each way to go wrong; all come to an end, or are uncertain.

    `is_patient`: also those that are only tried again after seconds.
    """
    faults, discord = bot_env.provider.faults, bot_env.discord
    files = {"image1": Upload("a.png", picture())}
    plans: list[tuple[CallName, Fault | None]] = [
        (CallName.CREATE, echo(200, "20002")),
        (CallName.CREATE, Refuse("20009", f"content of {KEY}")),
        (CallName.UPLOAD, echo(400, "20002")),
        *([(CallName.QUERY, echo(500, "-1")), (CallName.CREATE, None)] if is_patient else []),
    ]
    for number, (name, fault) in enumerate(plans):
        faults.clear()
        if fault is not None:
            faults.next(name, fault)
        faults.next_task(TaskPlan(dead_links=number // 4))
        if number < 1:
            discord.fail(SEND, status=503)
            discord.fail(EDIT, drop=True)
        await (await bot_env.create(prompt=PROMPT, files=files)).wait_shown()
        await bot_env.until(
            lambda rows, n=number: len(rows) > n and rows[n].state in ENDS,  # type: ignore[misc]
            timeout_s=30,
        )
    faults.clear()
    faults.next_task(TaskPlan(fails_with=f"[SY_ERR:1] {KEY} https://p.example/y?sign=SIGNED-2"))
    await (await bot_env.create(prompt=PROMPT, files=files)).wait_shown()
    await bot_env.until_state(State.FAILED, number=len(plans))
    faults.next(CallName.CREATE, Drop(carried_out=True))
    await (
        await bot_env.create(prompt=PROMPT, links="https://127.0.0.1:1/x.png?sign=SIGNED-3")
    ).wait_shown()
    await bot_env.until_state(State.FAILED, number=len(plans) + 1, timeout_s=30)
    await (await bot_env.create(prompt=PROMPT, files=files)).wait_shown()
    await bot_env.until_state(State.UNCERTAIN, number=len(plans) + 2)
    faults.next(CallName.CREATE, Refuse("20001", f"no such key {KEY}", 401))
    await (await bot_env.create(prompt=PROMPT, files=files)).wait_shown()
    async with asyncio.timeout(PATIENCE_S):
        while await trouble_of(bot_env) != OutageReason.KEY:
            await bot_env.discord.quiet(0.05)


async def trouble_of(bot_env: BotEnv) -> str:
    async with bot_env.database.reading() as tx:
        return (await read_health(tx)).trouble


async def rows_of(tx: Transaction) -> dict[str, list[dict[str, Any]]]:
    """Dump of the database."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if tx.dialect == "sqlite"
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    names = [row["name"] for row in await tx.fetch_all(sql)]
    return {
        name: [dict(row) for row in await tx.fetch_all(f'SELECT * FROM "{name}"')] for name in names
    }


def queries_of(bot_env: BotEnv) -> set[str]:
    """The signed part of every address that Discord or the provider gave out."""
    urls = [file.url for file in bot_env.discord.world.files.values()]
    urls += [str(call.body) for call in bot_env.provider.creates]
    found = {urlsplit(url).query for url in urls} | {"SIGNED-1", "SIGNED-2", "SIGNED-3"}
    for url in urls:
        found |= set(re.findall(r"\?([^'\"\s]{12,})", url))
    return {query for query in found if query}


@pytest.mark.parametrize(
    ("dialect", "form", "level"), [("sqlite", "text", "DEBUG"), ("postgres", "json", "INFO")]
)
async def test_no_secret_is_leaked(
    database_url: str, tmp_path: Path, dialect: str, form: Literal["text", "json"], level: str
) -> None:
    watcher = Watcher()
    async with open_bot_env(
        with_password(database_url), tmp_path, http_port=watcher.port, user_daily_videos=None
    ) as bot_env:
        with logged(level, form, bot_env) as stream:
            async with bot_env.running():
                await suffer(bot_env, is_patient=form == "text")
                seen = str(await watcher.get("/metrics")) + str(await watcher.get("/readyz"))
        async with bot_env.database.reading() as tx:
            tables = await rows_of(tx)
        log = stream.getvalue()
        queries = queries_of(bot_env)
        told = json.dumps([call.json for call in bot_env.discord.calls()], default=str)
        tokens = {each.token for each in bot_env.discord.interactions}
        token = bot_env.settings.discord_token.get_secret_value()
    assert len(log.splitlines()) > 20
    dump = json.dumps(tables, default=str)
    for place, text in {"log": log, "rows": dump, "web": seen, "messages": told}.items():
        for secret in (token, KEY, PASSWORD):
            assert secret not in text, f"{secret} in {place}"
        assert not [each for each in tokens if each in text], place
    for table, rows in tables.items():
        for row in rows:
            for column in ADDRESS_COLUMNS.get(table, ()):
                row.pop(column, None)
    assert queries
    rest = json.dumps(tables, default=str)
    for place, text in {"log": log, "rows": rest, "web": seen}.items():
        assert not [query for query in queries if query in text], place
    if level == "INFO":
        assert "PROMPT-MARKER" not in log
        assert all(json.loads(line)["level"] for line in log.splitlines())


async def test_a_database_out_of_reach_never_shows_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "_START_TIMEOUT_S", 0.2)
    url = f"postgresql://bot:{PASSWORD}@127.0.0.1:9/bot?connect_timeout=1"
    with pytest.raises(StorageError) as caught:
        await postgres.PostgresDatabase.open(url)
    assert PASSWORD not in repr(caught.value) + str(caught.value)


async def test_the_settings_never_print_a_secret(tmp_path: Path) -> None:
    async with open_bot_env(new_sqlite(tmp_path / "x.db"), tmp_path) as bot_env:
        settings = bot_env.settings
        assert KEY not in repr(settings) + str(settings)
        assert settings.discord_token.get_secret_value() not in repr(settings)
