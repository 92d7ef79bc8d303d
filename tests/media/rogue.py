"""A media process that does harm on demand: the names of the files say which."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from bot.media.child.main import handle, serve


def work(job: dict[str, Any]) -> dict[str, Any]:
    for name in job.get("files", []) or [job["source"]]:
        _misbehave(Path(name))
    if any(Path(name).stem == "surprise" for name in job.get("files", []) or [job["source"]]):
        error = {"error": "RuntimeError"}
        return {"files": [error for _ in job["files"]]} if "files" in job else error
    return handle(job)


def _misbehave(path: Path) -> None:
    mark = path.with_suffix(".seen")
    if path.stem == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if path.stem == "once" and not mark.exists():
        mark.touch()
        os._exit(3)
    if path.stem == "hang":
        mark.touch()
        time.sleep(600)
    if path.stem == "greedy":
        bytearray(6 * 1024**3)
    if path.stem == "noise":
        print("a library writes where it should not", flush=True)
    if path.stem == "environment":
        limits = {"nice": os.nice(0), "variables": sorted(os.environ)}
        mark.write_text(json.dumps(limits))


if __name__ == "__main__":
    serve(work)
