"""Base classes of the buttons and menus under messages, rebuilt from their custom_id."""

import re
from collections.abc import Sequence
from dataclasses import field
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.ui.custom_ids import FromCustomId, RequestId
from bot.ui.responses import Answer, answering, failures_answered, send_form
from bot.ui.services import Services

Interaction = discord.Interaction[Any]


class Component(FromCustomId, ui.DynamicItem[ui.Item[Any]], template=r"vb:none"):
    """A button or menu without state: what a press does follows from its custom_id alone.

    `is_update`: the press changes the message of the component instead of sending a new answer.
    `label` is shown when the component is posted; `posted` is the one that was pressed.
    """

    is_update: ClassVar[bool] = False
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary
    emoji: ClassVar[str | None] = None

    label: str = field(default="", kw_only=True)
    posted: ui.Item[Any] | None = field(default=None, kw_only=True)

    def __init_subclass__(cls, *, custom_id: str = "") -> None:
        # discord.py's template is a required argument; ours is known once the parts are
        super().__init_subclass__(custom_id=custom_id, template="")
        cls.__discord_ui_compiled_template__ = cls.custom_id_template.regex

    def __post_init__(self) -> None:
        super().__init__(self.posted or self.build())

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the pressed component."""
        return cls.from_match(match, posted=item)

    def build(self) -> ui.Item[Any]:
        """The component to post."""
        return self.button(self.style, self.emoji)

    def button(self, style: discord.ButtonStyle, emoji: str | None = None) -> ui.Button[Any]:
        """A button with this label and custom_id."""
        return ui.Button(label=self.label, style=style, emoji=emoji, custom_id=self.to_custom_id())

    async def callback(self, interaction: Interaction) -> None:
        """Open the form or run `pressed`; every exception is answered, as discord.py only logs."""
        async with failures_answered(interaction) as services:
            form = await self.form(interaction, services)
            if form is not None:
                await send_form(interaction, form)
                return
            async with answering(interaction, is_update=self.is_update) as answer:
                await self.pressed(interaction, services, answer)

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal | None:  # noqa: ARG002
        """The form that a press opens, within 3 seconds as it can't be deferred; None: no form."""
        return None

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Do what a press asks for, and answer."""
        raise NotImplementedError


class RequestComponent(Component):
    """A component about one request."""

    request_id: RequestId


class NextPage(Component):
    """A button that shows the next page in place of this one."""

    is_update = True
    emoji = "▶️"


class Menu(Component):
    """A menu of `options`, at most 25; `at_most` of them can be chosen together."""

    options: Sequence[discord.SelectOption] = field(default=(), kw_only=True)
    at_most: int = field(default=1, kw_only=True)

    def build(self) -> ui.Item[Any]:
        """The menu to post; its label is the placeholder."""
        return ui.Select(
            custom_id=self.to_custom_id(),
            options=list(self.options),
            max_values=self.at_most,
            placeholder=self.label or None,
        )


def chosen_values(interaction: Interaction) -> tuple[str, ...]:
    """What was chosen in a menu."""
    payload: Any = interaction.data
    return tuple(str(value) for value in (payload or {}).get("values", ()))


def view_of(*items: Component) -> ui.View:
    """A view for one message; discord.py keeps nothing of it, as all items are dynamic."""
    view = ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view
