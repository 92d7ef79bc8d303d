"""What comes back at each end, held against promise 2 as an independent oracle tells it."""

import itertools
from dataclasses import dataclass
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.provider.errors import FailureKind
from bot.services.quotas.limits import CEILINGS, Scope, Unit
from bot.services.quotas.usage import QuotaSettings
from bot.services.requests import lifecycle
from bot.services.requests.failures import CLOSING_OF, Failure, OwnFailure
from bot.services.server_settings import ServerSettings
from storage.engine.database import open_database
from storage.quotas.refund_rules import COST_COMES_BACK, COUNT_COMES_BACK, ClosingReason
from storage.records import Request, State
from storage.requests import requests
from tests.services.quotas.counter import ALICE, BOB, DAY_MS, GUILD, Counter, caller, catalogue
from tests.support.sqlite import new_sqlite

HOUR_MS = 60 * 60 * 1000
PRICE = 500_000
MANY = 1_000


@dataclass(frozen=True)
class Fate:
    """How one request ends: its state, the word for it, whether it may have been billed."""

    target: State
    failure: Failure = "unknown"
    is_sent: bool = True


AFTER_RENDERING = ("undeliverable", "flagged-result")
"""Failures of what the provider has made, and so has billed."""

FATES = st.one_of(
    st.just(Fate(State.POSTED)),
    st.just(Fate(State.FAILED, "undeliverable")),
    st.just(Fate(State.FAILED, "flagged-result")),
    st.builds(
        Fate,
        st.just(State.FAILED),
        st.sampled_from(
            [
                *FailureKind,
                *(word for word in get_args(OwnFailure) if word not in AFTER_RENDERING),
            ]
        ),
        st.booleans(),
    ),
    st.builds(Fate, st.just(State.REJECTED), is_sent=st.booleans()),
    st.builds(Fate, st.just(State.CANCELLED), is_sent=st.booleans()),
)


@dataclass(frozen=True)
class Act:
    """One member asks in one server, so long after the one before, and so it ends."""

    user_id: int
    guild_id: int
    pause_ms: int
    fate: Fate


ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from((ALICE, BOB)),
        st.sampled_from((GUILD, GUILD + 1)),
        st.sampled_from((0, 1, HOUR_MS, 23 * HOUR_MS, 24 * HOUR_MS)),
        FATES,
    ),
    max_size=8,
)


class Oracle:
    """Promise 2 in its own words, on lists instead of a ledger."""

    def __init__(self) -> None:
        self._asked: list[tuple[int, Act, bool]] = []
        self._forgiven: list[tuple[int, int, int]] = []

    def tell(self, act: Act, now_ms: int) -> None:
        """Note what was asked at a moment, and whether its member got the count back."""
        self._asked.append((now_ms, act, self._is_the_members(act, now_ms)))

    def _is_the_members(self, act: Act, now_ms: int) -> bool:
        fate = act.fate
        if fate.target is State.POSTED or fate.failure == "undeliverable":
            return True
        if fate.target is State.CANCELLED:
            return fate.is_sent
        refused = fate.target is State.FAILED and (
            fate.failure in ("assets-refused", "flagged-result")
            or str(fate.failure).startswith("content")
        )
        rejected_late = fate.target is State.REJECTED and fate.is_sent
        if not (refused or rejected_late):
            return False
        whose = (act.guild_id, act.user_id)
        recent = [
            at_ms
            for at_ms, *who in self._forgiven
            if tuple(who) == whose and at_ms > now_ms - DAY_MS
        ]
        if len(recent) < 2:
            self._forgiven.append((now_ms, *whose))
            return False
        return True

    def of_member(self, guild_id: int, user_id: int, now_ms: int) -> int:
        """What counts for a member in the last 24 hours."""
        return sum(
            is_members
            for at_ms, act, is_members in self._asked
            if (act.guild_id, act.user_id) == (guild_id, user_id) and at_ms > now_ms - DAY_MS
        )

    def of_owner(self, now_ms: int, guild_id: int = 0) -> int:
        """What the provider may have billed in the last 24 hours, of a server or of the bot."""
        return sum(
            act.fate.is_sent
            for at_ms, act, _ in self._asked
            if guild_id in (0, act.guild_id) and at_ms > now_ms - DAY_MS
        )

    def cost(self) -> int:
        """What the provider may have billed, ever."""
        return PRICE * sum(act.fate.is_sent for _, act, _ in self._asked)


