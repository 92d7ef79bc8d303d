"""What a log line may hold: what happened, and nothing that opens a door."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import scrub, set_up_logs

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.GabcdE.nobody-may-read-this-token-at-all"
KEY = "sk-nobody-may-read-this-key"
SIGNED = "https://cdn.example/files/cat.png?ex=65a1&is=65a0&hm=0123456789abcdef"
Form = Literal["text", "json"]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    names = ("aiosqlite", "discord.client", "discord.gateway", "psycopg.pool", "PIL")
    levels = {name: logging.getLogger(name).level for name in (*names, "aiohttp.access")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, value in levels.items():
        logging.getLogger(name).setLevel(value)


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> Form:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def written(form: Form) -> io.StringIO:
    """What is logged in this form, with both keys to hide."""
    stream = io.StringIO()
    set_up_logs("DEBUG", form, hidden=(TOKEN, KEY, ""), stream=stream)
    return stream


logger = logging.getLogger("bot.somewhere")


def test_a_log_line_has_time_logger_message_and_extra_fields(
    written: io.StringIO, form: Form
) -> None:
    logger.info("A request was submitted", extra={"action": "request.submitted", "id": "k7q2m9"})
    line = written.getvalue()
    for part in ("A request was submitted", "request.submitted", "k7q2m9", "bot.somewhere", "info"):
        assert part in line
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line)
    assert line.count("\n") == 1
    if form == "json":
        assert json.loads(line) | {"timestamp": ""} == {
            "message": "A request was submitted",
            "action": "request.submitted",
            "id": "k7q2m9",
            "level": "info",
            "logger": "bot.somewhere",
            "timestamp": "",
        }


@pytest.mark.parametrize("secret", [TOKEN, KEY])
def test_secrets_are_in_no_message_and_no_field(written: io.StringIO, secret: str) -> None:
    logger.error(f"It was {secret}")  # noqa: G004 - as a library might
    logger.error("It was %s", secret)
    logger.error("It was", extra={"why": secret, "deep": {"er": [secret]}})
    assert secret not in written.getvalue()
    assert written.getvalue().count("***") == 4


def test_the_queries_of_addresses_are_left_out_and_the_rest_stays(written: io.StringIO) -> None:
    logger.warning("Could not fetch %s", SIGNED, extra={"url": SIGNED, "all": [SIGNED, SIGNED]})
    assert "hm=0123456789abcdef" not in written.getvalue()
    assert "ex=65a1" not in written.getvalue()
    assert written.getvalue().count("https://cdn.example/files/cat.png?…") == 4


def test_tracebacks_are_scrubbed_too(written: io.StringIO, form: Form) -> None:
    def fail() -> None:
        raise ValueError(f"no good: {TOKEN} {SIGNED} Authorization: Bearer {KEY}")

    try:
        fail()
    except ValueError:
        logger.exception("It failed")
    text = written.getvalue()
    assert "Traceback" in text
    assert "ValueError" in text
    assert "It failed" in text
    for secret in (TOKEN, KEY, "hm=0123456789abcdef"):
        assert secret not in text
    if form == "json":
        assert "ValueError" in json.loads(text)["exception"]


def test_a_chain_of_causes_is_scrubbed_too(written: io.StringIO) -> None:
    error = RuntimeError(f"with {KEY}")
    error.__cause__ = OSError(f"asked {SIGNED}")
    logger.error("It failed", exc_info=error)
    assert KEY not in written.getvalue()
    assert "hm=" not in written.getvalue()
    assert "direct cause" in written.getvalue()


@pytest.mark.parametrize(
    "password", ['quo"ted-pass', r"back\slash-pass", "apo'strophe-pass", "密码-pass"]
)
def test_a_secret_is_scrubbed_in_every_escaping(form: Form, password: str) -> None:
    stream = io.StringIO()
    set_up_logs("INFO", form, hidden=(password,), stream=stream)
    logger.info("It was %s", password, extra={"why": password, "deep": [password]})
    assert "pass" not in stream.getvalue()
    if form == "json":
        json.loads(stream.getvalue())


def test_arguments_that_are_no_text_are_scrubbed_as_they_are_printed(written: io.StringIO) -> None:
    class Odd:
        def __repr__(self) -> str:
            return f"<Odd {KEY} {SIGNED}>"

    logger.error("It was %r", Odd(), extra={"odd": Odd(), "pair": (Odd(), Odd())})
    assert KEY not in written.getvalue()
    assert "hm=" not in written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
        "authorization: bot abcdefghijklmnop.qrstuv.wxyz",
        "POST https://discord.example/api/v10/interactions/123/abcdefghijklmnopqrstuvwxyz/callback",
        "PATCH /webhooks/123/abcdefghijklmnopqrstuvwxyz/messages/@original",
    ],
)
def test_unnamed_tokens_are_recognised_by_context(text: str) -> None:
    scrubbed = scrub(text)
    assert "abcdefgh" not in scrubbed
    assert "***" in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "the bot is ready",
        "see https://discord.example/channels/1/2/3 for more",
        "Did it work? Yes, it did.",
        "/interactions/123/callback",
    ],
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert scrub(text, (TOKEN, KEY)) == text


@given(
    before=st.text(max_size=30),
    secret=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=16, max_size=60),
    after=st.text(max_size=30),
)
def test_a_secret_is_scrubbed_from_any_text(before: str, secret: str, after: str) -> None:
    scrubbed = scrub(before + secret + after, (secret,))
    assert secret not in scrubbed.replace("***", "")


@given(
    path=st.from_regex(r"[a-z0-9/._-]{1,30}", fullmatch=True),
    query=st.from_regex(r"[A-Za-z0-9=&%._~+-]{1,60}", fullmatch=True),
    scheme=st.sampled_from(["http", "https", "ws", "wss"]),
)
def test_no_query_survives_whatever_is_in_it(path: str, query: str, scheme: str) -> None:
    address = f"{scheme}://host.example/{path}"
    assert scrub(f"asked {address}?{query} in vain") == f"asked {address}?… in vain"


def test_quotes_in_an_address_do_not_save_its_query(written: io.StringIO, form: Form) -> None:
    logger.error("asked 'https://host.example/it's.png?name=o'hara&sig=abcdef' and so on")
    logger.error('asked {"url": "https://host.example/?sig=abcdef"} and so on')
    assert "abcdef" not in written.getvalue()
    assert written.getvalue().count("and so on") == 2
    if form == "json":
        for line in written.getvalue().splitlines():
            json.loads(line)


def test_the_level_holds_and_noisy_libraries_are_quiet() -> None:
    stream = io.StringIO()
    set_up_logs("INFO", "text", stream=stream)
    logger.debug("too much")
    for noisy in ("aiosqlite", "discord.client", "discord.gateway", "aiohttp.access"):
        logging.getLogger(noisy).info("chatter of %s", noisy)
    logger.info("just right")
    assert "too much" not in stream.getvalue()
    assert "chatter" not in stream.getvalue()
    assert "just right" in stream.getvalue()


def test_standard_error_is_where_logs_go(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO", "text")
    logger.info("here I am")
    captured = capsys.readouterr()
    assert "here I am" in captured.err
    assert captured.out == ""
