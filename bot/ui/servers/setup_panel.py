"""`/videoadmin setup`: three steps of menus that save each choice at once, the last one a check."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any, Final

import discord
from discord import ui

from bot.discord_rest.channels import place_of, places_of
from bot.errors import DeliveryError, NotAllowed, UserError
from bot.services.caller import Caller
from bot.services.server_settings import ServerSettings
from bot.services.servers.admin import ServerView
from bot.services.servers.channels import Place
from bot.services.servers.setting_values import OF_SERVER, UNLIMITED, Given, RoleGiven, in_words
from bot.ui.components import Component, Interaction, Menu, chosen_values, view_of
from bot.ui.custom_ids import Part
from bot.ui.error_messages import explain
from bot.ui.formatting import setting_name, setting_value, within
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.servers import settings_pages
from bot.ui.services import Services
from bot.ui.texts import Localised

REVIEW, REST, CHECK = 1, 2, 3
STEPS: Final = 3
_MENUS: Final = {
    REVIEW: ("review", "review_channel", "moderator_role"),
    REST: ("log_channel", "showcase_channel", "server_daily", "language"),
}
_STEP_OF: Final = {name: step for step, names in _MENUS.items() for name in names}
CEILINGS: Final = (5, 10, 20, 50, 100, 200, 500, 1000)
_TALKING: Final = [discord.ChannelType.text, discord.ChannelType.news]


class SetupChoice(Menu, custom_id="vb:setup:set:{name}"):
    """A menu of the panel: what is chosen is saved at once, what is unchosen reset.

    `chosen_id` is the channel or role that is chosen when the menu is posted; 0 for none.
    """

    is_update = True

    name: Annotated[str, Part(r"[a-z_]{1,30}")]
    chosen_id: int = field(default=0, kw_only=True)

    def build(self) -> ui.Item[Any]:
        """A menu of channels, of roles, or of `options`."""
        if not self.name.endswith(("_channel", "_role")):
            return super().build()
        chosen: list[discord.SelectDefaultValue] = []
        if self.chosen_id:
            kind = "role" if self.name.endswith("_role") else "channel"
            value_type = discord.SelectDefaultValueType[kind]
            chosen.append(discord.SelectDefaultValue(id=self.chosen_id, type=value_type))
        about: dict[str, Any] = {
            "custom_id": self.to_custom_id(),
            "placeholder": self.label,
            "min_values": 0,
            "default_values": chosen,
        }
        if self.name.endswith("_role"):
            return ui.RoleSelect(**about)
        return ui.ChannelSelect(channel_types=_TALKING, **about)

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Save the choice and show the step with it."""
        caller = caller_of(interaction)
        step = _STEP_OF.get(self.name)
        if step is None:
            return await send_setup(services, interaction, answer)
        given = await self._given(interaction, caller)
        problem = ""
        try:
            view, _ = await services.admin.change(caller, {self.name: given}, is_strict=False)
        except NotAllowed:
            raise
        except UserError as error:
            # the panel stays, with what is wrong above it
            view, problem = await services.admin.show(caller), explain(error, answer.t)
        await _show(services, interaction, answer, view, step, problem=problem)
        return None

    async def _given(self, interaction: Interaction, caller: Caller) -> Given | Place | RoleGiven:
        value = next(iter(chosen_values(interaction)), "")
        if self.name.endswith("_channel"):
            if not value:
                return Place(0)
            return await look_at(interaction, int(value))
        if self.name == "moderator_role":
            role_id = int(value or 0)
            return RoleGiven(role_id, is_everyone=role_id == caller.guild_id)
        return value


class SetupStep(Component, custom_id="vb:setup:step:{step}{is_again}"):
    """Goes to a step of the panel; `is_again` keeps custom_ids of one message apart."""

    is_update = True

    step: Annotated[int, Part(r"[1-3]", int)]
    is_again: Annotated[
        bool, Part(r"(?:-again)?", bool, lambda again: "-again" if again else "")
    ] = False

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the step in place of the one before."""
        await send_setup(services, interaction, answer, step=self.step)


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
    t, settings = answer.t, found.settings
    items: Sequence[Component]
    if step == CHECK:
        text = await _check(interaction, settings, t)
        items = (
            SetupStep(REST, label=t("button-back")),
            SetupStep(CHECK, is_again=True, label=t("button-check-again")),
        )
    elif step == REST:
        text = within((t("setup-rest"), *_chosen(_MENUS[REST], settings, t)))
        items = (
            *_menus(REST, services, settings, t),
            SetupStep(REVIEW, label=t("button-back")),
            SetupStep(CHECK, label=t("button-next")),
        )
    else:
        text = within(
            (t("setup-review"), *_chosen(_MENUS[REVIEW], settings, t), *_warning(settings, t))
        )
        items = (*_menus(REVIEW, services, settings, t), SetupStep(REST, label=t("button-next")))
    title = t("setup-title", step=step, steps=STEPS)
    embed = discord.Embed(title=title, description=text)
    await answer.send(problem or None, embed=embed, view=view_of(*items))


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


def _menus(
    step: int, services: Services, settings: ServerSettings, t: Localised
) -> Iterator[SetupChoice]:
    options = {
        "review": lambda: _modes(settings, t),
        "server_daily": lambda: _ceilings(settings, t),
        "language": lambda: _languages(services, settings, t),
    }
    for name in _MENUS[step]:
        label = t(f"setup-menu-{name.replace('_', '-')}")
        if name in options:
            yield SetupChoice(name, options=options[name](), label=label)
        else:
            yield SetupChoice(name, chosen_id=int(getattr(settings, name)), label=label)


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