_WAY = (State.SUBMITTING, State.RUNNING, State.RENDERED, State.REVIEWING)


async def end(counter: Counter, request: Request, fate: Fate) -> None:
    """Bring a request to its end, as the worker and moderators would."""
    last = {State.POSTED: 3, State.REJECTED: 4}.get(fate.target, 2 if fate.is_sent else 0)
    if fate.failure == "undeliverable":
        last = 3
    way = _WAY[:last]
    if fate.target is State.REJECTED and not fate.is_sent:
        way = (State.HELD,)
    async with counter.database.transaction() as tx:
        now = request
        for state in way:
            now = await requests.move(
                tx, now.id, source=now.state, target=state, now_ms=counter.now_ms
            )
        intent_ms = counter.now_ms if fate.is_sent else 0
        now = await requests.note(tx, now.id, source=now.state, owner=None, intent_at_ms=intent_ms)
        if fate.target is State.FAILED:
            await lifecycle.fail(tx, now, fate.failure, now_ms=counter.now_ms)
        else:
            await lifecycle.end(tx, now, fate.target, now_ms=counter.now_ms)


async def used(counter: Counter, guild_id: int, user_id: int) -> dict[Scope, int]:
    """Videos used by every limit that holds for a member now."""
    async with counter.database.reading() as tx:
        allowance = await counter.quotas.allowance(
            tx, ServerSettings(), guild_id, user_id, counter.now_ms
        )
    return {
        meter.limit.scope: meter.used
        for meter in allowance.meters
        if meter.limit.unit is Unit.VIDEOS
    }


@settings(deadline=None, max_examples=60)
@given(acts=ACTS)
async def test_any_requests_with_any_ends_count_as_the_promise_says(
    tmp_path_factory: pytest.TempPathFactory, acts: list[Act]
) -> None:
    folder = tmp_path_factory.mktemp("closings")
    database = await open_database(new_sqlite(folder / "x.db"), migrate=True)
    limits = QuotaSettings(member_videos=MANY, server_videos=MANY, bot_videos=MANY)
    counter = Counter(database, catalogue(folder), folder, limits)
    oracle = Oracle()
    try:
        for act in acts:
            counter.now_ms += act.pause_ms
            who = caller(act.user_id, guild_id=act.guild_id)
            request = (await counter.ask(who)).request
            await end(counter, request, act.fate)
            oracle.tell(act, counter.now_ms)
        for guild_id, user_id in itertools.product((GUILD, GUILD + 1), (ALICE, BOB)):
            found = await used(counter, guild_id, user_id)
            assert found == {
                Scope.DEFAULT: oracle.of_member(guild_id, user_id, counter.now_ms),
                Scope.SERVER: oracle.of_owner(counter.now_ms, guild_id),
                Scope.BOT: oracle.of_owner(counter.now_ms),
            }
        async with database.reading() as tx:
            row = await tx.fetch_one(
                "SELECT COALESCE(SUM(cost_micros), 0) AS cost FROM ledger WHERE account = 'cost'"
            )
        assert row is not None
        assert row["cost"] == oracle.cost()
        assert await counter.differences() == []
    finally:
        await database.close()


def test_every_end_and_every_failure_has_its_line_in_the_table() -> None:
    assert set(COUNT_COMES_BACK) == set(COST_COMES_BACK) == set(ClosingReason)
    assert set(CLOSING_OF) == {*get_args(OwnFailure), *(kind.value for kind in FailureKind)}
    assert {Scope.SERVER, Scope.BOT} == CEILINGS
