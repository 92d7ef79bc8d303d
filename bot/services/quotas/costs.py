"""Books what the provider says that tasks cost, whenever it says so."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from bot.services.quotas.reservations import adjust_cost
from storage.engine.transaction import Transaction
from storage.errors import UnknownRequest
from storage.quotas import cost_checks, task_costs
from storage.quotas.task_costs import CostChange
from storage.records import Request, State
from storage.requests import requests

MICROS: Final = Decimal(1_000_000)
COST_CHECK_MS: Final = 10 * 60_000
"""An ended task whose cost may still change is asked again after so long."""


@dataclass(frozen=True, slots=True)
class SaidCost:
    """What an answer of the provider says of a task's cost.

    `source` is the call: `create` or `query`. `asked_at_ms` is the moment before it was made.
    `micros` is None where the answer has no cost. A task that `has_ended` was made or `has_failed`.
    """

    micros: int | None
    source: str
    asked_at_ms: int
    has_ended: bool = False
    has_failed: bool = False

    @property
    def is_known(self) -> bool:
        """Whether it can be booked: a 0 of a task that goes on may only be not billed yet."""
        return self.micros is not None and (self.micros > 0 or self.has_ended)

    @property
    def is_final(self) -> bool:
        """Whether the provider need not be asked again: what failed may still be refunded."""
        return self.is_known and self.has_ended and (not self.has_failed or self.micros == 0)


def micros_of(cost: Decimal | None) -> int | None:
    """An amount of the provider's in millionths, rounded half to even; None stays None."""
    if cost is None:
        return None
    return int((cost * MICROS).to_integral_value(rounding=ROUND_HALF_EVEN))


async def note_cost(tx: Transaction, request_id: str, said: SaidCost, now_ms: int) -> Request:
    """Record a cost that the provider said, and book it if the request's accounts are closed.

    The same cost again changes nothing, nor does an answer older than one that was recorded.
    Raises: UnknownRequest.
    """
    request = await requests.locked(tx, request_id)
    if request is None:
        raise UnknownRequest(f"there is no request {request_id}")
    if said.micros is None or not said.is_known or said.asked_at_ms < request.billed_at_ms:
        return request
    is_unbilled = said.has_failed and said.micros == 0
    noted = await requests.note(
        tx,
        request_id,
        source=request.state,
        owner=None,
        billed_micros=said.micros,
        billed_at_ms=said.asked_at_ms,
        is_unbilled=is_unbilled,
        # a request that was thought never to have been taken has a task that cost something
        intent_at_ms=request.intent_at_ms or (said.asked_at_ms if said.micros else 0),
    )
    if request.billed_micros != said.micros or request.is_unbilled is not is_unbilled:
        change = CostChange(
            request_id=request_id,
            task_id=request.task_id,
            cost_micros=said.micros,
            change_micros=said.micros - (request.billed_micros or 0),
            source=said.source,
            since_ms=request.billed_at_ms or request.intent_at_ms,
            at_ms=now_ms,
        )
        cost_id = await task_costs.add(tx, change)
        await adjust_cost(tx, noted, cost_id, reason=_reason(request, noted), now_ms=now_ms)
    if said.is_final:
        await cost_checks.drop(tx, request_id)
    return noted


def _reason(before: Request, after: Request) -> str:
    """Why an adjustment is booked; a row's `reason`."""
    if before.billed_micros is None:
        return "late-cost"
    is_less = (after.billed_micros or 0) < before.billed_micros
    return "refunded" if is_less else "changed-cost"


async def expect_cost(tx: Transaction, request: Request, now_ms: int) -> None:
    """Have an ended request's task asked again if its cost may still become known or change.

    What was made has its cost for good once it is said; of other tasks a refund may come.
    """
    if not request.intent_at_ms or request.is_unbilled:
        return
    was_made = request.rendered_at_ms > 0 or request.state is State.POSTED
    if request.billed_micros is None or not was_made:
        await cost_checks.expect(tx, request.id, now_ms + COST_CHECK_MS)
