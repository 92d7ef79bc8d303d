"""Lenient parsing of the provider's JSON responses."""

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
MAX_COST: Final = Decimal(1_000_000)
"""A larger cost of one task is no cost but a fault."""
MAX_AMOUNT_TEXT: Final = 60

_MILLISECONDS: Final = 100_000_000_000
"""Larger timestamps are milliseconds: as seconds they would lie beyond the year 5000."""
_NO_MOMENT: Final = 100_000_000_000_000

_EMPTY_MESSAGES: Final = frozenset({"", "ok", "success", "succeeded", "null", "none"})


class Unreadable(ValueError):
    """The bytes are not a JSON object."""


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else ""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    return value.strip() if isinstance(value, str) else ""


def _as_table(value: object) -> dict[str, Any]:
    """An object, possibly wrapped in a one-element list or a JSON string."""
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
    """Parse a number or a decimal string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value).strip())
    except (InvalidOperation, ValueError):
        return None
    return amount if amount.is_finite() else None


def as_cost(value: object) -> Decimal | None:
    """Parse an amount of money; None for what can't be one. 0 is a cost."""
    if isinstance(value, str) and len(value) > MAX_AMOUNT_TEXT:
        return None
    amount = as_amount(value)
    return amount.copy_abs() if amount is not None and 0 <= amount <= MAX_COST else None


def _as_moment_s(value: object) -> float | None:
    """Unix seconds from a number of seconds or milliseconds, or an ISO 8601 string."""
    amount = as_amount(value)
    if amount is None and isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        # only differences are used, so a missing time zone does no harm
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()
    if amount is None or not 0 < amount < _NO_MOMENT:
        return None
    return float(amount / 1000 if amount > _MILLISECONDS else amount)


LenientText = Annotated[str, BeforeValidator(_as_text)]
LenientTable = Annotated[dict[str, Any], BeforeValidator(_as_table)]
LenientPercent = Annotated[int | None, BeforeValidator(_as_percent)]
LenientCost = Annotated[Decimal | None, BeforeValidator(as_cost)]
LenientMoment = Annotated[float | None, BeforeValidator(_as_moment_s)]


class _LenientModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TaskData(_LenientModel):
    """A task in a create or query response; missing or malformed fields are empty."""

    task_id: LenientText = ""
    status: LenientText = ""
    progress: LenientPercent = None
    video_url: LenientText = ""
    result: LenientTable = {}
    error_message: LenientText = ""
    cost: LenientCost = None
    created_at: LenientMoment = None
    completed_at: LenientMoment = None

    @property
    def took_s(self) -> float | None:
        """Seconds from creation to completion; None if the provider does not say."""
        if self.created_at is None or self.completed_at is None:
            return None
        return max(0.0, self.completed_at - self.created_at)

    @property
    def link(self) -> str:
        """The video's URL verbatim; empty if it is not an http(s) URL."""
        for url in (_as_text(self.result.get("video_url")), self.video_url):
            scheme, found, rest = url.partition("://")
            if found and scheme.lower() in {"http", "https"} and rest and not rest.startswith("/"):
                return url
        return ""


class Answer(_LenientModel):
    """One response without its envelope.

    `code` is a string, empty without an envelope; `data` is the envelope's content, or the whole
    object; `text` is the provider's message, wherever it was.
    """

    code: LenientText = ""
    data: LenientTable = {}
    text: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the envelope reports success or is missing."""
        return not self.code or self.code in SUCCESS_CODES

    @property
    def task(self) -> TaskData:
        """The contained task; all fields are empty if there is none."""
        return TaskData.model_validate(self.data)

    @property
    def task_id(self) -> str:
        """The contained task id; empty if there is none that could be queried."""
        task_id = self.task.task_id
        return task_id if len(task_id) <= MAX_TASK_ID and task_id.isprintable() else ""


def read_answer(body: bytes) -> Answer:
    """Parse a response body. Raises `Unreadable` for anything but a JSON object."""
    try:
        content = _load(body.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise Unreadable("not UTF-8") from exc
    if not isinstance(content, dict):
        raise Unreadable("no JSON object")
    inner = _as_table(content.get("data"))
    # older responses have no envelope, and an envelope may be empty
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
    """The first non-empty message; the task's own before the envelope's."""
    of_task = ("error_message", "error_msg", "error", "message", "reason", "fail_reason", "result")
    candidates = [
        *(inner.get(key) for key in of_task),
        content.get("error_message"),
        *(content.get(key) for key in ("msg", "message", "error", "error_msg", "reason")),
    ]
    for candidate in candidates:
        if text := _message_in(candidate):
            return text
    return ""


def _message_in(value: object, depth: int = 3) -> str:
    """The message in a string, or in an object used in its place (its code as a last resort)."""
    if isinstance(value, str) and value.strip().lower() in _EMPTY_MESSAGES:
        return ""
    if isinstance(value, list) and value:
        return _message_in(value[0], depth)
    table = _as_table(value)
    if not table or not depth:
        return value.strip() if isinstance(value, str) else ""
    keys = ("message", "msg", "error_message", "error_msg", "error", "reason", "detail", "code")
    found = (_message_in(table.get(key), depth - 1) for key in keys)
    return next((text for text in found if text), "")
