"""Presses of buttons that their message no longer has: discord.py is silent about them."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.discord_rest.history import custom_ids_of
from bot.ui.components import RequestButton


async def is_pressed(
    interaction: discord.Interaction[Any], items: Sequence[type[RequestButton]]
) -> bool:
    """Whether a button answers the press; False where somebody should say that it is gone.

    A press that was on its way while the message changed, or a forged one, is answered here: what a
    button does follows from its custom_id. One that changes its message is not run.
    """
    payload: Any = interaction.data
    custom_id = str((payload or {}).get("custom_id", ""))
    for item in items:
        match = item.__discord_ui_compiled_template__.fullmatch(custom_id)
        if match is None:
            continue
        message = interaction.message
        if message is not None and custom_id in custom_ids_of(message):
            return True
        if item.is_update:
            return False
        button: discord.ui.Button[Any] = discord.ui.Button(custom_id=custom_id)
        pressed = await item.from_custom_id(interaction, button, match)
        await pressed.callback(interaction)
        return True
    return False
