"""Run the program as a child process with an environment's settings."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that amount to these settings."""
    named = {
        name: _written(getattr(settings, name), field.default)
        for name, field in type(settings).model_fields.items()
    }
    return {name.upper(): text for name, text in named.items() if text}


def _written(value: Any, default: Any) -> str:
    if value is None and isinstance(default, int):
        return "unlimited"
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    return "" if value is None else str(value)


async def start(
    arguments: Sequence[str], settings: Settings, folder: Path, **more: str
) -> asyncio.subprocess.Process:
    """`python <arguments>` in a folder where no `.env` lies; its output goes into pipes."""
    kept: Mapping[str, str] = {
        key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment_of(settings), **more},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(
    arguments: Sequence[str], settings: Settings, folder: Path, *, timeout_s: float = 30.0
) -> tuple[int, str, str]:
    """The exit code and what was written to standard output and standard error."""
    process = await start(arguments, settings, folder)
    try:
        out, err = await asyncio.wait_for(process.communicate(), timeout_s)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out.decode(), err.decode()
