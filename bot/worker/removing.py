"""Removes what lies on our disk of a request."""

import shutil
from pathlib import Path


def remove_files(data_dir: Path, request_id: str) -> None:
    """Delete a request's references and its video in every size; what is not there is fine."""
    shutil.rmtree(data_dir / "inputs" / request_id, ignore_errors=True)
    for path in (data_dir / "results").glob(f"{request_id}.*"):
        path.unlink(missing_ok=True)
