"""What Discord says, and what that means for a message."""

from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest

from bot.discord_rest.errors import Doing, delivery_error, discord_faults
from bot.errors import (
    ChangeRefused,
    DeliveryError,
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)


def refusal(status: int, code: int, **headers: str) -> discord.HTTPException:
    headers = {"Content-Type": "application/json", **headers}
    response = cast("Any", SimpleNamespace(status=status, reason="no", headers=headers))
    return discord.HTTPException(response, {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, 50001, PlaceGone),
        (403, 50013, PlaceGone),
        (403, 50007, PlaceGone),
        (403, 0, DiscordUnavailable),
        (403, 1020, DiscordUnavailable),
        (403, 20009, DeliveryRefused),
        (403, 77777, DeliveryRefused),
        (404, 10003, PlaceGone),
        (404, 10004, PlaceGone),
        (404, 0, DiscordUnavailable),
        (400, 0, DiscordUnavailable),
        (400, 50083, PlaceGone),
        (400, 160005, PlaceGone),
        (400, 50024, PlaceGone),
        (404, 10008, MessageGone),
        (413, 40005, FileTooLarge),
        (413, 0, FileTooLarge),
        (400, 40005, FileTooLarge),
        (400, 50035, DeliveryRefused),
        (400, 200000, DeliveryRefused),
        (400, 50006, DeliveryRefused),
        (401, 0, DiscordUnavailable),
        (403, 40333, DiscordUnavailable),
        (429, 20016, DiscordUnavailable),
        (429, 30046, DiscordUnavailable),
        (500, 0, DiscordUnavailable),
        (502, 0, DiscordUnavailable),
        (503, 0, DiscordUnavailable),
        (503, 130000, DiscordUnavailable),
    ],
)
def test_each_status_and_code_has_its_class(
    status: int, code: int, expected: type[DeliveryError]
) -> None:
    assert type(delivery_error(refusal(status, code), "send")) is expected


def page(status: int) -> discord.HTTPException:
    headers = {"Content-Type": "text/html"}
    response = cast("Any", SimpleNamespace(status=status, reason="no", headers=headers))
    return discord.HTTPException(response, "<html>no</html>")


@pytest.mark.parametrize("doing", ["send", "change", "read"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 407, 413, 418, 451])
def test_a_page_of_somebody_in_between_is_an_outage(status: int, doing: Doing) -> None:
    assert type(delivery_error(page(status), doing)) is DiscordUnavailable


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, 10008, MessageGone),
        (404, 10003, PlaceGone),
        (400, 50083, ChangeRefused),
        (403, 50001, ChangeRefused),
        (403, 50013, ChangeRefused),
        (403, 160005, ChangeRefused),
        (404, 10004, ChangeRefused),
        (400, 200000, DeliveryRefused),
        (400, 50035, DeliveryRefused),
        (429, 30046, DiscordUnavailable),
    ],
)
def test_only_the_end_of_a_message_or_its_channel_ends_a_change(
    status: int, code: int, expected: type[DeliveryError]
) -> None:
    assert type(delivery_error(refusal(status, code), "change")) is expected


def test_a_place_that_cannot_be_read_may_have_the_message_all_the_same() -> None:
    assert type(delivery_error(refusal(403, 50001), "read")) is HistoryClosed


def test_how_long_to_wait_is_passed_on() -> None:
    error = delivery_error(refusal(429, 0, **{"Retry-After": "12.5"}), "send")
    assert isinstance(error, DiscordUnavailable)
    assert error.retry_after_s == 12.5


@pytest.mark.parametrize("doing", ["send", "change", "read"])
@pytest.mark.parametrize(
    "raised",
    [
        ConnectionResetError(104, "reset"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(32, "broken pipe"),
        TimeoutError(),
        discord.ClientException("no gateway"),
        discord.RateLimited(90.0),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_the_network_never_shows_through(raised: Exception, doing: Doing) -> None:
    with pytest.raises(DiscordUnavailable) as caught:
        async with discord_faults(doing, 5):
            raise raised
    assert caught.value.retryable
    assert (caught.value.retry_after_s == 90.0) is isinstance(raised, discord.RateLimited)


async def test_a_page_that_comes_with_200_is_an_outage() -> None:
    with pytest.raises(DiscordUnavailable, match="unreadable"):
        async with discord_faults("send", 5):
            raise TypeError("string indices must be integers")


async def test_our_own_errors_pass_unchanged() -> None:
    with pytest.raises(HistoryClosed, match="mine"):
        async with discord_faults("read", 5):
            raise HistoryClosed("mine")
