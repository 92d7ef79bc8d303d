"""One SQL text for both databases: parameters, and the few words in which they differ."""

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
    return sql if dialect == "sqlite" else _PARAMETERS.sub(_for_psycopg, sql)


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
