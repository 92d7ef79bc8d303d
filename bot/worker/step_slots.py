"""Who may start: each kind of step has slots of its own, and nobody more than a share of them."""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from storage.requests.due_work import Due, StepKind

REMEMBERED: Final = 4096
"""So many of those who were served last are remembered; who is not, comes first."""


@dataclass(frozen=True, slots=True)
class Slots:
    """`total` steps of a kind at once in this process, of one member or place `share` of them."""

    total: int
    share: int


class SlotTable:
    """What is at work here, and who comes next.

    Of those who may start, who has least at work comes first, then who was served longest ago,
    then what is due longest: a member with fifty requests waits behind one with a single one.
    """

    def __init__(self, slots: Mapping[StepKind, Slots]) -> None:
        self._slots = slots
        self._at_work: dict[str, Due] = {}
        self._served: OrderedDict[tuple[StepKind, int], int] = OrderedDict()
        self._turn = 0

    @property
    def share(self) -> int:
        """The largest share: no look at what is due needs more of one member or place."""
        return max(slots.share for slots in self._slots.values())

    @property
    def window(self) -> int:
        """Wide enough that those who have used up their share cannot fill it."""
        return 2 * max(slots.total for slots in self._slots.values())

    @property
    def is_full(self) -> bool:
        """Whether no kind of step has a slot left."""
        taken = self._taken()
        return all(taken[kind] >= slots.total for kind, slots in self._slots.items())

    def enter(self, due: Due) -> None:
        """A step begins."""
        self._at_work[due.id] = due
        self._turn += 1
        key = (due.kind, due.whose)
        self._served[key] = self._turn
        self._served.move_to_end(key)
        while len(self._served) > REMEMBERED:
            self._served.popitem(last=False)

    def leave(self, row_id: str) -> None:
        """A step has ended."""
        self._at_work.pop(row_id, None)

    def kind_of(self, row_id: str) -> StepKind | None:
        """Which step a row is in here."""
        due = self._at_work.get(row_id)
        return due.kind if due is not None else None

    def choose(self, due: Sequence[Due]) -> list[Due]:
        """Who of these may start now, in order; `due` is in the order of age."""
        taken, mine = self._taken(), self._shares()
        chosen: list[Due] = []
        waiting = list(due)
        while waiting:
            waiting = [each for each in waiting if self._may_start(each, taken, mine)]
            if not waiting:
                break
            # min keeps the order of age among equals
            first = min(waiting, key=lambda each: self._turn_of(each, mine))
            waiting.remove(first)
            chosen.append(first)
            taken[first.kind] += 1
            mine[first.kind, first.whose] += 1
        return chosen

    def _may_start(
        self, due: Due, taken: Counter[StepKind], mine: Counter[tuple[StepKind, int]]
    ) -> bool:
        slots = self._slots[due.kind]
        return taken[due.kind] < slots.total and mine[due.kind, due.whose] < slots.share

    def _turn_of(self, due: Due, mine: Counter[tuple[StepKind, int]]) -> tuple[int, int]:
        key = (due.kind, due.whose)
        return mine[key], self._served.get(key, 0)

    def _taken(self) -> Counter[StepKind]:
        return Counter(each.kind for each in self._at_work.values())

    def _shares(self) -> Counter[tuple[StepKind, int]]:
        return Counter((each.kind, each.whose) for each in self._at_work.values())
