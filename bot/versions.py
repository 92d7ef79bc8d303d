"""Versions of the bot, Python and discord.py."""

import platform
from importlib import metadata

PACKAGES = ("video-bot", "discord.py")


def versions() -> dict[str, str]:
    """Map names to versions; packages that are not installed are left out."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
