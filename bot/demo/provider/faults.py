"""Fault injection for the simulated provider, per call or per task."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class CallName(StrEnum):
    """The provider's calls, and the download of a finished video."""

    CREATE = "create"
    QUERY = "query"
    UPLOAD = "upload"
    BALANCE = "balance"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it arrived. `body` is a create's JSON; `headers` lack the key.

    `at_s` is the simulator's clock. `subject` is the task asked for, or the name of the result.
    """

    name: CallName
    at_s: float
    headers: Mapping[str, str]
    body: Mapping[str, object] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A business refusal in an envelope; nothing is taken."""

    code: str | int = "20002"
    msg: str = "invalid parameters"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Throttle:
    """HTTP 429, with `Retry-After` as given; nothing is taken."""

    retry_after: str | None = "2"


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection is reset: before the request is read, or after it was carried out."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """No answer until the simulator closes; carried out before, or not at all."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """The ordinary answer, but only once `release` is over: an event's `wait`, or a sleep."""

    release: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer word for word, such as garbage, a 5xx or a path that is not there."""

    status: int = 200
    body: bytes = b"<html>bad gateway</html>"
    content_type: str = "text/html"
    carried_out: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Cut:
    """The ordinary answer, carried out, but the connection ends in the middle of it."""


Fault = Refuse | Throttle | Drop | Stall | Delay | Reply | Cut

MISSING_PATH = Reply(status=404, body=b"404 page not found", content_type="text/plain")
GARBAGE = Reply(body=b"\x00\xff not json", content_type="application/json", carried_out=True)


def server_error(status: int = 500, *, carried_out: bool = False) -> Reply:
    """A 5xx without an envelope, before or after the request was carried out."""
    return Reply(status=status, carried_out=carried_out)


class BadVideo(StrEnum):
    """What is wrong with a finished video's bytes."""

    TRUNCATED = "truncated"
    """The file itself is cut short; its transfer is whole."""
    NOT_A_VIDEO = "not_a_video"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """How one accepted task behaves; without any of these it simply gets ready.

    The counts are of queries (or links, or downloads) that see the oddity before it is over.
    """

    fails_with: str = ""
    """The task fails, with this error text, when its time is over."""
    end_status: str = ""
    """The provider's word for its end, instead of `completed` or `failed`."""
    hidden_queries: int = 0
    """Queries that are told there is no such task."""
    odd_status: str = "dreaming"
    odd_status_queries: int = 0
    """Queries that get `odd_status`."""
    without_link_queries: int = 0
    """Queries after its end that see it completed, but without a link."""
    without_envelope: bool = False
    """Queries are answered in the older form."""
    dead_links: int = 0
    """Links handed out that answer 403 from the start; the next query gives a fresh one."""
    cut_downloads: int = 0
    """Downloads whose connection ends half-way."""
    bad_video: BadVideo | None = None
    never_ends: bool = False


Plan = Fault | None | Callable[[Call], Fault | None]


class Faults:
    """What is planned: one-time faults in order, then whatever is set for every call."""

    def __init__(self) -> None:
        self._next: dict[CallName, deque[Plan]] = {name: deque() for name in CallName}
        self._every: dict[CallName, Plan] = {}
        self._tasks: deque[TaskPlan | None] = deque()
        self._every_task: TaskPlan | Callable[[Call], TaskPlan | None] | None = None

    def next(self, name: CallName | str, *plans: Plan) -> None:
        """The coming calls of this name meet these, one each; None lets one pass."""
        self._next[CallName(name)].extend(plans)

    def every(self, name: CallName | str, plan: Plan) -> None:
        """All calls that no one-time plan takes meet this; None ends it."""
        self._every[CallName(name)] = plan

    def next_task(self, *plans: TaskPlan | None) -> None:
        """The coming accepted tasks behave like this, one each."""
        self._tasks.extend(plans)

    def every_task(self, plan: TaskPlan | Callable[[Call], TaskPlan | None] | None) -> None:
        """All tasks that no one-time plan takes behave like this."""
        self._every_task = plan

    def take(self, call: Call) -> Fault | None:
        """What this call meets; uses up a one-time plan."""
        waiting = self._next[call.name]
        plan = waiting.popleft() if waiting else self._every.get(call.name)
        return plan(call) if callable(plan) else plan

    def take_task(self, call: Call) -> TaskPlan:
        """How the task of this create behaves; uses up a one-time plan."""
        plan = self._tasks.popleft() if self._tasks else self._every_task
        return (plan(call) if callable(plan) else plan) or TaskPlan()

    def clear(self) -> None:
        """Everything works again."""
        for waiting in self._next.values():
            waiting.clear()
        self._every.clear()
        self._tasks.clear()
        self._every_task = None
