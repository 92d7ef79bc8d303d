"""What is asked for in a series, and how a series and its shots are seen."""

from dataclasses import dataclass

from bot.rules.request import MediaRef
from storage.records import Request, State
from storage.requests.series import UNDER_WAY

MOST_SHOTS = 6
FEWEST_SHOTS = 2


@dataclass(frozen=True, slots=True)
class SeriesWish:
    """What the form gives; None means the model's default, an empty `model` the server's.

    `prompts`: one for each shot, as typed; blank ones are ignored. `files` are the references of
    the first shot. `duration` is that of each shot, in seconds.
    """

    prompts: tuple[str, ...]
    files: tuple[MediaRef, ...] = ()
    model: str = ""
    duration: int | None = None
    ratio: str | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class ShotView:
    """One shot as its member sees it; `request` is the newest of its place.

    `number` counts from 1. `is_present`: the one that the series is at, whether it is being made
    or the series stands still for it. `is_waiting`: its turn has not come. `is_made`: its video is
    there. `tries` counts how often it was asked for.
    """

    number: int
    request: Request
    prompt: str
    is_present: bool = False
    is_waiting: bool = False
    is_made: bool = False
    tries: int = 1

    @property
    def state(self) -> State:
        """Where it is on its way."""
        return self.request.state

    @property
    def failure(self) -> str:
        """Why it ended badly, as `Request.failure`; empty otherwise."""
        return self.request.failure

    @property
    def cost_micros(self) -> int | None:
        """What the provider says that it cost, else its price."""
        said = self.request.billed_micros
        return self.request.cost_micros if said is None else said


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series with its shots, and what its member may do about it.

    `stands`: it stands still for the present shot, until `stands_until_ms`, when it is finished
    with what there is. `can_retry` is the number of the shot that may be tried again, 0 for none.
    `is_film_due`: no shot is made any more; the film is being made, or is on its way. `attempts`
    has every shot that was ever asked for, those that were tried again included.
    """

    series: Request
    shots: tuple[ShotView, ...]
    attempts: tuple[Request, ...] = ()
    stands: bool = False
    stands_until_ms: int = 0
    can_retry: int = 0
    can_finish: bool = False
    can_cancel: bool = False
    is_film_due: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether shots are being made, or are to be."""
        return self.series.state in UNDER_WAY

    @property
    def made(self) -> int:
        """How many shots are made."""
        return sum(shot.is_made for shot in self.shots)

    @property
    def present(self) -> ShotView | None:
        """The shot that the series is at; None before its confirmation and once all are made."""
        return next((shot for shot in self.shots if shot.is_present), None)

    @property
    def cost_micros(self) -> int | None:
        """What all shots cost together, by the provider's word or else by price; None for none."""
        known = [shot.cost_micros for shot in self.shots if shot.cost_micros is not None]
        return sum(known) if known else None
