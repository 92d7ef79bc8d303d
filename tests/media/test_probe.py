from pathlib import Path

import pytest

from bot.media.download.fetch import Fetcher
from bot.media.errors import FetchGone, NotAVideo
from bot.media.mp4_boxes import walk_video
from bot.media.probe import probe_video
from tests.media.films import film
from tests.media.web import Answer, Host, ranged


@pytest.mark.parametrize(("index_in_front", "most"), [(True, 1), (False, 3)])
async def test_a_linked_film_is_known_from_a_few_kilobytes(
    index_in_front: bool, most: int, tmp_path: Path
) -> None:
    path = film(tmp_path / "a", width=320, height=180, look="noise", index_in_front=index_in_front)
    data = path.read_bytes()
    assert len(data) > 200_000
    async with Host(ranged(data)) as host, Fetcher(allow_private=[host.name]) as fetcher:
        facts, size_bytes = await probe_video(fetcher, host.url())
        assert len(host.asked) <= most
    assert (facts, size_bytes) == (walk_video(path), len(data))


async def test_a_linked_page_is_no_film() -> None:
    async with (
        Host(ranged(b"<html>" * 99)) as host,
        Fetcher(allow_private=[host.name]) as fetcher,
    ):
        with pytest.raises(NotAVideo):
            await probe_video(fetcher, host.url())


async def test_a_host_that_does_not_say_the_size_gets_no_guess() -> None:
    async with (
        Host(lambda _: Answer(body=b"x" * 99, announce=False)) as host,
        Fetcher(allow_private=[host.name]) as fetcher,
    ):
        with pytest.raises(NotAVideo):
            await probe_video(fetcher, host.url())


async def test_a_film_in_crumbs_is_not_asked_for_forever() -> None:
    # each box ends far away from where the next one starts
    crumbs = b"".join(
        (1_000_000).to_bytes(4, "big") + b"free" + bytes(1_000_000 - 8) for _ in range(20)
    )
    async with Host(ranged(crumbs)) as host, Fetcher(allow_private=[host.name]) as fetcher:
        with pytest.raises(NotAVideo, match="scattered"):
            await probe_video(fetcher, host.url())
        assert len(host.asked) <= 12


async def test_a_link_that_is_gone_is_told_so() -> None:
    async with Host(lambda _: Answer(404)) as host, Fetcher(allow_private=[host.name]) as fetcher:
        with pytest.raises(FetchGone):
            await probe_video(fetcher, host.url())
