"""Downloads through a proxy: what it is asked for, and what it is never asked for."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import ResolveResult
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from bot.connection import trusted_authorities
from bot.media.download.fetch import Fetcher
from bot.media.download.proxied_names import TrustedNames
from bot.media.errors import FetchError, FetchForbidden, FetchUnavailable
from bot.proxy import Proxies
from tests.media.web import ScriptedNames
from tests.support.proxy import RecordingProxy

PUBLIC, PRIVATE, FAKE_IP = "93.184.216.34", "10.1.2.3", "198.18.0.42"
CDN, STRANGER, RESULTS = "cdn.discordapp.com", "files.example", "results.example"
BODY = b"hi"


class Names(ScriptedNames):
    """A name server that knows these and nothing else."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host not in self._names:
            raise OSError("unknown")
        return await super().resolve(host, port, family)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key, in one file, of every name that is fetched here."""
    if shutil.which("openssl") is None:
        pytest.skip("makes a certificate with openssl")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    names = ",".join(f"DNS:{name}" for name in (CDN, STRANGER, RESULTS))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=files", "-addext", f"subjectAltName={names}", "-keyout", file, "-out",
         file.with_name("cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes(file.read_bytes() + file.with_name("cert.pem").read_bytes())
    return file


@pytest.fixture
async def files(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """A TLS host that answers everything with `BODY`; a line for each request, and its port."""
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n" + BODY)
        await writer.drain()
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("cert.pem")))
    trusted_authorities.cache_clear()
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    heads.append(str(server.sockets[0].getsockname()[1]))
    yield heads
    server.close()
    trusted_authorities.cache_clear()


async def ask(
    link: str,
    folder: Path,
    files: list[str],
    names: Mapping[str, Sequence[Sequence[str]]],
    **options: Any,
) -> tuple[list[str], FetchError | None]:
    """What the proxy was asked for to fetch a link, and how that ended."""
    home = ("127.0.0.1", int(files[0]))
    known = {f"{host}:443": home for host in (PUBLIC, CDN, STRANGER, RESULTS)}
    async with (
        RecordingProxy(known) as proxy,
        Fetcher(
            resolver=Names({name: list(map(list, answers)) for name, answers in names.items()}),
            proxies=Proxies.read(proxy.url),
            tries=1,
            **options,
        ) as fetcher,
    ):
        try:
            await fetcher.fetch(link, folder / "x", max_bytes=100)
        except FetchError as error:
            return proxy.passed, error
        return proxy.passed, None


async def test_the_proxy_is_asked_for_the_very_address_that_was_found_public(
    files: list[str], tmp_path: Path
) -> None:
    names = {STRANGER: [[PUBLIC], [PRIVATE]]}
    passed, error = await ask(f"https://{STRANGER}/a?sig=a%2Bb+c", tmp_path, files, names)
    assert error is None
    assert passed == [f"CONNECT {PUBLIC}:443"]
    assert files[1].startswith("GET /a?sig=a%2Bb+c HTTP/1.1\r\n")
    assert f"Host: {STRANGER}\r\n" in files[1]


@pytest.mark.parametrize("answers", [[[PUBLIC]], [[FAKE_IP]], []])
async def test_discords_files_go_to_the_proxy_by_name_whatever_the_name_server_says(
    files: list[str], tmp_path: Path, answers: list[list[str]]
) -> None:
    names = {CDN: answers} if answers else {}
    passed, error = await ask(f"https://{CDN}/a.png", tmp_path, files, names)
    assert error is None
    assert passed == [f"CONNECT {CDN}:443"]


@pytest.mark.parametrize("answers", [[[FAKE_IP]], []])
async def test_the_providers_results_go_to_the_proxy_by_name_too(
    files: list[str], tmp_path: Path, answers: list[list[str]]
) -> None:
    trusted = TrustedNames(is_any=True)
    names = {RESULTS: answers} if answers else {}
    link = f"https://{RESULTS}/v.mp4"
    passed, error = await ask(link, tmp_path, files, names, trusted=trusted)
    assert error is None
    assert passed == [f"CONNECT {RESULTS}:443"]
    only_its_host = TrustedNames((RESULTS,))
    assert (await ask(link, tmp_path, files, names, trusted=only_its_host))[1] is None
    assert (await ask(link, tmp_path, files, names))[1] is not None


@pytest.mark.parametrize("trusted", [TrustedNames(), TrustedNames((STRANGER,), is_any=True)])
@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("127.0.0.1", []),
        ("[::1]", []),
        ("[::ffff:10.0.0.1]", []),
        ("169.254.169.254", []),
        (FAKE_IP, []),
        ("localhost", ["127.0.0.1"]),
        ("2130706433", ["127.0.0.1"]),
        ("0x7f.1", ["127.0.0.1"]),
        ("metadata.google.internal", [FAKE_IP]),
        ("nas.lan", [FAKE_IP]),
        ("box", [FAKE_IP]),
        (STRANGER, [PRIVATE]),
        (STRANGER, [PUBLIC, PRIVATE]),
        (STRANGER, [FAKE_IP, PRIVATE]),
        (CDN, [PRIVATE]),
    ],
)
async def test_no_proxy_is_asked_for_a_private_address(
    files: list[str], tmp_path: Path, host: str, answers: list[str], trusted: TrustedNames
) -> None:
    names = {host: [answers]} if answers else {}
    passed, error = await ask(f"https://{host}/x", tmp_path, files, names, trusted=trusted)
    assert isinstance(error, FetchForbidden)
    assert passed == []


async def test_an_untrusted_name_that_does_not_resolve_is_not_fetched(
    files: list[str], tmp_path: Path
) -> None:
    passed, error = await ask(f"https://{STRANGER}/x", tmp_path, files, {})
    assert isinstance(error, FetchUnavailable)
    passed_2, error_2 = await ask(f"https://{STRANGER}/x", tmp_path, files, {STRANGER: [[FAKE_IP]]})
    assert isinstance(error_2, FetchForbidden)
    assert passed == passed_2 == []
    plain, error_3 = await ask(f"http://{STRANGER}/x", tmp_path, files, {STRANGER: [[PUBLIC]]})
    assert isinstance(error_3, FetchForbidden)
    assert plain == []


async def test_an_allowed_host_is_sent_to_the_proxy_by_name(
    files: list[str], tmp_path: Path
) -> None:
    passed, error = await ask(
        f"https://{STRANGER}/x", tmp_path, files, {}, allow_private=[STRANGER]
    )
    assert error is None
    assert passed == [f"CONNECT {STRANGER}:443"]


async def test_without_a_proxy_fake_ips_are_dialled_only_for_trusted_names_over_tls(
    tmp_path: Path,
) -> None:
    names = Names({name: [[FAKE_IP]] for name in (CDN, STRANGER)})
    async with Fetcher(resolver=names, tries=1, connect_s=0.2) as fetcher:
        for link in (f"https://{STRANGER}/x", f"http://{CDN}/x", f"https://{FAKE_IP}/x"):
            with pytest.raises(FetchForbidden):
                await fetcher.fetch(link, tmp_path / "x", max_bytes=100)
        # nobody is there in this test, but it is no longer forbidden to look
        with pytest.raises(FetchUnavailable):
            await fetcher.fetch(f"https://{CDN}/x", tmp_path / "x", max_bytes=100)


DIRECT = ("example.org", ".lan", "*.corp.example", "10.0.0.0/8", "host.example:8443", "[::1]")


@pytest.mark.parametrize(
    ("link", "is_direct"),
    [
        ("https://example.org/", True),
        ("https://deep.example.org/", True),
        ("https://badexample.org/", False),
        ("https://EXAMPLE.org./", True),
        ("wss://a.lan/x", True),
        ("https://lan/", True),
        ("https://x.corp.example/", True),
        ("https://10.200.3.4/", True),
        ("https://11.0.0.1/", False),
        ("https://host.example/", False),
        ("https://host.example:8443/", True),
        ("http://[::1]:9/", True),
        ("http://[::2]:9/", False),
    ],
)
def test_no_proxy_means_what_it_means_to_other_programs(link: str, is_direct: bool) -> None:
    proxies = Proxies.read("proxy.example:3128", DIRECT)
    assert (proxies.of(URL(link)) is None) is is_direct
    assert Proxies.read("proxy.example", ("*",)).of(URL(link)) is None
    assert Proxies().of(URL(link)) is None


@given(
    entry=st.text(max_size=20), host=st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,2}", fullmatch=True)
)
@example(entry="[", host="a")
@example(entry="a:b:", host="a")
def test_any_text_in_no_proxy_is_read(entry: str, host: str) -> None:
    Proxies.read("proxy.example", (entry,)).of(URL(f"https://{host}/"))
