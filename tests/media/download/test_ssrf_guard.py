"""Nothing private is ever reached: no spelling, no redirect, no rebinding gets a connection."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.abc import ResolveResult
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connection import trusted_authorities
from bot.media.download.fetch import Fetcher
from bot.media.errors import FetchError, FetchForbidden, FetchUnavailable
from tests.media.web import Answer, Asked, Host, ScriptedNames

SECRET = b"SECRET"


@pytest.fixture
async def secret() -> AsyncIterator[Host]:
    """A service of this machine that must never be asked anything."""
    async with Host(lambda _: Answer(body=SECRET)) as host:
        yield host


HOSTS = [
    "127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "0",
    "127.0.0.1.", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[::]", "0.0.0.0", "169.254.169.254", "[fd00:ec2::254]", "10.1.2.3",
    "192.168.0.1", "172.17.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[fe80::1]",
    "[fe80::1%25lo]", "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "LOCALHOST",
]  # fmt: skip


@pytest.mark.parametrize("spelling", HOSTS)
async def test_no_spelling_of_a_private_address_is_connected(
    spelling: str, secret: Host, tmp_path: Path
) -> None:
    async with Fetcher(connect_s=5) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(secret.url(host=spelling), tmp_path / "x", max_bytes=100)
        # a spelling that no system resolves may as well fail as unknown
        assert isinstance(caught.value, FetchForbidden | FetchUnavailable)
    assert secret.connections == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "spelling", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "10.1.2.3", "169.254.169.254"]
)
async def test_a_private_address_is_refused_for_good(spelling: str, tmp_path: Path) -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(f"https://{spelling}/x", tmp_path / "x", max_bytes=100)


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd", "ftp://example.com/x", "gopher://example.com/", "data:text/plain,x",
        "//example.com/x", "example.com", "", "http:///x", "https://user:pass@example.com/x",
        "https://user@example.com/", "https://example.com:25/", "https://example.com:0/",
        "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://example.com\\@127.0.0.1/", "https://" + "a" * 9000,
    ],
)  # fmt: skip
async def test_what_is_no_plain_web_link_is_refused_without_a_look_up(
    link: str, tmp_path: Path
) -> None:
    names = ScriptedNames({})
    async with Fetcher(resolver=names) as fetcher:
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(link, tmp_path / "x", max_bytes=100)
    assert names.look_ups == 0


async def test_plain_http_is_refused_where_https_is_asked_for(secret: Host, tmp_path: Path) -> None:
    async with Fetcher(allow_private=[secret.name]) as fetcher:
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(secret.url(), tmp_path / "x", max_bytes=100, https_only=True)
    assert secret.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/x", "http://[::1]:{port}/x", "http://169.254.169.254/latest",
        "http://10.1.2.3/x", "file:///etc/passwd", "//169.254.169.254/x",
        "https://user:pass@example.com/", "http://0x7f000001:{port}/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_private_address_is_refused(
    target: str, status: int, secret: Host, tmp_path: Path
) -> None:
    location = target.format(port=secret.port)
    async with (
        Host(lambda _: Answer(status, {"Location": location})) as front,
        Fetcher(allow_private=[front.name]) as fetcher,
    ):
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(front.url(), tmp_path / "x", max_bytes=100)
        assert len(front.asked) == 1
    assert secret.connections == 0


async def test_a_redirect_loop_ends(tmp_path: Path) -> None:
    async with (
        Host(lambda _: Answer(302, {"Location": "/again"})) as host,
        Fetcher(allow_private=[host.name]) as fetcher,
    ):
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(host.url(), tmp_path / "x", max_bytes=100)
        assert len(host.asked) == 4


async def test_three_redirects_are_followed_relative_ones_too(tmp_path: Path) -> None:
    steps = {"/a": "/b?x=%2F+1", "/b?x=%2F+1": "c", "/c": "//127.0.0.1:{port}/d"}

    def script(asked: Asked) -> Answer:
        onward = steps.get(asked.target)
        if onward is None:
            return Answer(body=b"there")
        return Answer(302, {"Location": onward.format(port=host.port)})

    async with Host(script) as host, Fetcher(allow_private=[host.name]) as fetcher:
        await fetcher.fetch(host.url("/a"), tmp_path / "x", max_bytes=100)
        assert [asked.target for asked in host.asked] == ["/a", "/b?x=%2F+1", "/c", "/d"]
    assert (tmp_path / "x").read_bytes() == b"there"


async def test_a_name_that_resolves_to_a_private_address_is_refused_even_under_rebinding(
    secret: Host, tmp_path: Path
) -> None:
    # a check before the fetch would have seen the second answer's twin, and been fooled
    names = ScriptedNames({"rebind.example": [["127.0.0.1"], ["127.0.0.1", "::1"], ["10.0.0.1"]]})
    async with Fetcher(resolver=names) as fetcher:
        for _ in range(3):
            with pytest.raises(FetchForbidden):
                await fetcher.fetch(
                    secret.url(host="rebind.example"), tmp_path / "x", max_bytes=100
                )
    assert (names.look_ups, secret.connections) == (3, 0)


async def test_only_an_allowed_name_may_resolve_to_a_private_address(
    secret: Host, tmp_path: Path
) -> None:
    names = ScriptedNames({"media.lan": [["127.0.0.1"]], "other.lan": [["127.0.0.1"]]})
    async with Fetcher(resolver=names, allow_private=["media.lan"]) as fetcher:
        await fetcher.fetch(secret.url(host="media.lan"), tmp_path / "x", max_bytes=100)
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(secret.url(host="other.lan"), tmp_path / "y", max_bytes=100)
    assert secret.connections == 1


async def test_an_allowed_port_opens_no_other(secret: Host, tmp_path: Path) -> None:
    async with Fetcher(allow_private=[f"127.0.0.1:{secret.port + 1}"]) as fetcher:
        with pytest.raises(FetchForbidden):
            await fetcher.fetch(secret.url(), tmp_path / "x", max_bytes=100)
    assert secret.connections == 0


async def test_proxies_and_logins_of_the_environment_are_not_used(
    secret: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hidden\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with Fetcher(allow_private=[secret.name]) as fetcher:
        await fetcher.fetch(secret.url("/f?sig=a%2Bb+c%20d"), tmp_path / "x", max_bytes=100)
    asked = secret.asked[0]
    assert asked.target == "/f?sig=a%2Bb+c%20d"
    assert asked.headers["accept-encoding"] == "identity"
    assert not asked.headers.keys() & {"authorization", "cookie", "range"}


async def test_errors_do_not_carry_the_signed_part_of_a_link(tmp_path: Path) -> None:
    async with Host(lambda _: Answer(403)) as host, Fetcher(allow_private=[host.name]) as fetcher:
        for url in (host.url("/p?sig=hush"), "https://127.0.0.1/p?sig=hush"):
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(url, tmp_path / "x", max_bytes=100)
            assert "hush" not in f"{caught.value!s} {caught.value!r}"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
async def test_tls_trusts_what_ssl_cert_file_names_and_no_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
         "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    try:
        async with Fetcher(allow_private=["localhost"]) as fetcher:
            with pytest.raises(FetchUnavailable):
                await fetcher.fetch(url, tmp_path / "x", max_bytes=100, https_only=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted_authorities.cache_clear()
        async with Fetcher(allow_private=["localhost"]) as fetcher:
            fetched = await fetcher.fetch(url, tmp_path / "x", max_bytes=100, https_only=True)
        assert fetched.size_bytes == 2
    finally:
        trusted_authorities.cache_clear()
        server.close()


class _NobodyKnows(ScriptedNames):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        raise OSError("unknown")


@given(
    links=st.lists(
        st.one_of(
            st.text(max_size=40),
            st.from_regex(r"https?://[^/]{0,20}(/.{0,20})?", fullmatch=True),
            st.text(alphabet="[]:@%./\\0x7f1", max_size=20).map("http://".__add__),
        ),
        max_size=12,
    )
)
@settings(max_examples=20, deadline=None)
def test_any_text_as_a_link_ends_in_an_error_of_ours(links: list[str]) -> None:
    async def fetch_all() -> None:
        async with Fetcher(resolver=_NobodyKnows({})) as fetcher:
            for link in links:
                with pytest.raises(FetchError):
                    await fetcher.fetch(link, Path("never-written"), max_bytes=1)

    asyncio.run(fetch_all())
