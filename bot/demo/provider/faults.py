"""Fault injection for the simulated provider, per call or per task."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class CallName(StrEnum):
    """The provider's calls, and the download of a finished video."""

    CREATE = "create"
    QUERY = "query"
    UPLOAD = "upload"
    SUBMIT_ASSETS = "submit_assets"
    ASSET_STATUS = "asset_status"
    BALANCE = "balance"
    PRICE_LIST = "price_list"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Call:
    """One received call. `body` is a create's JSON; `headers` exclude the key.

    `at_s` is the simulator's clock. `subject` is the queried task, or the result's name.
    """

    name: CallName
    at_s: float
    headers: Mapping[str, str]
    body: Mapping[str, object] = field(default_factory=dict)
    subject: str = ""
    has_key: bool = False
    """Whether a key was sent along, whichever."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A refusal in an envelope; no task is created."""

    code: str | int = "20002"
    msg: str = "invalid parameters"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Throttle:
    """HTTP 429 with the given `Retry-After`; no task is created."""

    retry_after: str | None = "2"


@dataclass(frozen=True, slots=True)
class Drop:
    """Reset the connection, before or after carrying the request out."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Never respond until the simulator closes, with or without carrying the request out."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """The normal response after awaiting `release`: an event's `wait`, or a sleep."""

    release: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A verbatim HTTP response, such as garbage, a 5xx or a 404."""

    status: int = 200
    body: bytes = b"<html>bad gateway</html>"
    content_type: str = "text/html"
    carried_out: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Cut:
    """Carry the request out, then close the connection half-way through the response."""


Fault = Refuse | Throttle | Drop | Stall | Delay | Reply | Cut

MISSING_PATH = Reply(status=404, body=b"404 page not found", content_type="text/plain")
GARBAGE = Reply(body=b"\x00\xff not json", content_type="application/json", carried_out=True)


def server_error(status: int = 500, *, carried_out: bool = False) -> Reply:
    """A 5xx without an envelope, before or after carrying the request out."""
    return Reply(status=status, carried_out=carried_out)


class BadVideo(StrEnum):
    """How a finished video is corrupt."""

    TRUNCATED = "truncated"
    """The file is truncated; its transfer is complete."""
    NOT_A_VIDEO = "not_a_video"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class BillPlan:
    """How an accepted task is billed; by default at once and at the listed price."""

    cost: Decimal | None = None
    """What is billed instead: the account's own price."""
    in_the_end: Decimal | None = None
    """What the task costs once it has ended."""
    refund: Literal["", "key", "account"] = ""
    """A failed task costs nothing in the end: taken off the key's use too, or the account's alone.
    """
    is_in_create: bool = True
    """The answer to the create says the cost; queries always do."""
    after_s: float = 0.0
    """Billed only so long after the create; nothing says a cost before."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """How an accepted task behaves; by default it completes normally.

    Counts are the number of queries, links or downloads affected.
    """

    fails_with: str = ""
    """The task fails with this message when its time is up."""
    end_status: str = ""
    """Final status to report instead of `completed` or `failed`."""
    hidden_queries: int = 0
    """Queries answered with "no such task"."""
    odd_status: str = "dreaming"
    odd_status_queries: int = 0
    """Queries answered with `odd_status`."""
    without_link_queries: int = 0
    """Queries that see it completed but without a link."""
    without_envelope: bool = False
    """Answer queries in the older format."""
    dead_links: int = 0
    """Links that return 403 from the start; the next query gives a fresh one."""
    cut_downloads: int = 0
    """Downloads cut off half-way."""
    bad_video: BadVideo | None = None
    never_ends: bool = False
    bill: BillPlan = BillPlan()


Plan = Fault | None | Callable[[Call], Fault | None]


class Faults:
    """Fault plan: one-time faults in order, then the default for each call."""

    def __init__(self) -> None:
        self._next: dict[CallName, deque[Plan]] = {name: deque() for name in CallName}
        self._every: dict[CallName, Plan] = {}
        self._tasks: deque[TaskPlan | None] = deque()
        self._every_task: TaskPlan | Callable[[Call], TaskPlan | None] | None = None

    def next(self, name: CallName | str, *plans: Plan) -> None:
        """Queue one-time faults for the next calls; None lets one pass."""
        self._next[CallName(name)].extend(plans)

    def every(self, name: CallName | str, plan: Plan) -> None:
        """Set the default fault of a call; None clears it."""
        self._every[CallName(name)] = plan

    def next_task(self, *plans: TaskPlan | None) -> None:
        """Queue one-time plans for the next tasks."""
        self._tasks.extend(plans)

    def every_task(self, plan: TaskPlan | Callable[[Call], TaskPlan | None] | None) -> None:
        """Set the default plan for tasks."""
        self._every_task = plan

    def take(self, call: Call) -> Fault | None:
        """The fault for this call; consumes a one-time plan."""
        waiting = self._next[call.name]
        plan = waiting.popleft() if waiting else self._every.get(call.name)
        return plan(call) if callable(plan) else plan

    def take_task(self, call: Call) -> TaskPlan:
        """The plan for this create's task; consumes a one-time plan."""
        plan = self._tasks.popleft() if self._tasks else self._every_task
        return (plan(call) if callable(plan) else plan) or TaskPlan()

    def clear(self) -> None:
        """Remove all faults."""
        for waiting in self._next.values():
            waiting.clear()
        self._every.clear()
        self._tasks.clear()
        self._every_task = None
