"""Runs the command line often: each run is a process, forked from one that has loaded the modules.

Loading them is nearly all of what a command takes that ends at once, and unloading them is most of
the rest. What is between is as after `python -m bot`, with a folder, an environment and arguments
of its own.
"""

import asyncio
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
_LOADED = ("typer.main", "bot.app", "bot.doctor", "bot.bootstrap.restore", "cogs.video")
# not bot.__main__ itself, which is to run as the main module


class ForkServer:
    """The process that is forked; started at the first run, with hardly any environment."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None

    async def run(
        self, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]
    ) -> tuple[int, str]:
        """Exit code and what was said, of `video-bot <arguments>` in a folder."""
        output = folder.with_name(f"{folder.name}-output")
        order = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": dict(environment),
            "output": str(output),
        }
        try:
            answer = await asyncio.wait_for(asyncio.to_thread(self._ask, json.dumps(order)), 30)
        except TimeoutError:
            self.close()
            raise
        return int(answer), output.read_text(encoding="utf-8")

    def _ask(self, order: str) -> str:
        server = self._server = self._server or subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        requests, answers = _pipes(server)
        requests.write(f"{order}\n")
        requests.flush()
        return answers.readline()

    def close(self) -> None:
        """End it, with a command that may be running."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            for pipe in _pipes(self._server):
                pipe.close()
            self._server.wait()
            self._server = None


def _pipes(server: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert server.stdin is not None
    assert server.stdout is not None
    return server.stdin, server.stdout


def _serve() -> None:
    for name in _LOADED:
        importlib.import_module(name)
    # memory that no child writes to is shared with it
    gc.freeze()
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: Mapping[str, Any]) -> NoReturn:
    """Be the command: nothing of this process is left but what it has loaded."""
    code = 1
    try:
        code = _run(order)
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                thread.join()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(order: Mapping[str, Any]) -> int:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, target in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(target, number)
    sys.argv[1:] = order["arguments"]
    try:
        runpy.run_module("bot", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    _serve()
