"""Wire format of the provider's API: request bodies and the meaning of responses.

Source: the provider's page on creating and querying videos, and other clients of the same API.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.provider.answers import (
    KEY_REFUSED,
    SERVER_TROUBLE,
    Answer,
    TaskData,
    as_amount,
)
from bot.provider.errors import FailureKind, classify, scrub
from bot.rules.catalogue import ModelSpec
from bot.rules.media import MediaKind, MediaRole
from bot.rules.request import MediaRef, VideoRequest


class TaskStatus(StrEnum):
    """Where the provider's task is. Only COMPLETED and FAILED are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    MISSING = "missing"
    """It says there is no such task: true of old ones, but said of new ones at first as well."""
    UNKNOWN = "unknown"
    """A word nobody knows, or none: go on asking."""


_STATUSES: Final[Mapping[str, TaskStatus]] = MappingProxyType(
    {
        "queued": TaskStatus.WAITING,
        "pending": TaskStatus.WAITING,
        "submitted": TaskStatus.WAITING,
        "processing": TaskStatus.RUNNING,
        "running": TaskStatus.RUNNING,
        "in_progress": TaskStatus.RUNNING,
        "completed": TaskStatus.COMPLETED,
        "success": TaskStatus.COMPLETED,
        "succeeded": TaskStatus.COMPLETED,
        "failed": TaskStatus.FAILED,
        "canceled": TaskStatus.FAILED,
        "cancelled": TaskStatus.FAILED,
    }
)

MAX_WORD: Final = 40
_NO_SUCH_TASK: Final = re.compile(
    r"任务不存在|task[\w ]{0,20}not (found|exist)|task does not exist|no such task", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TaskView:
    """One look at a task.

    `video_url` is set exactly when COMPLETED and is kept as given: it may be signed, so it stays
    out of the repr. `failure` is set exactly when FAILED. `text` is the provider's message without
    links, for logs and owners.
    """

    status: TaskStatus
    progress: int | None = None
    video_url: str | None = field(default=None, repr=False)
    failure: FailureKind | None = None
    text: str = ""
    took_s: float | None = None
    """How long the provider says that a completed task took; its clock counts whole seconds."""
    unknown_word: str = ""
    """The word that stood for the status, where nobody knows it."""
    cost: Decimal | None = None
    """What the task has cost so far, in the provider's unit; None if it does not say."""


@dataclass(frozen=True, slots=True)
class CreatedTask:
    """A create that was taken; `cost` as in `TaskView`."""

    task_id: str
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The owner's money at the provider, in the provider's own unit; None: it did not say.

    `unlimited`: the key has no ceiling of its own.
    """

    available: Decimal | None
    total: Decimal | None = None
    used: Decimal | None = None
    unlimited: bool = False


def says_no_such_task(answer: Answer) -> bool:
    """Whether the answer means that there is no task of that id (yet)."""
    return _NO_SUCH_TASK.search(answer.text) is not None


def task_view(answer: Answer, task_id: str, secrets: tuple[str, ...] = ()) -> TaskView | None:
    """What the answer tells of the task `task_id`; None if it tells nothing of it.

    An error's envelope is believed only when it names this very task.
    """
    task = answer.task
    if task.task_id and task.task_id != task_id:
        return None
    text = scrub(answer.text, secrets)
    # an error with a status beside it still speaks of the task; one without says only "no"
    if not answer.is_success and not (
        task.task_id and task.status and answer.code not in {SERVER_TROUBLE, KEY_REFUSED}
    ):
        return TaskView(TaskStatus.MISSING, text=text) if says_no_such_task(answer) else None
    return _view(task, answer, text)


def _view(task: TaskData, answer: Answer, text: str) -> TaskView:
    status = _STATUSES.get(re.sub(r"[\s-]+", "_", task.status.lower()), TaskStatus.UNKNOWN)
    if status is TaskStatus.COMPLETED:
        if task.link:
            return TaskView(status, 100, video_url=task.link, took_s=task.took_s, cost=task.cost)
        return TaskView(TaskStatus.RUNNING, task.progress, cost=task.cost)
    if status is TaskStatus.FAILED:
        return TaskView(
            status, task.progress, failure=classify(answer.text), text=text, cost=task.cost
        )
    if status is TaskStatus.UNKNOWN and says_no_such_task(answer):
        return TaskView(TaskStatus.MISSING, text=text)
    word = scrub(task.status)[:MAX_WORD] if status is TaskStatus.UNKNOWN else ""
    return TaskView(status, task.progress, text=text, unknown_word=word, cost=task.cost)


def uploaded_url(answer: Answer) -> str:
    """The link under which an uploaded file can be had, exactly as given; empty if none."""
    url = answer.data.get("url")
    usable = isinstance(url, str) and re.fullmatch(r"(?i)https?://[^\s/]+\S*", url.strip())
    return str(url).strip() if usable else ""


def account_balance(answer: Answer) -> Balance:
    """The account's balance, as the user's balance call answers it."""
    data = answer.data
    total, used = as_amount(data.get("balance")), as_amount(data.get("used_coin"))
    available = as_amount(data.get("available"))
    return Balance(total if available is None else available, total, used)


def key_balance(answer: Answer) -> Balance:
    """The key's own quota; a total of 0 means that it has no ceiling."""
    data = answer.data
    total, used = as_amount(data.get("total_quota")), as_amount(data.get("used_quota"))
    if total == 0:
        return Balance(None, total, used, unlimited=True)
    return Balance(as_amount(data.get("available_quota")), total, used)


_FIELDS: Final[Mapping[MediaKind, str]] = MappingProxyType(
    {
        MediaKind.IMAGE: "images",
        MediaKind.VIDEO: "reference_videos",
        MediaKind.AUDIO: "reference_audios",
    }
)


def create_body(spec: ModelSpec, request: VideoRequest, urls: Sequence[str]) -> dict[str, object]:
    """What is sent to create `request`: the fields that the model takes and no other.

    `request` is settled and checked; `urls` stand in the order of `request.media`. No list is
    empty and no value null; the resolution is left out where the output is fixed.
    Raises: ValueError if the request is not settled, or a reference's kind is not known yet.
    """
    if request.duration is None:
        raise ValueError("a request without duration is not settled")
    body: dict[str, object] = {
        "model": spec.name,
        "prompt": request.prompt,
        "duration": request.duration,
    }
    if spec.ratios and request.ratio is not None:
        body["ratio"] = request.ratio
    if spec.resolutions and request.resolution is not None:
        body["resolution"] = request.resolution
    lists: dict[str, list[str]] = {}
    for media, url in zip(request.media, urls, strict=True):
        if media.role is MediaRole.REFERENCE:
            lists.setdefault(_list_of(media), []).append(url)
        else:
            body["first_image" if media.role is MediaRole.FIRST else "last_image"] = url
    return {**body, **lists}


def _list_of(media: MediaRef) -> str:
    if media.kind is None:
        raise ValueError("a reference whose kind is not known can't be sent")
    return _FIELDS[media.kind]
