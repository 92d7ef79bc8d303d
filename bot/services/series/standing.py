"""Where a series stands, by its shots alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.rules.request import VideoRequest
from bot.services.series.views import SeriesView, ShotView
from storage.records import ENDS, Request, State
from storage.requests.series import UNDER_WAY, newest

STANDS_MS: Final = 24 * 60 * 60 * 1000
"""A series that stands still for so long is finished with what there is."""

MADE: Final = frozenset({State.RENDERED, State.POSTED})
_CANCELLABLE: Final = frozenset({State.DRAFT, State.HELD, State.QUEUED, State.RUNNING})
_STOPPED: Final = frozenset({*ENDS, State.UNCERTAIN}) - MADE


class Position(StrEnum):
    """What a series under way waits for."""

    TURN = "turn"
    """The present shot's turn has come."""
    SHOT = "shot"
    """The present shot is being made."""
    MEMBER = "member"
    """The present shot was not made: somebody must say what next."""
    FILM = "film"
    """Every shot is made, or the series is to be finished with what there is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The position, the shot that it is about (None for FILM), and what is made so far."""

    position: Position
    present: Request | None
    made: tuple[Request, ...]

    @property
    def until_ms(self) -> int:
        """Until when it stands still; 0 where it does not."""
        return _since_ms(self.present) + STANDS_MS if self._stands and self.present else 0

    @property
    def _stands(self) -> bool:
        return self.position is Position.MEMBER


def standing_of(series: Request, shots: Sequence[Request]) -> Standing:
    """Where a series under way stands; `shots` are those that count, in order."""
    made = tuple(shot for shot in shots if shot.state in MADE)
    present = next((shot for shot in shots if shot.state not in MADE), None)
    if present is None or series.result_host:
        return Standing(Position.FILM, None, made)
    if present.is_waiting_shot:
        return Standing(Position.TURN, present, made)
    if present.state in _STOPPED:
        return Standing(Position.MEMBER, present, made)
    return Standing(Position.SHOT, present, made)


def _since_ms(shot: Request) -> int:
    """Since when a series stands still for a shot."""
    return shot.ended_at_ms or shot.updated_at_ms


def series_view(series: Request, every: Sequence[Request]) -> SeriesView:
    """How a series is seen; `every` shot that was ever asked for, as `series.all_shots` has them.

    A shot that is uncertain can't be tried again before an owner has settled it.
    """
    shots = newest(every)
    standing = standing_of(series, shots) if series.state in UNDER_WAY else None
    present = standing.present if standing is not None else None
    stands = standing is not None and standing.position is Position.MEMBER
    can_retry = stands and present is not None and present.state is not State.UNCERTAIN
    return SeriesView(
        series=series,
        shots=tuple(
            ShotView(
                number=shot.shot,
                request=shot,
                prompt=VideoRequest.model_validate_json(shot.spec).shown_prompt,
                is_present=present is not None and shot.id == present.id,
                is_waiting=shot.is_waiting_shot,
                is_made=shot.state in MADE,
                tries=sum(each.shot == shot.shot for each in every),
            )
            for shot in shots
        ),
        attempts=tuple(every),
        stands=stands,
        stands_until_ms=standing.until_ms if standing is not None else 0,
        can_retry=present.shot if can_retry and present is not None else 0,
        can_finish=stands and standing is not None and bool(standing.made),
        can_cancel=series.state in _CANCELLABLE,
        is_film_due=standing is not None and standing.position is Position.FILM,
    )
