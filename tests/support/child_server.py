"""Forks the bots' media and render processes from one that has loaded their modules.

Loading FFmpeg, Pillow and pydantic is nearly all of what such a process does for a small file. The
bot starts them as ever; `forked/sitecustomize.py`, which Python loads first, hands the new
process's streams, folder, environment and arguments to this server, waits, and ends as the fork
ends; if it is killed, so is the fork. What the processes promise of themselves, such as their
limits, is tested in tests/media, without this server.
"""

import atexit
import contextlib
import gc
import importlib
import os
import runpy
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
_START = Path(__file__).parent / "forked" / "sitecustomize.py"
_LOADED = (
    *("bot.media.child.inspect", "bot.media.child.stills", "bot.media.child.strip"),
    *("bot.media.child.concat", "bot.media.child.transcode", "bot.media.child.remux"),
    *("bot.media.child.frames", "bot.media.child.pictures.look", "bot.media.child.chart"),
    *("bot.demo.provider.camera", "pydantic.main", "queue"),
)
# not the modules that are run, which are to be main modules


@contextlib.contextmanager
def forked_children() -> Iterator[None]:
    """Let what is started from here be forked."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(_folder())
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


@cache
def _folder() -> Path:
    """The folder for PYTHONPATH, whose server is being started and ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="fork-"))
    (folder / _START.name).symlink_to(_START)
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(folder / "socket")],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
    )

    def end() -> None:
        # it ends at the end of its input
        server.communicate()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return folder


def _serve(path: str) -> None:
    for name in _LOADED:
        importlib.import_module(name)
    importlib.import_module("PIL.Image").preinit()
    # memory that no child writes to is shared with it
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            _reap()
            if sys.stdin in ready:
                # whoever started it is gone
                return
            caller, _ = listener.accept()
            with caller:
                if not os.fork():
                    listener.close()
                    _become(caller)


def _reap() -> None:
    """Let go of the children that have ended; what they took counts among what the tests took."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(caller: socket.socket) -> NoReturn:
    """Be the process that was started: nothing of the server is left but what it has loaded."""
    code = 1
    try:
        code = _run(caller)
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with contextlib.suppress(OSError):
            caller.send(bytes([code]))
        os._exit(code)


def _run(caller: socket.socket) -> int:
    size, streams, _, _ = socket.recv_fds(caller, 8, 3)
    order = caller.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL).split(b"\0")
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    count = int(order[0])
    folder, *arguments = (os.fsdecode(each) for each in order[1 : count + 1])
    os.chdir(folder)
    os.environb.clear()
    os.environb.update(each.partition(b"=")[::2] for each in order[count + 1 :])
    sys.argv[1:] = arguments[1:]
    threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _end_with(caller: socket.socket) -> None:
    """End at once when the process that was started is killed."""
    caller.recv(1)
    os._exit(1)


if __name__ == "__main__":
    _serve(sys.argv[1])
