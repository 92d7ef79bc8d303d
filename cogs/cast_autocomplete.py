"""Autocomplete of names of the cast; offers nothing on failure."""

import asyncio

from discord import app_commands

from bot.rules.cast import as_name, fold
from bot.services.cast.views import CastName
from bot.ui.interactions import caller_of
from bot.ui.services import Services
from cogs.video_autocomplete import (
    MOST_CHOICES,
    MOST_LETTERS,
    TIME_S,
    Choices,
    Interaction,
    nothing_offered,
)
from storage.errors import BotError


class CastChoices:
    """Answers autocomplete from the caller's own names and the server's."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def names(self, interaction: Interaction, typed: str) -> Choices:
        """Names that contain what was typed, one's own first."""
        t = self._services.texts.of(str(interaction.locale))
        wanted = fold(as_name(typed))
        return [
            app_commands.Choice(
                name=t("cast-choice-server", name=each.name) if each.is_servers else each.name,
                value=f"server:{each.name}" if each.is_hidden else each.name,
            )
            for each in await self._known(interaction)
            if wanted in fold(each.name)
        ][:MOST_CHOICES]

    async def several(self, interaction: Interaction, typed: str) -> Choices:
        """Completes the last of several names; those before it are kept."""
        kept, _, last = typed.replace(",", " ").replace("，", " ").rpartition(" ")
        before = kept.split()
        folded = {fold(as_name(name)) for name in before}
        wanted = fold(as_name(last))
        offers = []
        for each in await self._known(interaction):
            value = " ".join((*before, each.name))
            is_new = fold(each.name) not in folded and not each.is_hidden
            if is_new and wanted in fold(each.name) and len(value) <= MOST_LETTERS:
                offers.append(app_commands.Choice(name=value, value=value))
        return offers[:MOST_CHOICES]

    async def _known(self, interaction: Interaction) -> tuple[CastName, ...]:
        try:
            async with asyncio.timeout(TIME_S):
                return await self._services.cast.names(caller_of(interaction))
        except (BotError, TimeoutError) as error:
            nothing_offered(error)
            return ()
