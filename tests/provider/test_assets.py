"""The asset review's JSON: what is sent, and every shape of answer that is known."""

import json

import pytest

from bot.provider.answers import Answer, read_answer
from bot.provider.assets import (
    Verdict,
    names_unknown_asset,
    read_batch,
    read_verdicts,
    submit_body,
)
from bot.rules.media import MediaKind


def answer(data: object) -> Answer:
    return read_answer(json.dumps({"code": 20000, "msg": "ok", "data": data}).encode())


def test_each_kind_has_a_list_of_its_own_and_no_list_is_empty() -> None:
    files = [
        (MediaKind.IMAGE, "https://a/1"),
        (MediaKind.AUDIO, "https://a/2"),
        (MediaKind.IMAGE, "https://a/3"),
    ]
    assert submit_body(files) == {
        "image_urls": ["https://a/1", "https://a/3"],
        "audio_urls": ["https://a/2"],
    }


def test_links_of_one_submission_must_differ() -> None:
    with pytest.raises(ValueError, match="differ"):
        submit_body([(MediaKind.IMAGE, "https://a/1"), (MediaKind.VIDEO, "https://a/1")])


def test_ids_are_matched_by_the_links_that_were_sent() -> None:
    urls = ["https://a/1", "https://a/2", "https://a/3"]
    items = [
        {"asset_id": "two", "original_url": "https://a/2", "status": "Pending"},
        {"asset_id": "asset://one", "original_url": "https://a/1"},
        {"asset_id": "other", "original_url": "https://a/9"},
        {"asset_id": "", "original_url": "https://a/3"},
        "nonsense",
    ]
    found = read_batch(answer({"items": items, "failed_items": [{}]}), urls)
    assert found.ids == {"https://a/1": "one", "https://a/2": "two"}
    assert read_batch(answer({"items": [{"asset_id": "x"}]}), urls[:1]).ids == {urls[0]: "x"}
    assert read_batch(answer({"items": [{"asset_id": "x"}]}), urls).ids == {}
    assert read_batch(answer({"items": None}), urls).ids == {}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("Active", Verdict.ACTIVE),
        ("ACTIVE", Verdict.ACTIVE),
        (" active ", Verdict.ACTIVE),
        ("Failed", Verdict.REFUSED),
        ("REJECTED", Verdict.REFUSED),
        ("Pending", Verdict.PENDING),
        ("Processing", Verdict.PENDING),
        ("submitted", Verdict.PENDING),
        ("a word of tomorrow", Verdict.PENDING),
        (None, Verdict.PENDING),
        (7, Verdict.PENDING),
    ],
)
def test_only_known_ends_are_verdicts(status: object, verdict: Verdict) -> None:
    found = answer({"items": [{"asset_id": "one", "status": status}]})
    assert read_verdicts(found, ["one", "two"]) == {"one": verdict}


def test_an_item_that_could_not_be_looked_up_is_no_verdict() -> None:
    data = {"items": [], "failed_items": [{"asset_id": "one", "error": "not found"}]}
    assert read_verdicts(answer(data), ["one"]) == {}
    other = {"items": [{"asset_id": "somebody's", "status": "Active"}]}
    assert read_verdicts(answer(other), ["one"]) == {}


@pytest.mark.parametrize(
    ("text", "is_unknown"),
    [
        ("asset not found: asset-12", True),
        ("The asset asset://x does not exist", True),
        ("invalid asset id", True),
        ("素材不存在", True),
        ("素材 asset-12 已失效", True),
        ("task not found", False),
        ("invalid parameters", False),
        ("content moderation: trademark", False),
        ("", False),
    ],
)
def test_a_create_that_does_not_know_an_asset_says_so(text: str, is_unknown: bool) -> None:
    assert names_unknown_asset(text) is is_unknown
