import asyncio
import hashlib
from pathlib import Path
from random import Random

import pytest

from bot.media.download.fetch import Fetched, Fetcher
from bot.media.errors import (
    DiskUnavailable,
    FetchGone,
    FetchRefused,
    FetchTooLarge,
    FetchUnavailable,
)
from tests.media.web import Answer, Asked, Host, Script, ranged

BODY = Random(7).randbytes(700_000)


async def _fetch(host: Host, to: Path, *, max_bytes: int = 10**6, tries: int = 4) -> Fetched:
    fetcher = Fetcher(allow_private=[host.name], tries=tries, pause_s=0, inactivity_s=1)
    async with fetcher:
        return await fetcher.fetch(host.url(), to, max_bytes=max_bytes)


def _breaking(rest: Script, *, cuts: int = 1, at: int = 300_000) -> Script:
    """The first answers break off, then the rest is served as `rest` does."""
    answers = 0

    def script(asked: Asked) -> Answer:
        nonlocal answers
        answers += 1
        whole = rest(asked)
        if answers > cuts:
            return whole
        return Answer(whole.status, whole.headers, whole.body, cut=at)

    return script


async def test_a_file_arrives_whole_with_its_hash_and_claimed_type(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "a.png"
    async with Host(lambda _: Answer(headers={"Content-Type": "image/png"}, body=BODY)) as host:
        fetched = await _fetch(host, target)
    assert fetched == Fetched(len(BODY), hashlib.sha256(BODY).hexdigest(), "image/png")
    assert target.read_bytes() == BODY
    assert list(target.parent.iterdir()) == [target]


async def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    async with Host(lambda _: Answer()) as host:
        assert (await _fetch(host, tmp_path / "x")).size_bytes == 0
    assert (tmp_path / "x").read_bytes() == b""


async def test_an_existing_file_and_an_old_part_file_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "x.part").write_bytes(b"left by a crash" * 99)
    async with Host(lambda _: Answer(body=b"new")) as host:
        await _fetch(host, tmp_path / "x")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


@pytest.mark.parametrize("announce", [True, False])
async def test_a_file_over_the_cap_leaves_nothing(announce: bool, tmp_path: Path) -> None:
    async with Host(lambda _: Answer(body=BODY, announce=announce)) as host:
        with pytest.raises(FetchTooLarge) as caught:
            await _fetch(host, tmp_path / "x", max_bytes=len(BODY) - 1)
        assert caught.value.limit == len(BODY) - 1
        assert len(host.asked) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("announce", [True, False])
async def test_a_file_of_exactly_the_limit_is_accepted(announce: bool, tmp_path: Path) -> None:
    async with Host(lambda _: Answer(body=BODY, announce=announce)) as host:
        assert (await _fetch(host, tmp_path / "x", max_bytes=len(BODY))).size_bytes == len(BODY)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, FetchRefused), (403, FetchGone), (404, FetchGone), (410, FetchGone),
        (418, FetchRefused), (204, FetchRefused), (206, FetchRefused), (304, FetchRefused),
        (416, FetchRefused), (408, FetchUnavailable), (429, FetchUnavailable),
        (500, FetchUnavailable), (503, FetchUnavailable),
    ],
)  # fmt: skip
async def test_a_response_without_the_file_has_an_error_class(
    status: int, error: type[Exception], tmp_path: Path
) -> None:
    async with Host(lambda _: Answer(status)) as host:
        with pytest.raises(error) as caught:
            await _fetch(host, tmp_path / "x")
        assert type(caught.value) is error
        assert len(host.asked) == 1
    assert list(tmp_path.iterdir()) == []


async def test_a_compressed_response_is_not_decompressed(tmp_path: Path) -> None:
    async with Host(lambda _: Answer(headers={"Content-Encoding": "gzip"}, body=b"x")) as host:
        with pytest.raises(FetchRefused):
            await _fetch(host, tmp_path / "x")


async def test_a_closed_port_is_unavailable(tmp_path: Path) -> None:
    async with Host(lambda _: Answer()) as host:
        pass
    with pytest.raises(FetchUnavailable):
        await _fetch(host, tmp_path / "x")


async def test_an_unresolvable_name_is_unavailable(tmp_path: Path) -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(FetchUnavailable):
            await fetcher.fetch("https://nobody.invalid/x", tmp_path / "x", max_bytes=9)


