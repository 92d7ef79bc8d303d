"""Joining a video with those it continues into one film, and taking the film down again."""

import discord
from discord import ui

from bot.services.requests.joined_films import JoinOutcome
from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.interactions import caller_of
from bot.ui.markdown import code
from bot.ui.moderation.report_buttons import ReportVideo
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised


class JoinFilm(RequestComponent, custom_id="vb:join:{request_id}"):
    """Makes one film of a video and those that it continues."""

    emoji = "🎞️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Enqueue the film, and say where it will be, or is."""
        joining = await services.films.join(caller_of(interaction), self.request_id)
        await answer.send(joining_text(joining, answer.t))


class DeleteFilm(RequestComponent, custom_id="vb:film-delete:{request_id}"):
    """Asks once whether a film should be taken down."""

    emoji = "🗑️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask for confirmation, for who may delete the film."""
        film = await services.films.deletable(caller_of(interaction), self.request_id)
        sure = ConfirmDeleteFilm(film.request_id, label=answer.t("button-confirm"))
        await answer.send(answer.t("film-delete-sure"), view=view_of(sure))


class ConfirmDeleteFilm(RequestComponent, custom_id="vb:film-delete-sure:{request_id}"):
    """Takes a film down."""

    is_update = True
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Take it down, and say so in place of the question."""
        await services.films.delete(caller_of(interaction), self.request_id)
        await answer.send(answer.t("film-delete-done"))


def film_view(request_id: str, t: Localised) -> ui.View:
    """The buttons under a film; a report is about its last part."""
    return view_of(
        ReportVideo(request_id, label=t("button-report")),
        DeleteFilm(request_id, label=t("button-delete")),
    )


def joining_text(joining: JoinOutcome, t: Localised) -> str:
    """The answer to a request for a film."""
    if joining.message_url:
        return t("film-there", url=joining.message_url)
    key = "film-taken" if joining.is_new else "film-coming"
    return t(key, id=code(joining.request_id), parts=joining.parts)
