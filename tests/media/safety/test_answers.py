"""A checker's answer is read leniently, and what makes no sense is never taken for clear."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.safety.answers import read_answer
from bot.media.safety.checker import Label

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["items", "id", "labels", "label", "score", "x"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


def said(*items: Any) -> bytes:
    return json.dumps({"items": items}).encode()


def test_labels_are_read_by_item() -> None:
    body = said(
        {"id": "image1", "labels": [{"label": " explicit ", "score": 0.97, "box": [1, 2]}]},
        {"id": "image2", "labels": []},
        {"id": "somebody else's", "labels": "?"},
    )
    answer = read_answer(body, ["image1", "image2"])
    assert answer.is_whole
    assert answer.labels == {"image1": [Label("explicit", 0.97)], "image2": []}


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"id": "image1"}],
        [{"id": "image1", "labels": None}],
        [{"id": "image1", "labels": [{"label": "a"}]}],
        [{"id": "image1", "labels": [{"label": "a", "score": "0.9"}]}],
        [{"id": "image1", "labels": [{"label": "a", "score": 97}]}],
        [{"id": "image1", "labels": [{"label": "a", "score": True}]}],
        [{"id": "image1", "labels": [{"label": "a", "score": float("nan")}]}],
        [{"id": "image1", "labels": [{"label": "", "score": 0.9}]}],
        [{"id": 1, "labels": []}],
    ],
)
def test_what_makes_no_sense_is_no_answer(items: list[Any]) -> None:
    assert not read_answer(said(*items), ["image1"]).is_whole


def test_the_rest_of_a_broken_answer_counts() -> None:
    body = said({"id": "image1", "labels": [{"score": 1}, {"label": "gore", "score": 0.8}]})
    answer = read_answer(body, ["image1", "image2"])
    assert not answer.is_whole
    assert answer.labels == {"image1": [Label("gore", 0.8)]}


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_is_sent_is_an_error(body: bytes) -> None:
    answer = read_answer(body, ["image1"])
    assert not answer.is_whole or "image1" in answer.labels
    for labels in answer.labels.values():
        assert all(0 <= label.score <= 1 and label.name for label in labels)


@pytest.mark.parametrize(
    "label",
    [
        pytest.param('{"label": "explicit", "score": 1' + "0" * 400 + "}", id="endless-number"),
        pytest.param('{"label": "explicit", "score": -1' + "0" * 400 + "}", id="endless-debt"),
    ],
)
def test_a_number_that_fits_nowhere_is_no_score(label: str) -> None:
    answer = read_answer(
        f'{{"items": [{{"id": "image1", "labels": [{label}]}}]}}'.encode(), ["image1"]
    )
    assert (answer.is_whole, list(answer.labels["image1"])) == (False, [])


def test_a_label_can_be_stored_whatever_it_is_made_of() -> None:
    body = rb'{"items": [{"id": "image1", "labels": [{"label": "a\ud83d\u0000", "score": 1}]}]}'
    (label,) = read_answer(body, ["image1"]).labels["image1"]
    assert label.name.encode()
