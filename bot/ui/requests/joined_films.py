"""Joining a video with what it continues, and taking the film down again."""

from typing import Any, Final

import discord
from discord import ui

from bot.services.requests.joined_films import JoinOutcome
from bot.ui.components import ID, OfRequest, view_of
from bot.ui.interactions import caller_of
from bot.ui.markdown import code
from bot.ui.moderation.report_buttons import ReportVideo
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

Interaction = discord.Interaction[Any]


class JoinFilm(OfRequest, template=rf"vb:join:{ID}"):
    """Makes one film of a video and those that it continues."""

    what = "join"
    emoji = "🎞️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Owe the film, and say where it will be, or is."""
        joining = await services.films.join(caller_of(interaction), self._of_id)
        await answer.send(joining_text(joining, answer.t))


class DeleteFilm(OfRequest, template=rf"vb:film-delete:{ID}"):
    """Asks once whether a film should be taken down."""

    what = "film-delete"
    emoji = "🗑️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask, for who may."""
        film = await services.films.deletable(caller_of(interaction), self._of_id)
        sure = ConfirmDeleteFilm(film.request_id, answer.t("button-confirm"))
        await answer.send(answer.t("film-delete-sure"), view=view_of(sure))


class ConfirmDeleteFilm(OfRequest, template=rf"vb:film-delete-sure:{ID}"):
    """Takes a film down."""

    is_update = True

    what = "film-delete-sure"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Do it, and say so in place of the question."""
        await services.films.delete(caller_of(interaction), self._of_id)
        await answer.send(answer.t("film-delete-done"))


FILM_BUTTONS: Final = (JoinFilm, DeleteFilm, ConfirmDeleteFilm)
"""Every class that must be registered at start."""


def film_view(request_id: str, t: Localised) -> ui.View:
    """The buttons under a film; a report is about its last part."""
    return view_of(
        ReportVideo(request_id, t("button-report")), DeleteFilm(request_id, t("button-delete"))
    )


def joining_text(joining: JoinOutcome, t: Localised) -> str:
    """The answer to who asked for a film."""
    if joining.message_url:
        return t("film-there", url=joining.message_url)
    key = "film-taken" if joining.is_new else "film-coming"
    return t(key, id=code(joining.request_id), parts=joining.parts)
