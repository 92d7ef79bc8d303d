"""A member's first request is recorded together with the privacy notice that its answer carries."""

import pytest

from bot.errors import UserError
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import BOB, caller
from tests.services.series.shooting import wish


async def test_the_first_request_of_a_member_is_said_to_be_their_first(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    assert (await counter.ask()).is_first
    assert not (await counter.ask()).is_first
    assert (await counter.ask(caller(BOB))).is_first


async def test_a_refused_request_leaves_the_notice_to_the_next(open_counter: OpenCounter) -> None:
    counter = open_counter()
    with pytest.raises(UserError):
        await counter.ask(model="nope")
    await counter.configure(channels=(21,))
    with pytest.raises(UserError):
        await counter.ask()
    await counter.configure(channels=None)
    assert (await counter.ask()).is_first


async def test_an_interaction_that_comes_again_is_answered_with_the_notice_again(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    first = caller()
    assert (await counter.ask(first)).is_first
    counter.now_ms += 1
    assert not (await counter.ask()).is_first
    # its answer may not have been seen: the commit was uncertain, or another process took it
    assert (await counter.ask(first)).is_first


async def test_a_series_is_a_first_request_too(open_counter: OpenCounter) -> None:
    counter = open_counter()
    first = caller()
    assert (await counter.series.create(first, wish())).is_first
    assert not (await counter.series.create(caller(), wish())).is_first
    assert (await counter.series.create(first, wish())).is_first
