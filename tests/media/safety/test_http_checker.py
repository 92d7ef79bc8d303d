"""The call to a checker's address, on a real socket: signed, tried three times, never followed."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.media.safety.checker import CheckCall, Item, NoAnswer
from bot.media.safety.http_checker import HttpChecker, open_checker_session
from tests.support.bot_env import picture
from tests.support.classifier import SECRET, Classifier, open_classifier


@pytest.fixture
async def classifier() -> AsyncIterator[Classifier]:
    async with open_classifier() as opened:
        yield opened


@pytest.fixture
def call(tmp_path: Path) -> CheckCall:
    (tmp_path / "0.jpg").write_bytes(picture(colour="red", form="JPEG"))
    return CheckCall("k3f9x2ab", "ein Fuchs 狐", [Item("image1", tmp_path / "0.jpg")])


async def ask(classifier: Classifier, call: CheckCall, **options: Any) -> Any:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with open_checker_session() as session:
        checker = HttpChecker(session, classifier.url, **{"sleep": sleep, **options})
        return await checker.check(call)


async def test_the_body_is_signed_and_says_what_is_asked(
    classifier: Classifier, call: CheckCall
) -> None:
    answer = await ask(classifier, call, secret=SECRET)
    assert answer.labels["image1"][0].score == 0.97
    (asked,) = classifier.calls
    signed = hmac.new(SECRET.encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked.signature == f"sha256={signed}"
    assert (asked.asked["request"], asked.asked["prompt"]) == ("k3f9x2ab", "ein Fuchs 狐")
    await ask(classifier, call)
    assert classifier.calls[1].signature == ""


async def test_a_failure_and_nonsense_are_tried_again_with_the_same_body(
    classifier: Classifier, call: CheckCall
) -> None:
    async def fails_twice(_: web.Request) -> web.StreamResponse:
        if len(classifier.calls) == 1:
            return web.Response(status=500)
        classifier.answer = None
        return web.json_response({"items": "?"})

    classifier.answer = fails_twice
    assert (await ask(classifier, call, secret=SECRET)).is_whole
    assert len(classifier.calls) == 3
    assert len({(each.body, each.signature) for each in classifier.calls}) == 1


async def test_three_tries_without_an_answer_are_none(
    classifier: Classifier, call: CheckCall
) -> None:
    classifier.answer = classifier.is_down
    with pytest.raises(NoAnswer):
        await ask(classifier, call)
    assert len(classifier.calls) == 3


async def test_what_one_try_has_seen_is_not_lost_by_the_next(
    classifier: Classifier, tmp_path: Path
) -> None:
    # image1 is flagged in an answer that is not whole; what comes after names the other one alone
    for name in ("0.jpg", "1.jpg"):
        (tmp_path / name).write_bytes(picture(colour="red", form="JPEG"))
    items = [Item("image1", tmp_path / "0.jpg"), Item("image2", tmp_path / "1.jpg")]
    seen = [("image1", 0.97), ("image2", 0.1), ("image2", 0.2)]

    async def forgets(_: web.Request) -> web.StreamResponse:
        item_id, score = seen[len(classifier.calls) - 1]
        labels = [{"label": "explicit", "score": score}]
        return web.json_response({"items": [{"id": item_id, "labels": labels}]})

    classifier.answer = forgets
    answer = await ask(classifier, CheckCall("k3f9x2ab", "", items))
    assert not answer.is_whole
    assert max(label.score for label in answer.labels["image1"]) == 0.97
    assert len(classifier.calls) == 3


async def test_a_slow_checker_is_not_waited_for(classifier: Classifier, call: CheckCall) -> None:
    over = asyncio.Event()

    async def is_slow(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    classifier.answer = is_slow
    try:
        with pytest.raises(NoAnswer):
            await ask(classifier, call, timeout_s=0.2)
    finally:
        over.set()
    assert len(classifier.calls) == 3


async def test_a_redirect_or_too_long_an_answer_is_none(
    classifier: Classifier, call: CheckCall
) -> None:
    async def redirects(_: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(classifier.url)

    async def talks(_: web.Request) -> web.StreamResponse:
        whole = b'{"items": [{"id": "image1", "labels": []}]}'
        return web.Response(body=whole + b" " * (2 * 1024 * 1024))

    for answer in (redirects, talks):
        classifier.answer = answer
        with pytest.raises(NoAnswer):
            await ask(classifier, call)
    assert len(classifier.calls) == 6


async def test_what_can_be_read_of_a_broken_answer_counts_in_the_end(
    classifier: Classifier, call: CheckCall
) -> None:
    async def partly(_: web.Request) -> web.StreamResponse:
        labels = [{"label": "explicit", "score": 0.9}, {"label": "gore"}]
        return web.json_response({"items": [{"id": "image1", "labels": labels}]})

    classifier.answer = partly
    answer = await ask(classifier, call)
    assert not answer.is_whole
    assert [label.name for label in answer.labels["image1"]] == ["explicit"]
