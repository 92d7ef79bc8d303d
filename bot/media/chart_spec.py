"""Data of a chart: stacked bars per day or named horizontal bars, in one or more panels."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "plain", "more", "other"]
"""Style of a series: a distinct colour and hatch, so that neither is needed to tell them apart."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of stacked bars; one value per step."""

    label: str
    tone: Tone
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Stacked bars; `title` says what they count."""

    title: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Horizontal bars, each with its name above and its value at the end."""

    title: str
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """One chart. Text in scripts without an installed font is omitted; repeat it elsewhere."""

    title: str
    steps: tuple[str, ...]
    panels: tuple[Panel | Rows, ...]
