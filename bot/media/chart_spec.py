"""Data of a chart: stacked bars per day or named horizontal bars, in one or more panels."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "plain", "more", "other"]
"""How a series looks: each has a colour and a pattern of its own, so that neither alone tells."""


@dataclass(frozen=True, slots=True)
class Series:
    """One part of the bars; as many values as there are steps."""

    label: str
    tone: Tone
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars whose series are stacked; `title` says what they count."""

    title: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Bars that lie one under another, each with its name above it and its number behind it."""

    title: str
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One picture. Words in a script that no font here has are left out, so say them beside it."""

    title: str
    steps: tuple[str, ...]
    panels: tuple[Panel | Rows, ...]
