"""Which states may follow which; every other move is a mistake in the code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from storage.records import State

LEGAL_MOVES: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.DRAFT: frozenset(
            {State.HELD, State.AUDITING, State.QUEUED, State.CANCELLED, State.FAILED}
        ),
        # uncertain: parked by a restore, as it may have been passed and paid since
        State.HELD: frozenset(
            {
                State.AUDITING,
                State.QUEUED,
                State.REJECTED,
                State.CANCELLED,
                State.FAILED,
                State.UNCERTAIN,
            }
        ),
        State.AUDITING: frozenset(
            {State.QUEUED, State.HELD, State.CANCELLED, State.FAILED, State.UNCERTAIN}
        ),
        State.QUEUED: frozenset(
            {
                State.SUBMITTING,
                State.HELD,
                State.CANCELLED,
                State.FAILED,
                State.UNCERTAIN,
                # a series whose first shot is on its way; it never goes to the provider itself
                State.RUNNING,
                # a shot whose turn has come and whose first frame must be reviewed
                State.AUDITING,
                # a shot that waits, with its series
                State.REJECTED,
            }
        ),
        # back to queued: the provider surely took nothing
        State.SUBMITTING: frozenset(
            {
                State.RUNNING,
                State.UNCERTAIN,
                State.QUEUED,
                # an asset that the provider no longer knows is reviewed anew
                State.AUDITING,
                State.FAILED,
                State.CANCELLED,
            }
        ),
        State.RUNNING: frozenset({State.RENDERED, State.FAILED, State.CANCELLED}),
        State.RENDERED: frozenset(
            {State.REVIEWING, State.POSTED, State.FAILED, State.CANCELLED, State.REJECTED}
        ),
        State.REVIEWING: frozenset({State.RENDERED, State.REJECTED, State.CANCELLED}),
        # settled by the owner: it did run, send it again, it did not; cancelled when its member's
        # data is deleted; what a restore parked goes on where the copy had it
        State.UNCERTAIN: frozenset(
            {
                State.RUNNING,
                State.QUEUED,
                State.HELD,
                State.AUDITING,
                State.FAILED,
                State.CANCELLED,
            }
        ),
        State.POSTED: frozenset(),
        State.FAILED: frozenset(),
        # a granted appeal: on to where the approval would have taken it
        State.REJECTED: frozenset({State.AUDITING, State.QUEUED, State.RENDERED}),
        State.CANCELLED: frozenset(),
    }
)
