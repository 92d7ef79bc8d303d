from collections.abc import Callable
from random import Random

import pytest

from bot.media.download.fetch import Fetcher
from bot.media.errors import FetchUnavailable
from tests.media.web import Answer, Asked, Host, Script, ranged

BODY = Random(7).randbytes(10_000)


@pytest.mark.parametrize(
    ("script", "start", "expected"),
    [
        (ranged(BODY), 100, BODY[100:150]),
        (ranged(BODY), len(BODY) - 10, BODY[-10:]),
        (lambda _: Answer(body=BODY), 0, BODY[:50]),
    ],
)
async def test_a_range_is_read_from_its_start(
    script: Callable[[Asked], Answer], start: int, expected: bytes
) -> None:
    async with Host(script) as host, Fetcher(allow_private=[host.name]) as fetcher:
        answer = await fetcher.read_range(host.url(), start, 50)
    assert (answer.block, answer.total_bytes) == (expected, len(BODY))


@pytest.mark.parametrize("script", [ranged(BODY[:50]), lambda _: Answer(body=BODY)])
async def test_a_range_that_is_not_served_is_unavailable(script: Script) -> None:
    async with Host(script) as host, Fetcher(allow_private=[host.name]) as fetcher:
        with pytest.raises(FetchUnavailable):
            await fetcher.read_range(host.url(), 100, 50)
