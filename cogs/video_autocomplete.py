"""Autocomplete and fixed choices of command options."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any, Final

import discord
from discord import app_commands

from bot.rules.catalogue import Catalogue
from bot.ui.interactions import caller_of
from bot.ui.requests.model_descriptions import model_label
from bot.ui.requests.pages import request_label
from bot.ui.services import Services
from storage.errors import BotError
from storage.records import Request, State

logger = logging.getLogger(__name__)

MOST_CHOICES: Final = 25
"""Discord's limit."""

MOST_LETTERS: Final = 100
"""Discord's limit of a choice's name and value."""

TIME_S: Final = 2.0
"""Autocomplete can't be deferred: an empty list in time is better than a full one too late."""

Interaction = discord.Interaction[Any]
Choices = list[app_commands.Choice[str]]


class OptionChoices:
    """Answers autocomplete from the services; offers nothing on failure."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def models(self, interaction: Interaction, typed: str) -> Choices:
        """Models allowed here whose label contains what was typed, the default first."""
        services = self._services
        t = services.texts.of(str(interaction.locale))
        guild_id = interaction.guild_id or 0
        try:
            async with asyncio.timeout(TIME_S):
                allowed = await services.models.allowed(guild_id)
                default = await services.models.default_model(guild_id)
        except (BotError, TimeoutError) as error:
            return nothing_offered(error)
        labels = {spec.name: model_label(spec, services.currency, t) for spec in allowed}
        names = sorted(labels, key=lambda name: name != default)
        wanted = typed.strip().lower()
        return [
            app_commands.Choice(name=labels[name], value=name)
            for name in names
            if wanted in labels[name].lower()
        ][:MOST_CHOICES]

    async def several_models(
        self, interaction: Interaction, typed: str, *, are_allowed: bool
    ) -> Choices:
        """Completes the last of several names; those before it are kept."""
        services = self._services
        t = services.texts.of(str(interaction.locale))
        try:
            async with asyncio.timeout(TIME_S):
                allowed = {m.name for m in await services.models.allowed(interaction.guild_id or 0)}
        except (BotError, TimeoutError) as error:
            return nothing_offered(error)
        kept, _, wanted = typed.replace(",", " ").rpartition(" ")
        before = kept.split()
        offers = []
        for spec in services.catalogue:
            is_offered = (spec.name in allowed) is are_allowed and spec.name not in before
            value = " ".join((*before, spec.name))
            label = value if before else model_label(spec, services.currency, t)
            told = spec.name if before else label
            if is_offered and wanted.lower() in told.lower() and len(value) <= MOST_LETTERS:
                offers.append(app_commands.Choice(name=label, value=value))
        return offers[:MOST_CHOICES]

    async def templates(self, interaction: Interaction, typed: str) -> Choices:
        """The server's templates whose name contains what was typed."""
        try:
            async with asyncio.timeout(TIME_S):
                offers = await self._services.templates.of_server(caller_of(interaction))
        except (BotError, TimeoutError) as error:
            return nothing_offered(error)
        wanted = typed.strip().casefold()
        names = [offer.template.name for offer in offers]
        return [
            app_commands.Choice(name=name, value=name)
            for name in names
            if wanted in name.casefold()
        ][:MOST_CHOICES]

    async def requests(
        self, interaction: Interaction, typed: str, *, only_active: bool = False
    ) -> Choices:
        """The caller's newest requests whose id, prompt or state matches what was typed."""
        service, caller = self._services.request_search, caller_of(interaction)
        states = self._states(interaction, typed)
        found = service.own(caller, typed, in_states=states, only_active=only_active)
        return await self._lines(interaction, found)

    async def anybodys_requests(
        self, interaction: Interaction, typed: str, *, user_id: int = 0
    ) -> Choices:
        """The same for moderators, for the chosen member or all."""
        service, caller = self._services.request_search, caller_of(interaction)
        states = self._states(interaction, typed)
        found = service.anybodys(caller, typed, user_id=user_id, in_states=states)
        return await self._lines(interaction, found)

    def _states(self, interaction: Interaction, typed: str) -> tuple[State, ...]:
        """The states whose displayed words begin with what was typed."""
        t, wanted = self._services.texts.of(str(interaction.locale)), typed.strip().lower()
        words = {state: t(f"state-{state}", progress=0).lower() for state in State}
        return tuple(state for state, word in words.items() if wanted and word.startswith(wanted))

    async def _lines(
        self, interaction: Interaction, request_search: Coroutine[Any, Any, list[Request]]
    ) -> Choices:
        t = self._services.texts.of(str(interaction.locale))
        try:
            async with asyncio.timeout(TIME_S):
                found = await request_search
        except (BotError, TimeoutError) as error:
            return nothing_offered(error)
        return [
            app_commands.Choice(name=request_label(request, t), value=request.id)
            for request in found[:MOST_CHOICES]
        ]


def nothing_offered(error: Exception) -> Choices:
    """An empty list for a failure, which is logged."""
    logger.warning(
        "Autocomplete failed",
        extra={"action": "autocomplete.failed", "error": repr(error)},
    )
    return []


def offer_choices(catalogue: Catalogue, *command_list: app_commands.Command[Any, ..., Any]) -> None:
    """Give commands their choices of ratio and resolution: those of all models."""
    ratios = _distinct(ratio for spec in catalogue for ratio in spec.ratios)
    resolutions = _distinct(name for spec in catalogue for name in spec.resolutions)
    for command in command_list:
        app_commands.choices(ratio=_choices(ratios), resolution=_choices(resolutions))(command)


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))[:MOST_CHOICES]


def _choices(values: Iterable[str]) -> Choices:
    return [app_commands.Choice(name=value, value=value) for value in values]
