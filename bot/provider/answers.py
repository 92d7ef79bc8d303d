"""The provider's answers, read tolerantly: whatever arrives is read as far as it goes."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

SUCCESS_CODES: Final = frozenset({"20000", "0", "200"})
KEY_REFUSED: Final = "20001"
BAD_PARAMETERS: Final = "20002"
SERVER_TROUBLE: Final = "-1"

MAX_TASK_ID: Final = 256

_MILLISECONDS: Final = 100_000_000_000
"""Larger numbers of a moment are milliseconds: as seconds they would lie beyond the year 5000."""
_NO_MOMENT: Final = 100_000_000_000_000

_SAYS_NOTHING: Final = frozenset({"", "ok", "success", "succeeded", "null", "none"})


class Unreadable(ValueError):
    """The bytes are no JSON object."""


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    return value.strip() if isinstance(value, str) else ""


def _as_table(value: object) -> dict[str, Any]:
    """An object, an object in a list of one, or an object that came as a JSON text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = _load(value)
        except Unreadable:
            return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else {}


def _as_percent(value: object) -> int | None:
    text = value.strip().removesuffix("%") if isinstance(value, str) else value
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        return None
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return max(0, min(100, int(number))) if math.isfinite(number) else None


def as_amount(value: object) -> Decimal | None:
    """A number or a decimal text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    return amount if amount.is_finite() else None


def _as_moment_s(value: object) -> float | None:
    """Seconds since 1970 from a number of seconds or milliseconds, or from an ISO 8601 text."""
    amount = as_amount(value)
    if amount is None and isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        # both ends of a difference are read alike, so that a missing zone does no harm
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()
    if amount is None or not 0 < amount < _NO_MOMENT:
        return None
    return float(amount / 1000 if amount > _MILLISECONDS else amount)


LooseText = Annotated[str, BeforeValidator(_as_text)]
LooseTable = Annotated[dict[str, Any], BeforeValidator(_as_table)]
LoosePercent = Annotated[int | None, BeforeValidator(_as_percent)]
LooseMoment = Annotated[float | None, BeforeValidator(_as_moment_s)]


class _Loose(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TaskData(_Loose):
    """A task as create and query show it; what is missing or misshapen is empty."""

    task_id: LooseText = ""
    status: LooseText = ""
    progress: LoosePercent = None
    video_url: LooseText = ""
    result: LooseTable = {}
    error_message: LooseText = ""
    created_at: LooseMoment = None
    completed_at: LooseMoment = None

    @property
    def took_s(self) -> float | None:
        """From the task's creation to its completion, as far as the provider says."""
        if self.created_at is None or self.completed_at is None:
            return None
        return max(0.0, self.completed_at - self.created_at)

    @property
    def link(self) -> str:
        """The video's link exactly as given, or nothing when it is none."""
        for url in (_as_text(self.result.get("video_url")), self.video_url):
            scheme, found, rest = url.partition("://")
            if found and scheme.lower() in {"http", "https"} and rest and not rest.startswith("/"):
                return url
        return ""


class Answer(_Loose):
    """One answer without its envelope.

    `code` is always a text, empty where there was no envelope; `data` is what the envelope held,
    or the whole object; `text` is the provider's message, wherever it stood.
    """

    code: LooseText = ""
    data: LooseTable = {}
    text: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the envelope says so, or there is none."""
        return not self.code or self.code in SUCCESS_CODES

    @property
    def task(self) -> TaskData:
        """The task in it; all fields empty where there is none."""
        return TaskData.model_validate(self.data)

    @property
    def task_id(self) -> str:
        """The id of the task it names, or nothing where it names none that could be asked for."""
        task_id = self.task.task_id
        return task_id if len(task_id) <= MAX_TASK_ID and task_id.isprintable() else ""


def read_answer(body: bytes) -> Answer:
    """Takes an answer out of its envelope. Raises `Unreadable` for anything but a JSON object."""
    try:
        content = _load(body.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise Unreadable("not UTF-8") from exc
    if not isinstance(content, dict):
        raise Unreadable("no JSON object")
    inner = _as_table(content.get("data"))
    # older answers had no envelope, and an envelope may hold nothing
    data = inner or {key: value for key, value in content.items() if key != "data"}
    return Answer.model_validate(
        {"code": content.get("code"), "data": data, "text": _message(content, inner)}
    )


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise Unreadable("no JSON") from exc


def _message(content: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    """The first message that says anything; the task's own before the envelope's."""
    of_task = ("error_message", "error_msg", "error", "message", "reason", "fail_reason", "result")
    candidates = [
        *(inner.get(key) for key in of_task),
        content.get("error_message"),
        *(content.get(key) for key in ("msg", "message", "error", "error_msg", "reason")),
    ]
    for candidate in candidates:
        if text := _said(candidate):
            return text
    return ""


def _said(value: object, depth: int = 3) -> str:
    """What a text says, or an object that stands in its place: its message, its code last."""
    if isinstance(value, str) and value.strip().lower() in _SAYS_NOTHING:
        return ""
    if isinstance(value, list) and value:
        return _said(value[0], depth)
    table = _as_table(value)
    if not table or not depth:
        return value.strip() if isinstance(value, str) else ""
    keys = ("message", "msg", "error_message", "error_msg", "error", "reason", "detail", "code")
    found = (_said(table.get(key), depth - 1) for key in keys)
    return next((text for text in found if text), "")
