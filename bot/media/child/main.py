"""Entry point of the media process: one JSON job per line in, one JSON answer per line out.

Decoders are the attack surface for hostile files, so they run here: isolated from the bot, without
secrets in the environment, under resource limits, and ending with the bot.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final

from bot.media.child.rlimits import allow_cpu, confine, is_disk_trouble
from bot.media.errors import FitImpossible, JoinImpossible
from bot.media.media_info import MediaFault

Job = dict[str, Any]
READY: Final = {"ready": True}


def handle(job: Job) -> Job:
    """Run one job and return its answer.

    The jobs are `inspect` with `files`, `chart` with a `chart`, `contact_sheet` with `files`,
    `target` and `frames`, `last_frame` with `source` and `target`, `join` with `files` and
    `target`, `convert` with `source` and `kind`, `plays` with `source`, `stills` with `source`,
    `folder` and `frames`, `strip` with `files` and `target`, `classify` with `classifier` and
    `files`, and `fit` with `source`, `target` and `limit_bytes`.
    The answer is `{"errno": number}` if our own disk fails, and `{"error": class}` if a decoder
    fails unexpectedly.
    """
    # decoders are imported lazily, after the limits are set
    return _JOBS[job["job"]](job)


def _guarded(work: Callable[..., Job], *arguments: object) -> Job:
    try:
        return work(*arguments)
    except Exception as exc:  # noqa: BLE001 - hostile files can raise anything
        if is_disk_trouble(exc):
            return {"errno": getattr(exc, "errno", 0)}
        return {"error": type(exc).__name__}


def _inspect(path: Path) -> Job:
    from bot.media.child.inspect import inspect_file  # noqa: PLC0415

    found = inspect_file(path)
    if isinstance(found, MediaFault):
        return {"fault": asdict(found)}
    return {"facts": asdict(found) | {"path": str(found.path)}}


def _chart(chart: Job) -> Job:
    from bot.media.child.chart import draw  # noqa: PLC0415

    return {"png": draw(chart)}


def _contact_sheet(files: list[Path], target: Path, frames: int) -> Job:
    from bot.media.child.contact_sheet import contact_sheet  # noqa: PLC0415

    return {"tiles": contact_sheet(files, target, frames)}


def _last_frame(source: Path, target: Path) -> Job:
    from bot.media.child.frames import NoFrame, last_frame  # noqa: PLC0415

    try:
        return {"frame": last_frame(source, target)}
    except NoFrame as exc:
        return {"impossible": str(exc)}


def _join(files: list[Path], target: Path) -> Job:
    from bot.media.child.concat import join  # noqa: PLC0415

    try:
        return {"join": asdict(join(files, target))}
    except JoinImpossible as exc:
        return {"impossible": str(exc)}


def _convert(source: Path, kind: str) -> Job:
    from bot.media.child.transcode import convert  # noqa: PLC0415

    try:
        return {"converted": str(convert(source, kind))}
    except FitImpossible as exc:
        return {"impossible": str(exc)}


def _plays(source: Path) -> Job:
    from bot.media.child.clips import plays  # noqa: PLC0415

    return {"plays": plays(source)}


def _stills(source: Path, folder: Path, frames: int) -> Job:
    from bot.media.child.stills import write_stills  # noqa: PLC0415

    return {"stills": write_stills(source, folder, frames)}


def _strip(files: list[Path], target: Path) -> Job:
    from bot.media.child.strip import strip  # noqa: PLC0415

    return {"tiles": strip(files, target)}


def _classify(classifier: str, files: list[Path]) -> Job:
    from bot.media.child.classify import classify  # noqa: PLC0415

    return {"labels": classify(classifier, files)}


def _fit(source: Path, target: Path, limit_bytes: int) -> Job:
    from bot.media.child.shrink import fit  # noqa: PLC0415

    try:
        return {"fit": asdict(fit(source, target, limit_bytes))}
    except FitImpossible as exc:
        return {"impossible": str(exc)}


_JOBS: Final[Mapping[str, Callable[[Job], Job]]] = {
    "inspect": lambda job: {"files": [_guarded(_inspect, each) for each in _paths(job)]},
    "chart": lambda job: _guarded(_chart, job["chart"]),
    "contact_sheet": lambda job: _guarded(
        _contact_sheet, _paths(job), Path(job["target"]), int(job["frames"])
    ),
    "strip": lambda job: _guarded(_strip, _paths(job), Path(job["target"])),
    "last_frame": lambda job: _guarded(_last_frame, Path(job["source"]), Path(job["target"])),
    "join": lambda job: _guarded(_join, _paths(job), Path(job["target"])),
    "convert": lambda job: _guarded(_convert, Path(job["source"]), str(job["kind"])),
    "plays": lambda job: _guarded(_plays, Path(job["source"])),
    "stills": lambda job: _guarded(
        _stills, Path(job["source"]), Path(job["folder"]), int(job["frames"])
    ),
    "classify": lambda job: _guarded(_classify, str(job["classifier"]), _paths(job)),
    "fit": lambda job: _guarded(
        _fit, Path(job["source"]), Path(job["target"]), int(job["limit_bytes"])
    ),
}


def _paths(job: Job) -> list[Path]:
    return [Path(path) for path in job["files"]]


def serve(work: Callable[[Job], Job] = handle) -> None:
    """Answer jobs until end of input, which ends the process at once, even during a job.

    End of input means that the bot is gone, and a restarted bot may already be repeating the job.
    The first command-line argument bounds the process's memory in bytes.
    """
    confine(int(sys.argv[1]))
    answers = _take_standard_output()
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_jobs, args=(jobs,), daemon=True).start()
    try:
        _send(answers, READY)
        while True:
            job = json.loads(jobs.get())
            allow_cpu(int(job["cpu_s"]))
            _send(answers, work(job))
    finally:
        # a regular exit would wait a second for the reader thread
        os._exit(1)


def _read_jobs(jobs: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    os._exit(0)


def _take_standard_output() -> BinaryIO:
    """Take over standard output; whatever libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return answers


def _send(answers: BinaryIO, answer: Job) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    serve()
