"""`make` sets itself up once, and notices an environment that it can't use."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Stands for the interpreter named by PYTHON: environments without pip, which are made at once.
PYTHON = f"""#!/bin/sh
if [ "$1" = -m ] && [ "$2" = venv ]; then
  exec {sys.executable} -m venv --without-pip "$3"
fi
exec {sys.executable} "$@"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile alone, with a package to import and a lock; nothing is downloaded."""
    for name in ("Makefile", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").touch()
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def set_up(checkout: Path, *arguments: str) -> str:
    call = ["make", ".venv/installed", f"PYTHON={checkout}/python", "PIP=echo pip", *arguments]
    done = run_make(call, checkout)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_make(call: list[str], checkout: Path) -> subprocess.CompletedProcess[str]:
    """As from a shell, even where `make test` is what runs the tests: no options are inherited."""
    inherited = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
    environment = {name: value for name, value in os.environ.items() if name not in inherited}
    return subprocess.run(
        call, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def test_locks_are_installed_as_they_are_and_checked(checkout: Path) -> None:
    printed = set_up(checkout).splitlines()
    assert "pip install --no-deps --require-hashes -r requirements-dev.lock" in printed
    assert printed[-1] == "pip check"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "Dockerfile"])
def test_what_is_installed_elsewhere_is_locked_and_checked_too(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    calls = [
        call for line in text.splitlines() for call in re.findall(r"-m pip (.+?)(?: \\|$)", line)
    ]
    locked = [call for call in calls if ".lock" in call]
    assert locked
    assert all(call.startswith("install --no-deps --require-hashes -r ") for call in locked)
    assert "check" in calls[calls.index(locked[-1]) :]
    for call in calls:
        # nothing is resolved, and the project is built with what the lock for it has
        assert call == "check" or "--no-deps" in call
        assert not call.endswith(" .") or "--no-build-isolation" in call


def test_second_run_does_nothing(checkout: Path) -> None:
    set_up(checkout)
    assert "pip" not in set_up(checkout)


def test_an_interrupted_setup_is_repeated(checkout: Path) -> None:
    call = ["make", ".venv/installed", f"PYTHON={checkout}/python", "PIP=false"]
    assert run_make(call, checkout).returncode
    (checkout / ".venv" / "left-behind").touch()
    assert "pip check" in set_up(checkout)
    assert not (checkout / ".venv" / "left-behind").exists()


def test_an_environment_of_a_removed_python_is_recreated(checkout: Path) -> None:
    set_up(checkout)
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(checkout / "gone")
    assert "pip check" in set_up(checkout)


def test_an_environment_of_another_python_is_recreated(checkout: Path) -> None:
    set_up(checkout)
    other = PYTHON + "# another\n"
    other = other.replace("exec", 'test "$1" = -c && echo 3.99; exec', 2)
    (checkout / "python").write_text(other)
    assert "pip check" in set_up(checkout)


def test_changed_lock_is_installed(checkout: Path) -> None:
    set_up(checkout)
    with (checkout / "requirements-dev.lock").open("a") as lock:
        lock.write("# renewed\n")
    assert "pip check" in set_up(checkout)