async def test_garbage_instead_of_http_is_unavailable(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x01 nonsense\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Fetcher(allow_private=["127.0.0.1"]) as fetcher:
        with pytest.raises(FetchUnavailable):
            await fetcher.fetch(f"http://127.0.0.1:{port}/", tmp_path / "x", max_bytes=9)
    server.close()


async def test_a_broken_transfer_is_resumed_where_it_broke_off(tmp_path: Path) -> None:
    async with Host(_breaking(ranged(BODY, ETag='"v1"'), cuts=2)) as host:
        fetched = await _fetch(host, tmp_path / "x")
        ranges = [asked.headers.get("range", "") for asked in host.asked]
        assert [asked.headers.get("if-range") for asked in host.asked] == [None, '"v1"', '"v1"']
    starts = [int(text.removeprefix("bytes=").removesuffix("-")) for text in ranges[1:]]
    assert ranges[0] == ""
    assert 0 < starts[0] <= 300_000
    assert starts[0] < starts[1] <= 600_000
    assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (tmp_path / "x").read_bytes() == BODY


OTHER = Random(8).randbytes(700_000)


def _changed(first: Script, then: Script) -> Script:
    count = 0

    def script(asked: Asked) -> Answer:
        nonlocal count
        count += 1
        return (first if count == 1 else then)(asked)

    return script


def _ignoring_ranges(_: Asked) -> Answer:
    return Answer(body=OTHER)


def _odd_start(asked: Asked) -> Answer:
    if "range" not in asked.headers:
        return Answer(body=OTHER)
    return Answer(206, {"Content-Range": f"bytes 5-{len(OTHER) - 1}/{len(OTHER)}"}, OTHER[5:])


def _no_content_range(asked: Asked) -> Answer:
    return Answer(206 if "range" in asked.headers else 200, {}, OTHER)


@pytest.mark.parametrize(
    "then",
    [
        ranged(OTHER, ETag='"v2"'),
        ranged(OTHER, **{"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}),
        ranged(OTHER[:250_000], ETag='"v1"'),
        _ignoring_ranges,
        _odd_start,
        _no_content_range,
    ],
)
async def test_a_mismatching_rest_restarts_the_download(then: Script, tmp_path: Path) -> None:
    script = _changed(_breaking(ranged(BODY, ETag='"v1"')), then)
    async with Host(script) as host:
        await _fetch(host, tmp_path / "x")
    got = (tmp_path / "x").read_bytes()
    assert got in (OTHER, OTHER[:250_000])


async def test_a_transfer_that_keeps_breaking_is_unavailable_in_the_end(tmp_path: Path) -> None:
    async with Host(_breaking(_ignoring_ranges, cuts=99)) as host:
        with pytest.raises(FetchUnavailable):
            await _fetch(host, tmp_path / "x", tries=3)
        assert len(host.asked) == 3
    assert list(tmp_path.iterdir()) == []


async def test_an_expired_link_in_the_middle_is_gone(tmp_path: Path) -> None:
    async with Host(_changed(_breaking(ranged(BODY)), lambda _: Answer(403))) as host:
        with pytest.raises(FetchGone):
            await _fetch(host, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


async def test_a_stalled_transfer_ends_by_the_inactivity_limit(tmp_path: Path) -> None:
    async with (
        Host(lambda _: Answer(body=BODY, cut=10, stall=True)) as host,
        Fetcher(allow_private=[host.name], inactivity_s=1, tries=2, pause_s=0) as fetcher,
    ):
        with pytest.raises(FetchUnavailable):
            await fetcher.fetch(host.url(), tmp_path / "x", max_bytes=10**6)
        assert len(host.asked) == 2
    assert list(tmp_path.iterdir()) == []


async def test_the_whole_fetch_has_a_limit_of_its_own(tmp_path: Path) -> None:
    async with (
        Host(lambda _: Answer(body=BODY, cut=0, stall=True)) as host,
        Fetcher(allow_private=[host.name], timeout_s=0.2) as fetcher,
    ):
        with pytest.raises(FetchUnavailable):
            await fetcher.fetch(host.url(), tmp_path / "x", max_bytes=10**6)


async def test_a_cancelled_fetch_leaves_no_part(tmp_path: Path) -> None:
    arrived = asyncio.Event()

    def script(_: Asked) -> Answer:
        arrived.set()
        return Answer(body=BODY, cut=400_000, stall=True)

    async with Host(script) as host, Fetcher(allow_private=[host.name]) as fetcher:
        task = asyncio.create_task(fetcher.fetch(host.url(), tmp_path / "x", max_bytes=10**6))
        async with asyncio.timeout(5):
            await arrived.wait()
            while not (tmp_path / "x.part").exists():
                await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert list(tmp_path.iterdir()) == []


async def test_disk_errors_are_distinguished_from_network_errors(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    async with Host(lambda _: Answer(body=b"x")) as host:
        with pytest.raises(DiskUnavailable):
            await _fetch(host, tmp_path / "file" / "x")


async def test_only_so_many_fetches_run_at_once(tmp_path: Path) -> None:
    two_at_once = asyncio.Event()
    running: set[int] = set()
    peaks: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        running.add(id(writer))
        peaks.append(len(running))
        if len(running) == 2:
            two_at_once.set()
        await two_at_once.wait()
        running.discard(id(writer))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with Fetcher(allow_private=["127.0.0.1"], parallel=2) as fetcher, asyncio.timeout(10):
        await asyncio.gather(
            *(fetcher.fetch(url, tmp_path / str(n), max_bytes=9) for n in range(8))
        )
    server.close()
    assert len(peaks) == 8
    assert max(peaks) == 2
