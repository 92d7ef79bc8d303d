"""Results of the doctor's checks and how they are printed: one line each, without secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.logs import scrub


class Grade(StrEnum):
    """How a check went; only `failed` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's line: what was found, and what to do where that is not well."""

    grade: Grade
    check: str
    found: str
    advice: str = ""

    def line(self, secrets: Sequence[str]) -> str:
        """As it is printed, without secrets."""
        advice = f" What to do: {self.advice}." if self.advice else ""
        return scrub(f"{self.grade:<8} {self.check}: {self.found}.{advice}", secrets)


def ok(check: str, found: str) -> Finding:
    """All is well with a check."""
    return Finding(Grade.OK, check, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """It works, but somebody should know."""
    return Finding(Grade.WARNING, check, found, advice)


def failed(check: str, found: str, advice: str) -> Finding:
    """It does not work, and this is what to do."""
    return Finding(Grade.FAILED, check, found, advice)
