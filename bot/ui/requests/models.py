"""Sends `/video models`: pages to read, with a menu to begin a video with one of them."""

import re
from collections.abc import Sequence
from typing import Any, Final, Self

import discord
from discord import ui

from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.ui.components import RequestButton, next_button
from bot.ui.interactions import caller_of
from bot.ui.quotas import left_lines
from bot.ui.requests import model_descriptions
from bot.ui.requests.form_open import FormButton, new_form
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

Interaction = discord.Interaction[Any]


class TurnModels(RequestButton, template=r"vb:models:(?P<page>[0-9]{1,4})"):
    """Turns the page of `/video models`, onwards or back."""

    is_update = True

    def __init__(self, page: int, label: str = "Next", *, is_back: bool = False) -> None:
        button = next_button(f"vb:models:{page}", label)
        button.emoji = "◀️" if is_back else button.emoji
        super().__init__(button)
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["page"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        await send_models(services, caller_of(interaction), answer, page=self._page)


class ModelMenu(FormButton, template=r"vb:models:use"):
    """Opens the form of a new video with the chosen model."""

    def __init__(self, options: Sequence[discord.SelectOption] = (), placeholder: str = "") -> None:
        super().__init__(
            ui.Select(
                custom_id="vb:models:use",
                # Discord wants one at least; made anew from its custom_id it is not shown
                options=list(options) or [discord.SelectOption(label="-")],
                placeholder=placeholder or None,
            )
        )

    @classmethod
    async def from_custom_id(cls, _: Interaction, __: ui.Item[Any], ___: re.Match[str], /) -> Self:
        """Make the menu anew from its custom_id."""
        return cls()

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form; whether the model is allowed is decided when it is sent, as always."""
        payload: Any = interaction.data
        values = [str(value) for value in (payload or {}).get("values", ())]
        video_request = VideoRequest(prompt="", model=values[0] if values else "")
        return await new_form(services, interaction, (video_request, ()))


MODELS_BUTTONS: Final = (TurnModels, ModelMenu)


async def send_models(services: Services, caller: Caller, answer: Answer, *, page: int = 0) -> None:
    """Answer with a page of the models that a server may use, and what is left to the caller."""
    allowed = await services.models.allowed(caller.guild_id)
    default = await services.models.default_model(caller.guild_id)
    left = left_lines(await services.quotas.left(caller), services.currency, answer.t)
    pages = model_descriptions.page_count(allowed)
    page = min(page, pages - 1)
    head = model_descriptions.head(allowed, page, left, answer.t)
    shown = model_descriptions.page_of(allowed, page, default, services.currency, answer.t)
    await answer.send(view=models_view(head, shown, page, pages, answer.t))


def models_view(
    head: str, shown: Sequence[model_descriptions.Shown], page: int, pages: int, t: Localised
) -> ui.LayoutView:
    """A page as Discord lays it out: at most 22 components, and within 4000 characters."""
    box: ui.Container[Any] = ui.Container(ui.TextDisplay(head))
    if shown:
        box.add_item(ui.Separator())
    for _, text in shown:
        box.add_item(ui.TextDisplay(text))
    options = [model_descriptions.option(spec, t) for spec, _ in shown]
    if options:
        box.add_item(ui.ActionRow(ModelMenu(options, t("models-use"))))
    if pages > 1:
        box.add_item(ui.TextDisplay(f"-# {t('models-page', page=page + 1, pages=pages)}"))
        box.add_item(ui.ActionRow(*_turns(page, pages, t)))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def _turns(page: int, pages: int, t: Localised) -> list[TurnModels]:
    turns = []
    if page > 0:
        turns.append(TurnModels(page - 1, t("button-back"), is_back=True))
    if page + 1 < pages:
        turns.append(TurnModels(page + 1, t("button-next")))
    return turns
