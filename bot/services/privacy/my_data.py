"""A member's own data: counts, export as JSON, deletion."""

import asyncio
import datetime as dt
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.errors import UserError
from bot.services.caller import Caller
from bot.services.privacy.erasure import forget_member
from bot.services.privacy.export_file import ExportFile, export_file
from bot.services.server_settings import read_settings
from storage.engine.transaction import Database
from storage.errors import StorageUnavailable
from storage.privacy import member_data
from storage.privacy.member_data import Counts, MemberData
from storage.records import MessageKind

logger = logging.getLogger(__name__)

_HOW_WE_WORK: Final = frozenset(
    {"lease_owner", "due_at_ms", "attempt", "nonce", "host", "slot_until_ms", "intent_at_ms"}
    | {"key_usage_id", "cost_id", "since_ms"}
)
"""Columns that say nothing of the member."""
_OTHERS: Final = frozenset({"by_id", "set_by", "actor_id", "decided_by", "user_id", "subject_id"})
"""Ids of moderators and managers are not the member's; their own is at the top."""
_MODERATORS_OWN: Final = frozenset({MessageKind.REVIEW, MessageKind.LOG})
_IDS: Final = frozenset(
    {"interaction_id", "guild_id", "channel_id", "parent_channel_id", "message_id"}
    | {"sent_channel_id"}
)


@dataclass(frozen=True, slots=True)
class MyData:
    """How much is stored, and for how long this server keeps prompts and files."""

    counts: Counts
    retention_days: int


class MyDataService:
    """Everything is about the caller alone, in all servers that this bot serves."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], int],
        wakeup: Callable[[], None],
        erased: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeup = wakeup
        self._erased = erased

    async def show(self, caller: Caller) -> MyData:
        """What is stored of the caller."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            return MyData(await member_data.count(tx, caller.user_id), settings.retention_days)

    async def export(self, caller: Caller) -> ExportFile:
        """All of it as one JSON document; ids are texts, times are ISO 8601 in UTC.

        Where that is more than the caller may be sent, zipped, and then without the oldest
        requests.
        """
        now_ms = self._clock()
        async with self._database.reading() as tx:
            everything = await member_data.everything(tx, caller.user_id)
        # years of requests: the event loop has other things to do meanwhile
        return await asyncio.to_thread(_exported, everything, caller, now_ms)

    async def delete(self, caller: Caller) -> int:
        """Delete it; returns how many requests were cancelled on their way.

        What the ledger, blocks and decisions need stays under a pseudonym. Quotas and blocks hold
        on. Raises: UserError when the database can't take it now; part may be done then, and the
        same press does the rest.
        """
        try:
            cancelled = await forget_member(self._database, caller.user_id, self._clock)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        logger.info("A member's data was deleted", extra={"action": "mydata.deleted"})
        self._wakeup()
        self._erased()
        return cancelled


def _exported(found: MemberData, caller: Caller, now_ms: int) -> ExportFile:
    document = _document(found, caller.user_id, now_ms)
    return export_file(document, caller.upload_limit_bytes, now_ms)


def _document(found: MemberData, user_id: int, now_ms: int) -> dict[str, Any]:
    of_request: defaultdict[str, dict[str, list[dict[str, Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    rows_of_requests: dict[str, tuple[Any, ...]] = {
        "files": found.inputs,
        "messages": tuple(
            message for message in found.messages if message.kind not in _MODERATORS_OWN
        ),
        "history": found.events,
        "ledger": found.ledger,
        "costs": found.costs,
        "decisions": found.decisions,
        "reports": found.reports,
        "appeals": found.appeals,
        "safety_checks": found.safety_checks,
        "votes": found.votes,
    }
    for kind, rows in rows_of_requests.items():
        for row in rows:
            of_request[row.request_id][kind].append(_plain(row, but={"request_id"}))
    requests = []
    for request in found.requests:
        row = _plain(request, but={"spec", "failure_note"})
        row["asked"] = json.loads(request.spec)
        row["failure_note"] = json.loads(request.failure_note)
        requests.append(row | of_request.pop(request.id, {}))
    return {
        "member": str(user_id),
        "made_at": _moment(now_ms),
        "requests": requests,
        "of_other_requests": [
            {"request_id": request_id, **rows} for request_id, rows in of_request.items()
        ],
        "limits": _list(found.quotas),
        "extra_videos": _list(found.grants),
        "counts_started_anew": _list(found.resets),
        "blocks": _list(found.blocks),
        "unfinished": [
            _plain(saved_form, but={"video_request"})
            | {"asked": json.loads(saved_form.video_request)}
            for saved_form in found.saved_forms
        ],
        "cast": _cast(found),
    }


def _cast(found: MemberData) -> list[dict[str, Any]]:
    return [
        _plain(entry, but={"id", "folded", "note", "guild_id", "removed_at_ms"})
        | {
            "pictures": [
                _plain(picture, but={"cast_id"})
                for picture in found.cast_pictures
                if picture.cast_id == entry.id
            ]
        }
        for entry in found.cast
    ]


def _list(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [_plain(row) for row in rows]


def _plain(record: Any, *, but: Iterable[str] = ()) -> dict[str, Any]:
    left_out = {*_HOW_WE_WORK, *_OTHERS, *but}
    values: Mapping[str, Any] = asdict(record)
    return {
        _name(name): _value(name, value) for name, value in values.items() if name not in left_out
    }


def _name(name: str) -> str:
    return name.removesuffix("_ms") if name.endswith("_at_ms") or name == "until_ms" else name


def _value(name: str, value: Any) -> Any:
    if name.endswith("_at_ms") or name == "until_ms":
        return _moment(value) if value else None
    if name in _IDS:
        return str(value) if value else None
    if name == "body":
        return json.loads(value)
    return value


def _moment(ms: int) -> str:
    moment = dt.datetime.fromtimestamp(ms / 1000, dt.UTC)
    return moment.isoformat(timespec="milliseconds")
