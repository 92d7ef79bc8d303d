"""Renders one SQL text for both databases: parameters, lists and the tokens that differ."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from storage.engine.transaction import Dialect

_WORDS: Final[Mapping[Dialect, Mapping[str, str]]] = {
    "sqlite": {
        "{skip_locked}": "",
        "{for_update}": "",
        "{auto_id}": "INTEGER PRIMARY KEY AUTOINCREMENT",
    },
    "postgres": {
        "{skip_locked}": "FOR UPDATE SKIP LOCKED",
        "{for_update}": "FOR UPDATE",
        "{auto_id}": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    },
}

_EACH: Final = re.compile(r"(?P<negated>NOT )?IN \{each:(?P<name>\w+)\}")
"""`x IN {each:ids}` and `x NOT IN {each:ids}`, where `ids` is a list; it may be empty."""

_QUOTED: Final = r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/"""
_PARAMETERS: Final = re.compile(
    rf"(?P<kept>{_QUOTED} | ::) | :(?P<name>[A-Za-z_]\w*) | (?P<percent>%)", re.VERBOSE | re.DOTALL
)
_SEPARATORS: Final = re.compile(rf"{_QUOTED} | (?P<end>;)", re.VERBOSE | re.DOTALL)


@lru_cache(maxsize=1024)
def render(sql: str, dialect: Dialect) -> str:
    """The statement as the driver wants it: aiosqlite takes `:name`, psycopg `%(name)s`."""
    for word, spelling in _WORDS[dialect].items():
        sql = sql.replace(word, spelling)
    sql = _EACH.sub(_each_in_sqlite if dialect == "sqlite" else _each_in_postgres, sql)
    return sql if dialect == "sqlite" else _PARAMETERS.sub(_for_psycopg, sql)


@lru_cache(maxsize=1024)
def lists_in(sql: str) -> tuple[str, ...]:
    """The names of a statement's parameters that are lists."""
    return tuple(match["name"] for match in _EACH.finditer(sql))


def _each_in_sqlite(match: re.Match[str]) -> str:
    return f"{match['negated'] or ''}IN (SELECT value FROM json_each(:{match['name']}))"  # noqa: S608


def _each_in_postgres(match: re.Match[str]) -> str:
    return f"<> ALL (:{match['name']})" if match["negated"] else f"= ANY (:{match['name']})"


def _for_psycopg(match: re.Match[str]) -> str:
    if name := match["name"]:
        return f"%({name})s"
    # psycopg reads a percent sign even inside quotes and comments
    return match[0].replace("%", "%%")


def statements(script: str) -> Iterator[str]:
    """The single statements of a script, cut at the semicolons that stand outside quotes."""
    start = 0
    for match in _SEPARATORS.finditer(script):
        if match["end"]:
            yield from _unless_blank(script[start : match.start()])
            start = match.end()
    yield from _unless_blank(script[start:])


def _unless_blank(text: str) -> Iterator[str]:
    if re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL).strip():
        yield text.strip()
