"""Reads a checker's JSON answer. Pure; whatever makes no sense is left out, and said to be so."""

import json
from collections.abc import Collection
from typing import Any, Final

from bot.media.safety.checker import CheckAnswer, Label

LONGEST_LABEL: Final = 60


def read_answer(body: bytes, wanted: Collection[str]) -> CheckAnswer:
    """`{"items": [{"id": "image1", "labels": [{"label": "explicit", "score": 0.97}]}]}`.

    An answer is whole if it names every wanted item with a list of labels, each a text with a
    number from 0 to 1; an item or label that is not so is left out. Items nobody asked about, and
    fields nobody knows, mean nothing.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return CheckAnswer(is_whole=False)
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        return CheckAnswer(is_whole=False)
    found: dict[str, list[Label]] = {}
    is_whole = True
    for item in items:
        item_id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(item_id, str) or item_id not in wanted:
            continue
        given = item.get("labels")
        labels = [_label(each) for each in given] if isinstance(given, list) else [None]
        found.setdefault(item_id, []).extend(label for label in labels if label is not None)
        is_whole = is_whole and None not in labels
    return CheckAnswer(found, is_whole and found.keys() >= set(wanted))


def _label(given: Any) -> Label | None:
    if not isinstance(given, dict):
        return None
    name, score = given.get("label"), given.get("score")
    # half a character, which JSON can name, can't be stored
    shown = "".join(filter(str.isprintable, name)).strip() if isinstance(name, str) else ""
    if not shown:
        return None
    # compared as it is: NaN is in no range, and a long integer fits into no float
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return None
    return Label(shown[:LONGEST_LABEL], float(score))
