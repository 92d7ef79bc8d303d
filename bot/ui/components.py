"""The buttons under messages: they work from their custom_id and the database alone."""

import re
from typing import Any, ClassVar, Final, Self

import discord
from discord import ui

from bot.errors import NotAllowed, UnknownVideo
from bot.ui.interactions import caller_of
from bot.ui.requests import pages
from bot.ui.responses import Answer, answer_failure, answering
from bot.ui.services import Services, services_of
from bot.ui.texts import Localised

ID: Final = r"(?P<id>[a-z0-9]{6,20})"


class RequestButton(ui.DynamicItem[ui.Item[Any]], template=r"vb:none"):
    """A button whose every exception is caught and answered: discord.py has no handler for them.

    `is_update` changes the message the button belongs to instead of answering with a new one.
    """

    is_update = False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the press, in time and whatever happens."""
        services = services_of(interaction)
        texts, currency = services.texts, services.currency
        try:
            async with answering(
                interaction, texts, currency=currency, is_update=self.is_update
            ) as answer:
                await self.pressed(interaction, services, answer)
        except Exception as error:  # noqa: BLE001 - the last one who can answer
            await answer_failure(interaction, texts, error, currency=currency)

    async def pressed(
        self, interaction: discord.Interaction[Any], services: Services, answer: Answer
    ) -> None:
        """What the button does."""
        raise NotImplementedError


class OfRequest(RequestButton, template=r"vb:none-of"):
    """A button whose custom_id is `vb:<what>:<id>`, the id of a request or of a saved form."""

    what: ClassVar[str]
    emoji: ClassVar[str | None] = None
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, of_id: str, label: str = "") -> None:
        super().__init__(
            ui.Button(
                label=label or self.what,
                style=self.style,
                custom_id=f"vb:{self.what}:{of_id}",
                emoji=self.emoji,
            )
        )
        self._of_id = of_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["id"])


class Cancel(OfRequest, template=rf"vb:cancel:{ID}"):
    """Stops a request from its card; for its member and for moderators."""

    what = "cancel"

    async def pressed(
        self, interaction: discord.Interaction[Any], services: Services, answer: Answer
    ) -> None:
        """Cancel, and say whether anything comes back."""
        try:
            cancelled = await services.requests.cancel(caller_of(interaction), self._of_id)
        except UnknownVideo as error:
            raise NotAllowed("refused-not-yours") from error
        await answer.send(pages.cancelled(*cancelled, answer.t))


class NextList(RequestButton, template=r"vb:list:(?P<before>[0-9]{1,16})"):
    """Turns the page of `/video list`, towards older requests."""

    is_update = True

    def __init__(self, before_ms: int, label: str = "Next") -> None:
        super().__init__(next_button(f"vb:list:{before_ms}", label))
        self._before_ms = before_ms

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["before"]))

    async def pressed(
        self, interaction: discord.Interaction[Any], services: Services, answer: Answer
    ) -> None:
        """Show the page in place of the one before."""
        await send_list(services, interaction, answer, before_ms=self._before_ms)


BUTTONS: Final = (Cancel, NextList)
"""Every class that must be registered at start."""


def next_button(custom_id: str, label: str) -> ui.Button[Any]:
    """A button that turns a page onwards."""
    return ui.Button(
        label=label, style=discord.ButtonStyle.secondary, custom_id=custom_id, emoji="▶️"
    )


def view_of(*items: RequestButton) -> ui.View:
    """A view of dynamic items only, made anew for each message: nothing of it is remembered."""
    view = ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def cancel_view(request_id: str, t: Localised) -> ui.View:
    """The buttons of a card that can still be cancelled."""
    return view_of(Cancel(request_id, t("button-cancel")))


async def send_list(
    services: Services, interaction: discord.Interaction[Any], answer: Answer, *, before_ms: int = 0
) -> None:
    """Answer with a page of the caller's own requests."""
    found = await services.requests.page(caller_of(interaction), before_ms=before_ms)
    shown = pages.list_page(found, answer.t)
    view = None
    if found.next_before_ms:
        view = view_of(NextList(found.next_before_ms, answer.t("button-next")))
    await answer.send(embed=shown, view=view)
