"""File names that tell a rewritten copy from the original."""

from pathlib import Path
from typing import Final

_REWRITTEN: Final = "-plain"


def rewritten_beside(path: Path, ending: str) -> Path:
    """Where the rewritten copy of a file lies; `ending` without a dot."""
    return path.with_name(f"{path.stem}{_REWRITTEN}.{ending}")


def is_rewritten(path: Path) -> bool:
    """Whether a file is a copy of what came, so that the original's address leads to another."""
    return path.stem.endswith(_REWRITTEN)
