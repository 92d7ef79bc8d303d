"""`/videoadmin` setup, settings, models and channels."""

from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_rest.channels import place_of
from bot.services.servers.setting_values import CHANNELS, NAMES, RANGES, RoleGiven
from bot.ui.command_names import English
from bot.ui.interactions import caller_of
from bot.ui.responses import answering
from bot.ui.servers import settings_pages
from bot.ui.servers.settings_buttons import remove_channel, send_channels, settings_view
from bot.ui.servers.settings_summary import settings_page
from bot.ui.servers.setup_panel import send_setup
from bot.ui.services import Services
from cogs.video_autocomplete import Choices, OptionChoices

Interaction = discord.Interaction[Any]
Channel = app_commands.AppCommandChannel
_TALKING = (discord.ChannelType.text, discord.ChannelType.news)
_USABLE = (
    *_TALKING,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
)

_en = English()


class PickedChannel(app_commands.Transformer):
    """A channel option restricted to some kinds; the service checks the value."""

    def __init__(self, *kinds: discord.ChannelType) -> None:
        self._kinds = kinds

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Discord's channel option."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The kinds offered."""
        return list(self._kinds)

    async def transform(self, _: Interaction, value: Any, /) -> Channel:
        """The channel as Discord describes it."""
        channel: Channel = value
        return channel


Talking = app_commands.Transform[Channel, PickedChannel(*_TALKING)]
Usable = app_commands.Transform[Channel, PickedChannel(*_USABLE)]


Cooldown = app_commands.Range[int, RANGES["cooldown"].least, RANGES["cooldown"].most]
Hours = app_commands.Range[float, 1.0, 720.0]
First = app_commands.Range[int, RANGES["hold_first"].least, RANGES["hold_first"].most]
Days = app_commands.Range[int, RANGES["hold_younger_days"].least, RANGES["hold_younger_days"].most]
Reports = app_commands.Range[int, RANGES["report_threshold"].least, RANGES["report_threshold"].most]
Rejections = app_commands.Range[
    int, RANGES["hold_after_rejections"].least, RANGES["hold_after_rejections"].most
]
Threshold = app_commands.Range[
    int, RANGES["safety_threshold"].least, RANGES["safety_threshold"].most
]
RetentionDays = app_commands.Range[
    int, RANGES["retention_days"].least, RANGES["retention_days"].most
]
Votes = app_commands.Range[int, RANGES["showcase_votes"].least, RANGES["showcase_votes"].most]


class SettingsCommands(commands.Cog):
    """A mixin of the group's cog."""

    _services: Services
    _choices: OptionChoices

    @app_commands.command(name="setup", description=_en.command("videoadmin setup"))
    async def setup_panel(self, interaction: Interaction) -> None:
        """Open the first-run panel."""
        async with answering(interaction) as answer:
            await send_setup(self._services, interaction, answer)

    @app_commands.command(name="settings", description=_en.command("videoadmin settings"))
    @app_commands.describe(**_en.options(*NAMES))
    async def settings(
        self,
        interaction: Interaction,
        review: Literal["off", "prompt", "result"] | None = None,
        review_channel: Talking | None = None,
        log_channel: Talking | None = None,
        moderator_role: discord.Role | None = None,
        default_model: str | None = None,
        language: Literal["en-US", "zh-CN", "server"] | None = None,
        remix: Literal["own", "everyone"] | None = None,
        server_daily: str | None = None,
        at_once: str | None = None,
        cooldown: Cooldown | None = None,
        confirm_above: str | None = None,
        review_timeout_hours: Hours | None = None,
        hold_first: First | None = None,
        hold_links: bool | None = None,
        hold_younger_days: Days | None = None,
        hold_after_rejections: Rejections | None = None,
        hold_flagged: bool | None = None,
        safety_threshold: Threshold | None = None,
        report_threshold: Reports | None = None,
        retention_days: RetentionDays | None = None,
        showcase_channel: Talking | None = None,
        showcase_votes: Votes | None = None,
        showcase_monthly: bool | None = None,
    ) -> None:
        """Change what was given; without an option, show all."""
        async with answering(interaction) as answer:
            caller, service = caller_of(interaction), self._services.admin
            view = await service.show(caller)
            given = await _given(interaction)
            if not given:
                page = settings_page(view, self._services.currency, answer.t)
                await answer.send(embed=page, view=settings_view(answer.t))
                return
            view, changes = await service.change(caller, given)
            await answer.send(settings_pages.changed_page(view, changes, answer.t))

    @app_commands.command(name="models", description=_en.command("videoadmin models"))
    @app_commands.describe(**_en.options("allow", "remove"))
    async def models(
        self, interaction: Interaction, allow: str | None = None, remove: str | None = None
    ) -> None:
        """Choose the models that may be used here."""
        async with answering(interaction) as answer:
            caller, service = caller_of(interaction), self._services.admin
            view = await service.show(caller)
            if allow is not None:
                view = await service.allow_models(caller, allow)
            if remove is not None:
                view = await service.remove_models(caller, remove)
            await answer.send(settings_pages.models_list(view, answer.t))

    @app_commands.command(name="channels", description=_en.command("videoadmin channels"))
    @app_commands.describe(**_en.options("allow", "remove"))
    async def channels(
        self, interaction: Interaction, allow: Usable | None = None, remove: Usable | None = None
    ) -> None:
        """Choose the channels in which the bot may be used."""
        async with answering(interaction) as answer:
            caller, service = caller_of(interaction), self._services.admin
            view = await service.show(caller)
            if allow is not None:
                place = await place_of(interaction.client, caller.guild_id, allow.id)
                view = await service.allow_channel(caller, place)
            if remove is not None:
                await remove_channel(self._services, interaction, answer, remove.id)
                return
            await send_channels(answer, view)

    @settings.autocomplete("default_model")
    async def _default_models(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.models(interaction, typed)

    @models.autocomplete("allow")
    async def _not_allowed(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.several_models(interaction, typed, are_allowed=False)

    @models.autocomplete("remove")
    async def _allowed(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.several_models(interaction, typed, are_allowed=True)


async def _given(interaction: Interaction) -> dict[str, Any]:
    """The given options; channels as Discord describes them now."""
    given: dict[str, Any] = {}
    for name, value in interaction.namespace:
        if name in CHANNELS:
            given[name] = await place_of(interaction.client, interaction.guild_id or 0, value.id)
        elif isinstance(value, discord.Role):
            given[name] = RoleGiven(value.id, is_everyone=value.is_default())
        else:
            given[name] = value
    return given
