"""Where a connection breaks decides whether a create may be repeated; on bare sockets."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.provider.client import SeedanceClient
from bot.provider.errors import ProviderUnavailable, SubmissionUncertain
from tests.provider.conftest import CREATE_BODY, KEY

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handle: Handler) -> AsyncIterator[int]:
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        finally:
            writer.transport.abort()
            done.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
        async with asyncio.timeout(5):
            await done.wait()
    finally:
        server.close()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def read_until_gone(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass


def hasty(session: aiohttp.ClientSession, url: str) -> SeedanceClient:
    return SeedanceClient(session, url, KEY, connect_timeout_s=0.2, create_timeout_s=0.4)


def impatient(session: aiohttp.ClientSession, url: str) -> SeedanceClient:
    """Waits briefly for a response, but not for the connection."""
    return SeedanceClient(session, url, KEY, connect_timeout_s=10, create_timeout_s=1)


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:{}", "http://no-such-host.invalid:{}", "https://127.0.0.1:{}"]
)
async def test_a_connection_that_was_never_established_may_be_retried(
    session: aiohttp.ClientSession, host: str
) -> None:
    with pytest.raises(ProviderUnavailable):
        await hasty(session, host.format(closed_port())).create(CREATE_BODY)


async def test_a_hanging_tls_handshake_means_the_request_was_never_sent(
    session: aiohttp.ClientSession,
) -> None:
    async with listening(read_until_gone) as port:
        with pytest.raises(ProviderUnavailable):
            await hasty(session, f"https://127.0.0.1:{port}").create(CREATE_BODY)


async def test_a_failed_tls_handshake_means_the_request_was_never_sent(
    session: aiohttp.ClientSession,
) -> None:
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with listening(speak_plainly) as port:
        with pytest.raises(ProviderUnavailable):
            await hasty(session, f"https://127.0.0.1:{port}").create(CREATE_BODY)


async def test_a_pool_time_out_means_the_request_was_never_sent() -> None:
    one, is_taken = aiohttp.TCPConnector(limit=1), asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_taken.set()
        await read_until_gone(reader, writer)

    async with aiohttp.ClientSession(connector=one) as session, listening(take) as port:
        client = hasty(session, f"http://127.0.0.1:{port}")
        first = asyncio.create_task(client.create(CREATE_BODY))
        await is_taken.wait()
        results = await asyncio.gather(first, client.create(CREATE_BODY), return_exceptions=True)
    assert {type(result) for result in results} == {SubmissionUncertain, ProviderUnavailable}


async def _swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_until_gone(reader, writer)


async def _close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


async def _close_after_reading(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(65536)


async def _head_then_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await read_until_gone(reader, writer)


async def _no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    writer.write(b"220 mail.example ESMTP\r\n")
    await read_until_gone(reader, writer)


async def _endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while not reader.at_eof() and not writer.is_closing():
            writer.write(b" " * 65536)
            await writer.drain()
            await asyncio.sleep(0)
    except ConnectionError:
        return


@pytest.mark.parametrize(
    "handle",
    [_swallow, _close_at_once, _close_after_reading, _head_then_nothing, _no_http, _endless_body],
)
async def test_a_failure_after_connecting_leaves_a_create_uncertain(
    session: aiohttp.ClientSession, handle: Handler
) -> None:
    async with listening(handle) as port:
        with pytest.raises(SubmissionUncertain):
            await impatient(session, f"http://127.0.0.1:{port}").create(CREATE_BODY)


async def test_an_untrusted_certificate_means_the_request_was_never_sent(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*args: object, **kwargs: object) -> None:
        raise aiohttp.ClientConnectorCertificateError(
            aiohttp.client_reqrep.ConnectionKey("h", 443, True, True, None, None, None),
            ssl.SSLCertVerificationError("self-signed"),
        )

    assert session.connector is not None
    monkeypatch.setattr(session.connector, "connect", refuse)
    with pytest.raises(ProviderUnavailable):
        await hasty(session, "https://provider.example").create(CREATE_BODY)
