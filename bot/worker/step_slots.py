"""Concurrency limits: each kind of step has its own slots, and each member or channel a share."""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from storage.requests.due_work import Due, StepKind

REMEMBERED: Final = 4096
"""How many recently served members and channels are remembered; others come first."""


@dataclass(frozen=True, slots=True)
class Slots:
    """At most `total` steps of a kind at once in this process, `share` of one member or channel."""

    total: int
    share: int


class SlotTable:
    """Tracks running steps and chooses the next ones fairly.

    Whoever has the fewest running steps comes first, then the least recently served, then the row
    that has been due longest: a member with fifty requests waits behind one with a single request.
    """

    def __init__(self, slots: Mapping[StepKind, Slots]) -> None:
        self._slots = slots
        self._running: dict[str, Due] = {}
        self._served: OrderedDict[tuple[StepKind, int], int] = OrderedDict()
        self._turn = 0

    @property
    def share(self) -> int:
        """The largest share: how many due rows of one member or channel are worth fetching."""
        return max(slots.share for slots in self._slots.values())

    @property
    def window(self) -> int:
        """How many due rows of a kind to fetch, so that used-up shares cannot fill them all."""
        return 2 * max(slots.total for slots in self._slots.values())

    @property
    def is_full(self) -> bool:
        """Whether no kind of step has a slot left."""
        taken = self._taken()
        return all(taken[kind] >= slots.total for kind, slots in self._slots.items())

    def enter(self, due: Due) -> None:
        """Record the start of a step."""
        self._running[due.id] = due
        self._turn += 1
        key = (due.kind, due.whose)
        self._served[key] = self._turn
        self._served.move_to_end(key)
        while len(self._served) > REMEMBERED:
            self._served.popitem(last=False)

    def leave(self, row_id: str) -> None:
        """Record the end of a step."""
        self._running.pop(row_id, None)

    def choose(self, due: Sequence[Due]) -> list[Due]:
        """Which of the due rows, oldest first, may start now, in order."""
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
        return Counter(each.kind for each in self._running.values())

    def _shares(self) -> Counter[tuple[StepKind, int]]:
        return Counter((each.kind, each.whose) for each in self._running.values())
