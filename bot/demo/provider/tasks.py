"""Tasks of the simulated provider: their progress, query responses and signed result links."""

import hashlib
import hmac
from asyncio import Task as Making
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.demo.provider.faults import TaskPlan

QUEUED_SHARE: Final = 0.1
"""Share of a task's time in status `queued`."""

LINK_LIFE_S: Final = 3 * 24 * 3600.0

TASK_MISSING: Final = {"code": "20002", "msg": "任务不存在"}


@dataclass(slots=True)
class Task:
    """One accepted task; times are in seconds. `cost` is what was billed for it at first."""

    id: str
    body: Mapping[str, object]
    created_at_s: float
    takes_s: float
    plan: TaskPlan
    cost: Decimal = Decimal(0)
    queries: int = 0
    queries_after_end: int = 0
    downloads: int = 0
    making: Making[Path] | None = None
    links: dict[str, float] = field(default_factory=dict)
    """Signature → expiry of each issued link."""
    first_told_at_s: float | None = None
    """When a query first reported its end."""

    @property
    def ends_at_s(self) -> float:
        """When it ends, successfully or not."""
        return self.created_at_s + self.takes_s

    def is_over(self, now_s: float) -> bool:
        """Whether it has ended and freed its slot."""
        return not self.plan.never_ends and now_s >= self.ends_at_s

    def progress(self, now_s: float) -> int:
        """0–100, linear over its time; stays at 95 if it hangs."""
        if self.is_over(now_s):
            return 100
        share = (now_s - self.created_at_s) / self.takes_s if self.takes_s > 0 else 1.0
        return max(0, min(95, int(share * 100)))

    def fail(self, text: str) -> None:
        """Make it fail with this message when its time is up."""
        self.plan = TaskPlan(fails_with=text, bill=self.plan.bill)


def receipt(task: Task, cost: Decimal | None) -> dict[str, object]:
    """Response data of a create."""
    said = _said(cost) if task.plan.bill.is_in_create else {}
    return {
        "task_id": task.id,
        "status": "queued",
        "model": task.body["model"],
        "created_at": int(task.created_at_s),
        **said,
    }


def _said(cost: Decimal | None) -> dict[str, object]:
    return {} if cost is None else {"cost": float(cost)}


def answer_of(
    task: Task, now_s: float, *, is_made: bool, cost: Decimal | None, link: Callable[[], str]
) -> dict[str, Any]:
    """Response of a query at this time; counts the query. `link` issues a fresh link."""
    task.queries += 1
    plan = task.plan
    if task.queries <= plan.hidden_queries:
        return TASK_MISSING
    data: dict[str, Any] = {
        "task_id": task.id,
        "model": task.body["model"],
        "created_at": int(task.created_at_s),
        "progress": task.progress(now_s),
        **_said(cost),
    }
    if task.queries <= plan.hidden_queries + plan.odd_status_queries:
        data["status"] = plan.odd_status
    elif not task.is_over(now_s) or not (is_made or plan.fails_with):
        waits = now_s - task.created_at_s < QUEUED_SHARE * task.takes_s
        data["status"] = "queued" if waits else "processing"
        data["progress"] = 0 if waits else min(95, data["progress"])
    else:
        data |= _end(task, now_s, link)
    return data if plan.without_envelope else {"code": "20000", "msg": "ok", "data": data}


def _end(task: Task, now_s: float, link: Callable[[], str]) -> dict[str, Any]:
    plan = task.plan
    task.queries_after_end += 1
    if task.first_told_at_s is None:
        task.first_told_at_s = now_s
    end: dict[str, Any] = {"completed_at": int(task.ends_at_s)}
    if plan.fails_with:
        return end | {
            "status": plan.end_status or "failed",
            "result": None,
            "error_message": plan.fails_with,
        }
    end["status"] = plan.end_status or "completed"
    if task.queries_after_end <= plan.without_link_queries:
        return end | {"result": {"video_url": "", "image_url": None}}
    return end | {"result": {"video_url": link(), "image_url": None}}


class Signer:
    """Signs links like an object store, so that a modified or expired one is refused."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def link(self, base_url: str, task: Task, now_s: float) -> str:
        """Issue a link to the task's video; already dead if the plan says so."""
        expires_s = now_s + LINK_LIFE_S
        signature = self._signature(task.id, len(task.links))
        task.links[signature] = -1.0 if len(task.links) < task.plan.dead_links else expires_s
        # upper-case and lower-case escapes and a plus: re-encoding breaks the signature
        return (
            f"{base_url}/results/{task.id}.mp4?Expires={int(expires_s)}"
            f"&Policy=a%2Fb%3d+c&Signature={signature}"
        )

    def opens(self, task: Task, query: str, now_s: float) -> bool:
        """Whether this raw query string belongs to an issued link that has not expired."""
        head, _, signature = query.rpartition("&Signature=")
        return head.endswith("&Policy=a%2Fb%3d+c") and now_s < task.links.get(signature, -1.0)

    def _signature(self, task_id: str, number: int) -> str:
        return hmac.new(self._secret, f"{task_id}/{number}".encode(), hashlib.sha256).hexdigest()
