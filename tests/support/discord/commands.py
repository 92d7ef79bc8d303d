"""What Discord demands of commands that a bot registers, and finding one by its path."""

import re
from collections.abc import Iterator
from typing import Final

from tests.support.discord.records import Payload

SUBCOMMAND: Final = 1
GROUP: Final = 2
_NAME: Final = re.compile(r"^[-_'\w]{1,32}$", re.UNICODE)
LARGEST: Final = 8000
"""Characters of names, descriptions and values of one command with all that is inside it."""


def command_faults(commands: list[Payload]) -> list[str]:
    """Every reason for which Discord would refuse to register these."""
    found: list[str] = []
    names = [(command.get("type", 1), command["name"]) for command in commands]
    found += [f"{pair[1]}: registered twice" for pair in set(names) if names.count(pair) > 1]
    if sum(kind == 1 for kind, _ in names) > 100:
        found.append("more than 100 slash commands")
    for command in commands:
        if command.get("type", 1) == 1:
            found += _slash_faults(command)
    return found


def _slash_faults(command: Payload) -> Iterator[str]:
    if _size(command) > LARGEST:
        yield f"{command['name']}: {_size(command)} characters in all, {LARGEST} are allowed"
    yield from _node_faults(command, command["name"])


def _node_faults(node: Payload, path: str) -> Iterator[str]:
    for name in [node["name"], *(node.get("name_localizations") or {}).values()]:
        if not _NAME.match(name) or name != name.lower():
            yield f"{path}: {name!r} cannot be a name"
    if not node.get("description"):
        yield f"{path}: a description is required"
    options = node.get("options") or []
    if len(options) > 25:
        yield f"{path}: {len(options)} options where 25 are allowed"
    if len({option["name"] for option in options}) < len(options):
        yield f"{path}: two options of one name"
    needs = [bool(option.get("required")) for option in options]
    if needs != sorted(needs, reverse=True):
        yield f"{path}: required options must stand before the others"
    for option in options:
        yield from _node_faults(option, f"{path} {option['name']}")
        if len(option.get("choices") or []) > 25:
            yield f"{path} {option['name']}: more than 25 choices"
        if option.get("choices") and option.get("autocomplete"):
            yield f"{path} {option['name']}: choices and autocomplete exclude each other"


def _size(node: Payload) -> int:
    """Characters that count; of a text in several languages the longest."""
    total = 0
    for field in ("name", "description"):
        texts = [node.get(field) or "", *(node.get(f"{field}_localizations") or {}).values()]
        total += max(len(text) for text in texts)
    total += len(str(node["value"])) if "value" in node else 0
    inner = [*(node.get("options") or []), *(node.get("choices") or [])]
    return total + sum(_size(part) for part in inner)


def find_command(
    commands: list[Payload], path: str, *, kind: int = 1
) -> tuple[Payload, list[Payload]]:
    """The registered command and the chain of groups and subcommands below it that `path` names.

    Raises: LookupError that says what there is instead.
    """
    words = path.split() if kind == 1 else [path]
    for command in commands:
        if command.get("type", 1) == kind and command["name"] == words[0]:
            break
    else:
        message = f"no command {words[0]!r} among {[c['name'] for c in commands]}"
        raise LookupError(message)
    chain: list[Payload] = []
    node = command
    for word in words[1:]:
        inner = [o for o in node.get("options") or [] if o["type"] in {SUBCOMMAND, GROUP}]
        node = next((option for option in inner if option["name"] == word), {})
        if not node:
            message = f"no {word!r} below {words[0]!r}, only {[o['name'] for o in inner]}"
            raise LookupError(message)
        chain.append(node)
    return command, chain
