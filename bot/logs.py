"""Logging set-up: structlog rendering, with secrets and signed URLs scrubbed from every line."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from typing import Literal, TextIO

import structlog

# greedy on purpose: better to drop a character too many than to leak a signature
_QUERY = re.compile(r"((?:https?|wss?)://[^\s\"?\\]+)\?[^\s\"\\]+")
_BEARER = re.compile(r"(?i)\b(bearer|bot)\s+[A-Za-z0-9._~+/=-]{16,}")
_WEBHOOK = re.compile(r"(/(?:interactions|webhooks)/\d+/)[A-Za-z0-9._~-]{16,}")


class Scrubbing(structlog.stdlib.ProcessorFormatter):
    """Formatter that scrubs secrets from the rendered record, as the last step."""

    hidden: tuple[str, ...] = ()

    def format(self, record: logging.LogRecord) -> str:
        """Render one record and scrub it."""
        return scrub(super().format(record), self.hidden)


def scrub(text: str, hidden: Iterable[str] = ()) -> str:
    """Remove secrets, bearer tokens, interaction tokens and URL queries from a text."""
    for secret in hidden:
        text = text.replace(secret, "***")
    text = _QUERY.sub(r"\1?…", text)
    text = _BEARER.sub(r"\1 ***", text)
    return _WEBHOOK.sub(r"\1***", text)


def _spellings(secret: str) -> tuple[str, ...]:
    """A secret as is, JSON-escaped and as in `repr`."""
    return secret, json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]


def set_up_logs(
    level: str,
    form: Literal["text", "json"],
    *,
    hidden: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every logger's records to standard error (or `stream`), as text or as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        last: list[structlog.typing.Processor] = [
            remove,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    else:
        plain = structlog.dev.plain_traceback
        last = [remove, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    formatter = Scrubbing(foreign_pre_chain=shared, processors=last)
    spellings = {spelling for secret in hidden for spelling in _spellings(secret) if spelling}
    formatter.hidden = tuple(sorted(spellings, key=len, reverse=True))
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiosqlite", "discord", "psycopg.pool", "PIL"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
