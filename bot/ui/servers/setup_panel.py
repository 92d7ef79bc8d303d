"""`/videoadmin setup`: three steps of menus that keep each choice at once, the last a check.

All is in the custom_ids and the database, so a panel that is open goes on working after a restart.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Self

import discord
from discord import ui

from bot.discord_rest.channels import place_of, places_of
from bot.errors import DeliveryError, NotAllowed, UserError
from bot.services.caller import Caller
from bot.services.server_settings import ServerSettings
from bot.services.servers.admin import RoleGiven, ServerView
from bot.services.servers.channels import Place
from bot.services.servers.setting_values import OF_SERVER, UNLIMITED, Given, in_words
from bot.ui.components import RequestButton, view_of
from bot.ui.error_messages import explain
from bot.ui.formatting import setting_name, setting_value, within
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.servers import settings_pages
from bot.ui.services import Services
from bot.ui.texts import Localised

Interaction = discord.Interaction[Any]

REVIEW, REST, CHECK = 1, 2, 3
STEPS: Final = 3
_STEP_OF: Final = {
    "review": REVIEW,
    "review_channel": REVIEW,
    "moderator_role": REVIEW,
    "log_channel": REST,
    "server_daily": REST,
    "language": REST,
}
CEILINGS: Final = (5, 10, 20, 50, 100, 200, 500, 1000)
_TALKING: Final = [discord.ChannelType.text, discord.ChannelType.news]


class SetupChoice(RequestButton, template=r"vb:setup:set:(?P<name>[a-z_]{1,30})"):
    """A menu of the panel: what is chosen is kept at once, what is unchosen taken back."""

    is_update = True

    def __init__(self, item: ui.Item[Any], name: str) -> None:
        super().__init__(item)
        self._name = name

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu anew from the one on the message."""
        return cls(item, match["name"])

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Keep the choice and show the step with it."""
        payload: Any = interaction.data
        values = [str(value) for value in (payload or {}).get("values", ())]
        caller = caller_of(interaction)
        step = _STEP_OF.get(self._name)
        if step is None:
            return await send_setup(services, interaction, answer)
        given = await self._given(interaction, caller, values)
        problem = ""
        try:
            view, _ = await services.admin.change(caller, {self._name: given}, is_strict=False)
        except NotAllowed:
            raise
        except UserError as error:
            # the panel stays, with what is wrong above it
            view, problem = await services.admin.show(caller), explain(error, answer.t)
        await _show(services, interaction, answer, view, step, problem=problem)
        return None

    async def _given(
        self, interaction: Interaction, caller: Caller, values: list[str]
    ) -> Given | Place | RoleGiven:
        value = values[0] if values else ""
        if self._name.endswith("_channel"):
            if not value:
                return Place(0)
            return await look_at(interaction, int(value))
        if self._name == "moderator_role":
            role_id = int(value or 0)
            return RoleGiven(role_id, is_everyone=role_id == caller.guild_id)
        return value


class SetupStep(RequestButton, template=r"vb:setup:step:(?P<step>[1-3])(?P<again>-again)?"):
    """Goes to a step of the panel."""

    is_update = True

    def __init__(self, step: int, label: str = "Next", *, is_again: bool = False) -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                custom_id=f"vb:setup:step:{step}{'-again' if is_again else ''}",
            )
        )
        self._step = step

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["step"]), is_again=bool(match["again"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the step in place of the one before."""
        await send_setup(services, interaction, answer, step=self._step)


SETUP_ITEMS: Final = (SetupChoice, SetupStep)


async def look_at(interaction: Interaction, channel_id: int) -> Place:
    """A channel of the interaction's server as Discord says it is now; text if it can't be asked.

    Raises: nothing: a choice is not refused because Discord is slow, the check tells later.
    """
    try:
        return await place_of(interaction.client, interaction.guild_id or 0, channel_id)
    except DeliveryError:
        return Place(channel_id, kind="text")


async def send_setup(
    services: Services, interaction: Interaction, answer: Answer, *, step: int = REVIEW
) -> None:
    """Answer with a step of the panel. Raises: NotAllowed."""
    view = await services.admin.show(caller_of(interaction))
    await _show(services, interaction, answer, view, step)


