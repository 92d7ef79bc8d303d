"""`/video models`: pages to read, with a menu to begin a video with one of them."""

from collections.abc import Sequence
from typing import Annotated, Any

from discord import ui

from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.ui.components import Interaction, Menu, NextPage, chosen_values
from bot.ui.custom_ids import digits
from bot.ui.interactions import caller_of
from bot.ui.quotas import left_lines
from bot.ui.requests import model_descriptions
from bot.ui.requests.form_open import new_form
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised


class TurnModels(NextPage, custom_id="vb:models:{page}"):
    """Shows another page of `/video models`."""

    page: Annotated[int, digits(4)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page."""
        await send_models(services, caller_of(interaction), answer, page=self.page)


class _PreviousModels(TurnModels):
    emoji = "◀️"


class ModelMenu(Menu, custom_id="vb:models:use"):
    """Opens the form of a new video with the chosen model."""

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form; whether the model is allowed is checked on submission, as always."""
        model = next(iter(chosen_values(interaction)), "")
        video_request = VideoRequest(prompt="", model=model)
        return await new_form(services, interaction, (video_request, ()))


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
        box.add_item(ui.ActionRow(ModelMenu(options=options, label=t("models-use"))))
    if pages > 1:
        box.add_item(ui.TextDisplay(f"-# {t('models-page', page=page + 1, pages=pages)}"))
        box.add_item(ui.ActionRow(*_turns(page, pages, t)))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    return view


def _turns(page: int, pages: int, t: Localised) -> list[TurnModels]:
    turns: list[TurnModels] = []
    if page > 0:
        turns.append(_PreviousModels(page - 1, label=t("button-back")))
    if page + 1 < pages:
        turns.append(TurnModels(page + 1, label=t("button-next")))
    return turns
