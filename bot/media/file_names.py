"""File names that tell a rewritten copy from the original."""

from pathlib import Path
from typing import Final

_REWRITTEN: Final = "-plain"


def rewritten_beside(path: Path, ending: str) -> Path:
    """Path of a file's rewritten copy; `ending` without a dot."""
    return path.with_name(f"{path.stem}{_REWRITTEN}.{ending}")


def is_rewritten(path: Path) -> bool:
    """Whether a file is a rewritten copy, so that the original's URL serves other bytes."""
    return path.stem.endswith(_REWRITTEN)
