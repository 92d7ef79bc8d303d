"""The card of a series: every shot with its state, and what its member may do next. Pure."""

import discord

from bot.rules.catalogue import Catalogue
from bot.services.caller import Progress
from bot.services.series.views import SeriesView
from bot.ui import messages
from bot.ui.requests.list import cancel_view
from bot.ui.texts import Localised
from storage.records import Request


def series_card(
    request: Request,
    view: SeriesView,
    progress: Progress,
    catalogue: Catalogue,
    t: Localised,
    *,
    is_plain: bool = False,
) -> tuple[str, discord.ui.View | None]:
    """The card's text and its buttons in the series' present state.

    `progress` is that of the shot that is being made. `is_plain`: without the prompts.
    """
    text = messages.card(request, progress, catalogue, t, is_plain=is_plain)
    return text, cancel_view(request.id, t) if view.can_cancel else None
