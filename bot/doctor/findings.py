"""Results of the doctor's checks and how they are printed: one line each, without secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.logs import scrub


class Grade(StrEnum):
    """Grade of a check; only `failed` makes the command exit 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check, with advice if there is a problem."""

    grade: Grade
    check: str
    found: str
    advice: str = ""

    def line(self, secrets: Sequence[str]) -> str:
        """Format as one line, without secrets."""
        advice = f" What to do: {self.advice}." if self.advice else ""
        return scrub(f"{self.grade:<8} {self.check}: {self.found}.{advice}", secrets)


def ok(check: str, found: str) -> Finding:
    """The check passed."""
    return Finding(Grade.OK, check, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """It works, but the owner should know."""
    return Finding(Grade.WARNING, check, found, advice)


def failed(check: str, found: str, advice: str) -> Finding:
    """It does not work; `advice` says what to do."""
    return Finding(Grade.FAILED, check, found, advice)
