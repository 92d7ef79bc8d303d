"""A request's row is locked before what belongs to it is written, whoever writes."""

from collections.abc import Awaitable

import pytest

from bot.services.moderation.reviews import Verdict
from storage.requests import requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import Counter, caller, moderator
from tests.support.statements import by_transaction

WRITES = ("UPDATE", "INSERT", "DELETE")


async def wrote(counter: Counter, act: Awaitable[object]) -> list[str]:
    """What the one transaction of an act ran that wrote to a review."""
    with by_transaction(counter.database) as transactions:
        await act
    (statements,) = [
        ran
        for ran in transactions
        if any("reviews" in sql and sql.lstrip().startswith(WRITES) for sql in ran)
    ]
    return statements


@pytest.mark.parametrize("dialect", ["postgres"], indirect=True)
async def test_decisions_and_cancellations_lock_the_request_first(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.configure(review="prompt", review_channel=77)
    ids = [(await counter.ask(prompt=f"fox {number}")).request.id for number in range(3)]
    acts = (
        counter.reviews.decide(moderator(), ids[0], 1, Verdict.APPROVE),
        counter.reviews.decide(moderator(), ids[1], 1, Verdict.REJECT),
        counter.reviews.undo(moderator(), ids[1], 1),
        counter.service.cancel(caller(), ids[2]),
    )
    for act in acts:
        statements = await wrote(counter, act)
        first = next(
            sql for sql in statements if sql.lstrip().startswith(WRITES) or "{for_update}" in sql
        )
        assert "requests" in first, first
        assert requests._LOCK in statements
