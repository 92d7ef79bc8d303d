"""Billing of the simulated provider: its price list, what each task costs, what the key has used.

Shares no code with the bot's price rules, so that a mistake there is noticed here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.demo.provider.tasks import Task

_RESOLUTIONS: Final = ("480p", "720p", "1080p")


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of the price list; other modes than per_task and per_second price no request."""

    unit_price: Decimal
    price_mode: str = "per_second"


DEMO_PRICES: Final[Mapping[str, Listing]] = MappingProxyType(
    {
        "seedance2.0-fast-i2v": Listing(Decimal("0.35"), "per_task"),
        "seedance2.0-std": Listing(Decimal("0.60"), "per_task"),
        "seedance2.0-md": Listing(Decimal("0.80"), "per_task"),
        "seedance2.0-fast-md": Listing(Decimal("0.50"), "per_task"),
        "seedance2.0-mini-sp": Listing(Decimal("0.40"), "per_task"),
        **{f"sd2_sp_{size}": Listing(Decimal("0.10")) for size in _RESOLUTIONS},
        **{f"sd2_sp_video_{size}": Listing(Decimal("0.12")) for size in _RESOLUTIONS},
        **{f"seedance2.0-mini-{size}": Listing(Decimal("0.05")) for size in _RESOLUTIONS},
        **{f"seedance2.0-mini-{size}-video": Listing(Decimal("0.06")) for size in _RESOLUTIONS},
        **{f"sd2_mx_{size}": Listing(Decimal("0.15")) for size in ("720p", "1080p", "2k", "4k")},
        "seedance-understand": Listing(Decimal(2), "per_million_tokens"),
    }
)


class Billing:
    """Bills tasks to one account and key; `prices` may be changed at any time.

    A model without a row costs `flat`. `others` is what somebody else spends with the same key.
    `balance` is what was paid in.
    """

    def __init__(
        self,
        prices: Mapping[str, Listing],
        *,
        flat: Decimal,
        balance: Decimal,
        clock: Callable[[], float],
    ) -> None:
        self.prices = dict(prices)
        self.balance = balance
        self.others = Decimal(0)
        self._flat = flat
        self._clock = clock
        self._tasks: list[Task] = []

    def drift(self, name: str, unit_price: Decimal) -> None:
        """List another price from now on; what was billed stays as it is."""
        self.prices[name] = replace(self.prices[name], unit_price=unit_price)

    def price_of(self, body: Mapping[str, object]) -> Decimal:
        """What a create with this body costs by the list."""
        row = next((self.prices[n] for n in _billing_names(body) if n in self.prices), None)
        if row is None or row.price_mode not in {"per_task", "per_second"}:
            return self._flat
        seconds = int(str(body["duration"])) if row.price_mode == "per_second" else 1
        return row.unit_price * seconds

    def charge(self, task: Task) -> None:
        """Bill a task that was taken."""
        plan = task.plan.bill
        task.cost = self.price_of(task.body) if plan.cost is None else plan.cost
        self._tasks.append(task)

    def cost_of(self, task: Task) -> Decimal | None:
        """What a task costs as of now; None before it is billed."""
        plan, now_s = task.plan.bill, self._clock()
        if now_s < task.created_at_s + plan.after_s:
            return None
        if not task.is_over(now_s):
            return task.cost
        if task.plan.fails_with and plan.refund:
            return Decimal(0)
        return task.cost if plan.in_the_end is None else plan.in_the_end

    @property
    def bill(self) -> dict[str, Decimal]:
        """What each task costs as of now, by its id, whether or not anybody was told that id."""
        return {task.id: self.cost_of(task) or Decimal(0) for task in self._tasks}

    @property
    def used_coin(self) -> Decimal:
        """What the account has used: refunds are taken off."""
        return sum(self.bill.values(), self.others)

    @property
    def used_quota(self) -> Decimal:
        """What the key has used: refunds to the account alone are not taken off."""
        return self.used_coin + sum(self._kept_by_key(), Decimal(0))

    @property
    def available(self) -> Decimal:
        """What is left of the account's balance."""
        return self.balance - self.used_coin

    def _kept_by_key(self) -> Iterable[Decimal]:
        now_s = self._clock()
        for task in self._tasks:
            is_refunded = task.plan.fails_with and task.plan.bill.refund == "account"
            if is_refunded and task.is_over(now_s):
                yield task.cost

    def account(self) -> dict[str, object]:
        """Data of the account's balance."""
        return {
            "balance": str(self.balance),
            "used_coin": str(self.used_coin),
            "available": str(self.available),
        }

    def key(self) -> dict[str, object]:
        """Data of the key's balance; the key has no limit of its own."""
        return {"total_quota": 0, "used_quota": str(self.used_quota), "available_quota": 0}

    def catalogue(self, search: str) -> dict[str, object]:
        """Data of the price list: the rows whose name holds this text."""
        rows = [
            {
                "model_name": name,
                "display_name": name,
                "model_type": "video",
                "price_mode": row.price_mode,
                "unit_price": float(row.unit_price),
                "remark": "",
                "group": "default",
            }
            for name, row in self.prices.items()
            if search.lower() in name.lower()
        ]
        return {"list": rows, "total": len(rows)}


def _billing_names(body: Mapping[str, object]) -> tuple[str, ...]:
    """Names under which a create is billed; the first one that is listed counts."""
    model, size = str(body["model"]), str(body.get("resolution") or "720p")
    if model in {"seedance2.0-mini", "seedance2.0-mini-video"}:
        return f"seedance2.0-mini-{size}{model.removeprefix('seedance2.0-mini')}", model
    if model == "seedance2.0-sp":
        return f"sd2_sp_{'video_' if 'reference_videos' in body else ''}{size}", model
    return (model,)