async def _show(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    found: ServerView,
    step: int,
    *,
    problem: str = "",
) -> None:
    t = answer.t
    settings = found.settings
    items: list[RequestButton]
    if step == CHECK:
        text = await _check(interaction, settings, t)
        items = [
            SetupStep(REST, t("button-back")),
            SetupStep(CHECK, t("button-check-again"), is_again=True),
        ]
    elif step == REST:
        text = within((t("setup-rest"), *_chosen(("log_channel", *_REST_MENUS), settings, t)))
        items = [
            SetupChoice(_channel_menu("log_channel", settings, t), "log_channel"),
            SetupChoice(_menu("server_daily", _ceilings(settings, t), t), "server_daily"),
            SetupChoice(_menu("language", _languages(services, settings, t), t), "language"),
            SetupStep(REVIEW, t("button-back")),
            SetupStep(CHECK, t("button-next")),
        ]
    else:
        names = ("review", "review_channel", "moderator_role")
        text = within((t("setup-review"), *_chosen(names, settings, t), *_warning(settings, t)))
        items = [
            SetupChoice(_menu("review", _modes(settings, t), t), "review"),
            SetupChoice(_channel_menu("review_channel", settings, t), "review_channel"),
            SetupChoice(_role_menu(settings, t), "moderator_role"),
            SetupStep(REST, t("button-next")),
        ]
    title = t("setup-title", step=step, steps=STEPS)
    embed = discord.Embed(title=title, description=text)
    await answer.send(problem or None, embed=embed, view=view_of(*items))


_REST_MENUS: Final = ("server_daily", "language")


def _chosen(names: tuple[str, ...], settings: ServerSettings, t: Localised) -> list[str]:
    return [
        t(
            "setup-chosen",
            setting=setting_name(name, t),
            value=setting_value(in_words(name, settings), t),
        )
        for name in names
    ]


def _warning(settings: ServerSettings, t: Localised) -> tuple[str, ...]:
    lacks_place = settings.review != "off" and not settings.review_channel
    return (t("check-no-review-channel"),) if lacks_place else ()


async def _check(interaction: Interaction, settings: ServerSettings, t: Localised) -> str:
    role = f"<@&{settings.moderator_role}>" if settings.moderator_role else t("setup-your-role")
    opening = t("setup-open-videomod", role=role)
    try:
        places = await places_of(interaction.client, interaction.guild_id or 0)
    except DeliveryError:
        return within((t("check-failed"), "", opening))
    found = settings_pages.findings(settings, _here(caller_of(interaction), places), places, t)
    wrong = sum(not each.is_fine for each in found)
    head = t("check-head", count=wrong)
    return within((head, *(f"- {each.text}" for each in found), opening, t("setup-more")))


def _here(caller: Caller, places: Mapping[int, Place]) -> Place | None:
    """Where the panel was opened; the interaction itself says what the bot may do there."""
    place = places.get(caller.parent_channel_id or caller.channel_id)
    if place is None or caller.is_thread:
        return place
    return Place(place.channel_id, place.kind, caller.app_permissions, place.is_public)


def _menu(name: str, options: list[discord.SelectOption], t: Localised) -> ui.Select[Any]:
    return ui.Select(
        custom_id=f"vb:setup:set:{name}",
        options=options,
        placeholder=t(f"setup-menu-{name.replace('_', '-')}"),
    )


def _channel_menu(name: str, settings: ServerSettings, t: Localised) -> ui.ChannelSelect[Any]:
    chosen = int(getattr(settings, name))
    kind = discord.SelectDefaultValueType.channel
    return ui.ChannelSelect(
        custom_id=f"vb:setup:set:{name}",
        channel_types=_TALKING,
        placeholder=t(f"setup-menu-{name.replace('_', '-')}"),
        min_values=0,
        default_values=[discord.SelectDefaultValue(id=chosen, type=kind)] if chosen else [],
    )


def _role_menu(settings: ServerSettings, t: Localised) -> ui.RoleSelect[Any]:
    chosen = settings.moderator_role
    kind = discord.SelectDefaultValueType.role
    return ui.RoleSelect(
        custom_id="vb:setup:set:moderator_role",
        placeholder=t("setup-menu-moderator-role"),
        min_values=0,
        default_values=[discord.SelectDefaultValue(id=chosen, type=kind)] if chosen else [],
    )


def _modes(settings: ServerSettings, t: Localised) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=t(f"choice-{word}"),
            value=word,
            description=t(f"setup-mode-{word}"),
            default=settings.review == word,
        )
        for word in ("off", "prompt", "result")
    ]


def _ceilings(settings: ServerSettings, t: Localised) -> list[discord.SelectOption]:
    now = settings.server_daily
    numbers = sorted({*CEILINGS, *((now,) if now is not None else ())})
    none = discord.SelectOption(label=t("setup-ceiling-none"), value=UNLIMITED, default=now is None)
    return [
        none,
        *(
            discord.SelectOption(
                label=t("setup-ceiling", count=number), value=str(number), default=number == now
            )
            for number in numbers
        ),
    ]


def _languages(
    services: Services, settings: ServerSettings, t: Localised
) -> list[discord.SelectOption]:
    words = (OF_SERVER, *services.texts.languages)
    return [
        discord.SelectOption(
            label=t(f"choice-{word.lower()}"),
            value=word,
            default=(settings.language or OF_SERVER) == word,
        )
        for word in words
    ]
