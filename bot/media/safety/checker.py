"""What a safety check is: pictures in, labels with scores back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class NoAnswer(Exception):
    """The check gave no answer that could be understood, after every try."""


@dataclass(frozen=True, slots=True)
class Item:
    """A JPEG to look at: `image1` is the request's first file, `video2@1.5` a moment of its second.

    A result's frames are `frame@2.5`, in seconds.
    """

    id: str
    path: Path


@dataclass(frozen=True, slots=True)
class CheckCall:
    """What a checker is asked about; `prompt` is what the video is made from."""

    request_id: str
    prompt: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Label:
    """What is to be seen, and how surely: `score` from 0 to 1."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """Labels by item. `is_whole` is False where something of it was missing or made no sense."""

    labels: Mapping[str, Sequence[Label]] = field(default_factory=dict)
    is_whole: bool = True


class Checker(Protocol):
    """`name` tells one checker's answers from another's."""

    @property
    def name(self) -> str:
        """Stored with each answer; no secret."""
        ...

    async def check(self, call: CheckCall) -> CheckAnswer:
        """Look at pictures. Raises: NoAnswer."""
        ...
