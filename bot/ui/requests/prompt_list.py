"""Several prompts in one message: a line for each, and a file where not all fit. Pure."""

import io
from collections.abc import Sequence
from typing import Final

import discord

from bot.ui.formatting import quoted

PROMPTS_ROOM: Final = 1200
"""Characters of an answer for all prompts together."""


def prompt_lines(prompts: Sequence[str]) -> tuple[list[str], bool]:
    """Each prompt in its share of the room, and whether all are shown to their end."""
    share = PROMPTS_ROOM // len(prompts)
    lines, is_whole = [], True
    for prompt in prompts:
        limit = len(prompt)
        # escaping makes it longer than it is
        while len(line := quoted(prompt, limit)) > share:
            limit = min(limit * 2 // 3, share)
            is_whole = False
        lines.append(line)
    return lines, is_whole


def prompts_file(name: str, prompts: Sequence[str]) -> discord.File:
    """All prompts in full, numbered from 1."""
    numbered = (f"{number}. {prompt}" for number, prompt in enumerate(prompts, start=1))
    return discord.File(io.BytesIO("\n\n".join(numbered).encode()), filename=f"{name}.txt")
