"""Percentiles and tables."""

import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0–1) of all do not exceed; 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    position = max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1)
    return ordered[min(position, len(ordered) - 1)]


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return statistics.fmean(values) if values else 0.0


def milliseconds(value_s: float) -> str:
    """Seconds as milliseconds, to a tenth where that says something."""
    return f"{value_s * 1000:.1f} ms" if value_s < 0.1 else f"{value_s * 1000:.0f} ms"


def seconds(value_s: float) -> str:
    """Seconds to a hundredth."""
    return f"{value_s:.2f} s"


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is also readable in a terminal."""
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(w) if n == 0 else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = (
        "|"
        + "|".join("-" * (w + 2) if n == 0 else "-" * (w + 1) + ":" for n, w in enumerate(widths))
        + "|"
    )
    return "\n".join(["", f"## {title}", "", line(heads), rule, *(line(row) for row in rows)])
