"""Random faults everywhere, drawn from one seed: at the provider, at Discord, on the line."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Final

from bot.demo.provider.faults import GARBAGE as GARBAGE_TAKEN
from bot.demo.provider.faults import (
    BillPlan,
    Call,
    CallName,
    Cut,
    Delay,
    Drop,
    Fault,
    Refuse,
    Reply,
    TaskPlan,
    Throttle,
    server_error,
)
from tests.crash.stage import Stage
from tests.support.discord.http import server as discord
from tests.support.discord.http.faults import Fault as DiscordFault
from tests.support.discord.records import Call as DiscordCall

SHARE: Final = 0.08
"""Of all calls, so many meet a fault."""

GARBAGE = Reply(body=b"\x00\xff not json", content_type="application/json")
MISSING_ID = Reply(
    body=b'{"code":"20000","msg":"ok","data":{"status":"queued"}}',
    content_type="application/json",
    carried_out=True,
)
TROUBLE = Reply(body=b'{"code":"-1","msg":"system error"}', content_type="application/json")

CREATES: Final[Mapping[str, tuple[str, Fault]]] = {
    # the provider surely took nothing
    "throttled": ("refused", Throttle("1")),
    "busy": ("refused", Refuse("20002", "系统繁忙，请稍后再试")),
    "refused": ("refused", Refuse("20002", "duration out of range")),
    "content": ("refused", Refuse("20002", "[SY_ERR:9] PROVIDER_MODERATION_ERROR")),
    # it may have taken it
    "reset before": ("lost", Drop()),
    "reset after": ("lost", Drop(carried_out=True)),
    "500": ("lost", server_error(500)),
    "502 after": ("lost", server_error(502, carried_out=True)),
    "-1": ("lost", TROUBLE),
    "without id": ("lost", MISSING_ID),
    "garbage": ("lost", GARBAGE_TAKEN),
    "cut": ("lost", Cut()),
}
OTHERS: Final[tuple[Fault, ...]] = (
    Throttle("1"),
    Refuse("20002", "系统繁忙"),
    Drop(),
    Drop(carried_out=True),
    server_error(500),
    server_error(503),
    TROUBLE,
    GARBAGE,
    Cut(),
)
TASKS: Final = (
    TaskPlan(fails_with="[SY_ERR:1] internal error"),
    TaskPlan(fails_with="PROVIDER_MODERATION_ERROR: TRADEMARK"),
    TaskPlan(hidden_queries=2),
    TaskPlan(odd_status_queries=2),
    TaskPlan(without_link_queries=2),
    TaskPlan(without_envelope=True),
    TaskPlan(dead_links=1),
    TaskPlan(cut_downloads=1),
    # the bill is not always the price, nor what was said first
    TaskPlan(bill=BillPlan(cost=Decimal("1.25"))),
    TaskPlan(bill=BillPlan(cost=Decimal("0.70"), is_in_create=False)),
    TaskPlan(bill=BillPlan(in_the_end=Decimal("0.40"))),
    TaskPlan(fails_with="[SY_ERR:1] internal error", bill=BillPlan(refund="key")),
    TaskPlan(fails_with="[SY_ERR:1] internal error", bill=BillPlan(refund="account")),
)


def let_loose(stage: Stage, stall_s: Callable[[], float]) -> None:
    """From now on every call may fail, on both sides."""
    draw = random.Random(stage.draw.random())
    faults = stage.provider.faults

    def create(call: Call) -> Fault | None:
        fate = stage.fates[str(call.body["prompt"])]
        if draw.random() >= SHARE:
            fate.creates.append("taken")
            return None
        answer, fault = draw.choice(tuple(CREATES.values()))
        fate.creates.append(answer)
        return fault

    def other(_: Call) -> Fault | None:
        if draw.random() >= SHARE:
            return None
        if draw.random() < 0.15:
            return Delay(_sleeping(stall_s()))
        return draw.choice(OTHERS)

    faults.every(CallName.CREATE, create)
    for name in (CallName.QUERY, CallName.UPLOAD, CallName.RESULT, CallName.BALANCE):
        faults.every(name, other)
    faults.every_task(lambda _: draw.choice(TASKS) if draw.random() < 3 * SHARE else None)
    stage.discord.faults.chooser = _chooser(draw, stall_s)


def _sleeping(seconds: float) -> Callable[[], Awaitable[object]]:
    return lambda: asyncio.sleep(seconds)


def _chooser(
    draw: random.Random, stall_s: Callable[[], float]
) -> Callable[[DiscordCall], DiscordFault | None]:
    sends = {discord.SEND, discord.EDIT, discord.DELETE, discord.CALLBACK}

    def choose(call: DiscordCall) -> DiscordFault | None:
        if draw.random() >= SHARE or call.route not in {*sends, discord.HISTORY}:
            return None
        kinds = [
            DiscordFault(status=500),
            DiscordFault(status=503),
            DiscordFault(drop=True),
            DiscordFault(status=429, retry_after_s=0.5),
            DiscordFault(stall_s=stall_s()),
        ]
        if call.route in sends:
            kinds += [
                DiscordFault(drop=True, after_effect=True),
                DiscordFault(status=502, after_effect=True),
                DiscordFault(truncate=True, after_effect=True),
            ]
        if call.route == discord.SEND:
            kinds.append(DiscordFault(status=413, code=40005))
        return draw.choice(kinds)

    return choose
