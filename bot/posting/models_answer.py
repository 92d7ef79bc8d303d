"""Sends `/video models`: a page to read and to start from, with a button beside each model."""

import re
from collections.abc import Sequence
from typing import Any, Final, Self

import discord
from discord import ui

from bot.desk.views import Caller
from bot.posting import models_page
from bot.posting.answers import Answer
from bot.posting.buttons import RequestButton, next_button
from bot.posting.form_opening import FormButton, new_form
from bot.posting.quota_pages import left_lines
from bot.posting.reading import caller_of
from bot.posting.services import Services
from bot.posting.texts import Localised
from bot.rules.catalogue import ModelSpec
from bot.rules.request import VideoRequest

Interaction = discord.Interaction[Any]

LONGEST_NAME: Final = 90
"""A longer model's name does not go into a custom_id; such a model has no button."""


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


class StartWith(FormButton, template=rf"vb:start:(?P<model>[A-Za-z0-9._-]{{1,{LONGEST_NAME}}})"):
    """Opens the form of a new video with a model chosen."""

    def __init__(self, model: str, label: str = "Use") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                custom_id=f"vb:start:{model}",
            )
        )
        self._model = model

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["model"])

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form; whether the model is allowed is decided when it is sent, as always."""
        wish = VideoRequest(prompt="", model=self._model)
        return await new_form(services, interaction, (wish, ()))


MODELS_BUTTONS: Final = (TurnModels, StartWith)


async def send_models(services: Services, caller: Caller, answer: Answer, *, page: int = 0) -> None:
    """Answer with a page of the models that a server may use, and what is left to the caller."""
    allowed = await services.models.allowed(caller.guild_id)
    default = await services.models.default_model(caller.guild_id)
    left = left_lines(await services.quotas.left(caller), services.currency, answer.t)
    page = min(page, models_page.page_count(allowed) - 1)
    head = models_page.head(allowed, left, answer.t)
    texts = [
        (spec, models_page.described(spec, default, services.currency, answer.t))
        for spec in models_page.page_of(allowed, page)
    ]
    pages = models_page.page_count(allowed)
    await answer.send(view=models_view(head, texts, page, pages, answer.t))


def models_view(
    head: str, texts: Sequence[tuple[ModelSpec, str]], page: int, pages: int, t: Localised
) -> ui.LayoutView:
    """A page as Discord lays it out: at most 29 components, and within 4000 characters."""
    box: ui.Container[Any] = ui.Container(ui.TextDisplay(head))
    for spec, text in texts:
        box.add_item(ui.Separator())
        if len(spec.name) <= LONGEST_NAME:
            start = StartWith(spec.name, t("button-start-with"))
            box.add_item(ui.Section(ui.TextDisplay(text), accessory=start))
        else:
            box.add_item(ui.TextDisplay(text))
    if pages > 1:
        box.add_item(ui.Separator())
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
