"""A provider without sockets, its files and their encoder: every answer is told in advance."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from bot.media.download.fetch import Fetched
from bot.media.errors import FetchForbidden, FetchGone, FetchUnavailable, FitImpossible
from bot.media.media_info import FitResult
from bot.provider.errors import (
    FailureKind,
    ProviderContract,
    ProviderKeyRefused,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
)
from bot.provider.wire import Balance, CreatedTask, TaskStatus, TaskView

CREATE_FAULTS = (
    "unavailable",
    "throttled",
    "busy",
    "refused",
    "content",
    "key",
    "money",
    "lost",
    "lost-untaken",
    "lost-with-id",
)
SURE = frozenset(CREATE_FAULTS[:7])
"""By these surely nothing was taken."""
QUERY_FAULTS = (
    "unavailable",
    "throttled",
    "contract",
    "key",
    "missing",
    "odd",
    "progress",
    "failed",
)
FETCH_FAULTS = ("unavailable", "gone", "forbidden", "no-video")

_KINDS = {
    "busy": FailureKind.BUSY,
    "refused": FailureKind.PARAMETERS,
    "content": FailureKind.CONTENT,
}
_VIEWS = {
    "missing": TaskView(TaskStatus.MISSING),
    "odd": TaskView(TaskStatus.UNKNOWN),
    "progress": TaskView(TaskStatus.RUNNING, 40),
    "failed": TaskView(TaskStatus.FAILED, failure=FailureKind.UNKNOWN, text="no"),
}

Meanwhile = Callable[[str], Awaitable[None]]


@dataclass
class Create:
    """One create that arrived; `outcome` is empty where it was answered with a task."""

    prompt: str
    outcome: str


@dataclass
class ScriptedProvider:
    """Answers creates and queries by plan, and well when nothing is planned."""

    create_plan: deque[str] = field(default_factory=deque)
    query_plan: deque[str] = field(default_factory=deque)
    creates: list[Create] = field(default_factory=list)
    tasks: dict[str, str] = field(default_factory=dict)
    meanwhile: deque[str] = field(default_factory=deque)
    happen: Meanwhile | None = None
    """What happens elsewhere while a create is under way."""
    cost: Decimal | None = None
    """What each answer to a query says that the task cost."""
    used: deque[Decimal | None] = field(default_factory=deque)
    """What the key has used, look by look; without an answer the call fails."""
    queries: int = 0
    looks: int = 0

    async def create(self, body: Mapping[str, object]) -> CreatedTask:
        prompt = str(body["prompt"])
        outcome = self.create_plan.popleft() if self.create_plan else ""
        self.creates.append(Create(prompt, outcome))
        task_id = f"task-{len(self.creates)}"
        if outcome not in SURE and outcome != "lost-untaken":
            self.tasks[task_id] = prompt
        if self.meanwhile and self.happen is not None:
            await self.happen(self.meanwhile.popleft())
        match outcome:
            case "unavailable":
                raise ProviderUnavailable("no connection")
            case "throttled":
                raise ProviderThrottled(7)
            case "busy" | "refused" | "content":
                raise ProviderRejected("20002", "no", _KINDS[outcome])
            case "key":
                raise ProviderKeyRefused("401")
            case "money":
                raise ProviderOutOfMoney("402")
            case "lost" | "lost-untaken":
                raise SubmissionUncertain("no answer")
            case "lost-with-id":
                raise SubmissionUncertain("HTTP 500", task_id=task_id)
        return CreatedTask(task_id)

    async def query(self, task_id: str) -> TaskView:
        self.queries += 1
        outcome = self.query_plan.popleft() if self.query_plan else ""
        match outcome:
            case "unavailable":
                raise ProviderUnavailable("no answer")
            case "throttled":
                raise ProviderThrottled(7)
            case "contract":
                raise ProviderContract("unreadable")
            case "key":
                raise ProviderKeyRefused("401")
        if task_id not in self.tasks:
            return TaskView(TaskStatus.MISSING)
        if outcome in _VIEWS:
            return replace(_VIEWS[outcome], cost=self.cost)
        url = f"https://videos.example/{task_id}"
        return TaskView(TaskStatus.COMPLETED, 100, video_url=url, cost=self.cost)

    async def balance(self) -> Balance:
        return Balance(Decimal(10))

    async def key_used(self) -> Decimal | None:
        self.looks += 1
        if not self.used:
            raise ProviderUnavailable("no answer")
        return self.used.popleft()

    async def upload(self, path: Path, *, filename: str, content_type: str) -> str:
        raise AssertionError("these requests have no inputs")


@dataclass
class ScriptedFetcher:
    """Writes the same small video for every link, or fails by plan."""

    video: Path
    plan: deque[str] = field(default_factory=deque)

    async def fetch(
        self, url: str, to: Path, *, max_bytes: int, https_only: bool = False
    ) -> Fetched:
        outcome = self.plan.popleft() if self.plan else ""
        if not url.startswith("https://videos.example/"):
            raise FetchForbidden("elsewhere", "a private address")
        match outcome:
            case "unavailable":
                raise FetchUnavailable("videos.example", "no answer in time")
            case "gone":
                raise FetchGone("videos.example", 403)
            case "forbidden":
                raise FetchForbidden("videos.example", "a private address")
        content = b"<html>" if outcome == "no-video" else self.video.read_bytes()
        to.write_bytes(content)
        return Fetched(len(content), "", "video/mp4")


class ScriptedMedia:
    """Makes everything fit by copying its beginning; below 20 bytes nothing fits."""

    async def fit(self, source: Path, target: Path, *, limit_bytes: int) -> FitResult:
        raise FitImpossible("nothing fits")

    async def plays(self, film: Path) -> bool:
        return False
