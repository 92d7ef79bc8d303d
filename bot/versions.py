"""Which versions run: of the bot itself, of Python, of discord.py."""

import platform
from importlib import metadata

PACKAGES = ("video-bot", "discord.py")


def versions() -> dict[str, str]:
    """Names and versions; a package that is not installed as such is left out."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
