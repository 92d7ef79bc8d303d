"""Classifiers that look at pictures on this machine; media process only."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

Found = list[tuple[str, float]]
Classifier = Callable[[Path], Found]
"""Looks at a JPEG: labels with scores from 0 to 1."""

NUDITY: Final[Mapping[str, str]] = {
    "ANUS_EXPOSED": "exposed anus",
    "BUTTOCKS_EXPOSED": "exposed buttocks",
    "FEMALE_BREAST_EXPOSED": "exposed breast",
    "FEMALE_GENITALIA_EXPOSED": "exposed genitalia",
    "MALE_GENITALIA_EXPOSED": "exposed genitalia",
}
"""What NudeNet finds that is nudity; it also finds faces, feet and covered bodies, which are none.
"""


def classify(name: str, files: Sequence[Path]) -> list[Found]:
    """What a classifier sees on each picture; its model is loaded once.

    Raises: KeyError for an unknown classifier, ImportError where its packages are missing.
    """
    look = _loaded(name)
    return [look(file) for file in files]


@cache
def _loaded(name: str) -> Classifier:
    return CLASSIFIERS[name]()


def _nudenet() -> Classifier:
    from nudenet import NudeDetector  # noqa: PLC0415 - the extra `safety`, and slow to load

    detector = NudeDetector()

    def look(file: Path) -> Found:
        found = detector.detect(str(file))
        return [
            (NUDITY[each["class"]], min(1.0, max(0.0, float(each["score"]))))
            for each in found
            if each["class"] in NUDITY
        ]

    return look


CLASSIFIERS: Final[Mapping[str, Callable[[], Classifier]]] = {"nudenet": _nudenet}
"""By the word in `SAFETY_CHECK`."""
