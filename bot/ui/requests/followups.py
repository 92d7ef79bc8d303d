"""The buttons under a posted video: once more, changed, continued, and what else there is."""

from typing import Any, Final

import discord
from discord import ui

from bot.services.moderation.reports import VideoPermissions
from bot.services.requests.followups import Source, repeat
from bot.ui.components import ID, OfRequest, view_of
from bot.ui.interactions import caller_of
from bot.ui.moderation.report_buttons import DeleteVideo, ReportVideo
from bot.ui.requests import followup_pages
from bot.ui.requests.create import ask
from bot.ui.requests.form_open import FormButton, continue_form, edit_form, look_in_time, opening
from bot.ui.requests.joined_films import JoinFilm
from bot.ui.responses import Answer
from bot.ui.services import Services, services_of
from bot.ui.texts import Localised

AnyInteraction = discord.Interaction[Any]


class _OfVideo(OfRequest, template=r"vb:none-video"):
    """A button that begins with a look at a posted video."""

    async def _look(self, interaction: AnyInteraction, services: Services) -> Source:
        return await services.followups.look(caller_of(interaction), self._of_id)


class Again(_OfVideo, template=rf"vb:again:{ID}"):
    """The same request once more; where its files are gone, the form asks for new ones."""

    what = "again"
    emoji = "🔁"

    async def callback(self, interaction: AnyInteraction) -> None:
        """A form can't be opened any more once the answer was deferred: so look first."""
        services = services_of(interaction)
        source = await look_in_time(services, interaction, self._of_id)
        if source is not None and source.may_remix and not source.is_whole:
            form = edit_form(services, interaction, self._of_id)
            await opening(services, interaction, form)
            return
        await super().callback(interaction)

    async def pressed(
        self, interaction: AnyInteraction, services: Services, answer: Answer
    ) -> None:
        """Ask for it, by today's rules and on the presser's account."""
        video_request, origin = repeat(await self._look(interaction, services))
        await ask(services, answer, caller_of(interaction), (video_request, ()), origin)


class Edit(_OfVideo, FormButton, template=rf"vb:edit:{ID}"):
    """The form, filled with the request."""

    what = "edit"
    emoji = "✏️"

    async def form(self, interaction: AnyInteraction, services: Services) -> ui.Modal:
        """The form."""
        return await edit_form(services, interaction, self._of_id)


class Continue(_OfVideo, FormButton, template=rf"vb:continue:{ID}"):
    """The form of a video that begins where this one ends."""

    what = "continue"
    emoji = "⏩"

    async def form(self, interaction: AnyInteraction, services: Services) -> ui.Modal:
        """The form."""
        return await continue_form(services, interaction, self._of_id)


class More(_OfVideo, template=rf"vb:more:{ID}"):
    """What else can be done with a video, in private."""

    what = "more"
    emoji = "⋯"

    async def pressed(
        self, interaction: AnyInteraction, services: Services, answer: Answer
    ) -> None:
        """Show the rest of the buttons."""
        source = await self._look(interaction, services)
        text = followup_pages.more_text(source, answer.t)
        caller = caller_of(interaction)
        can_join = await services.films.can_join(caller, source)
        may = await services.reports.may(caller, source.request)
        view = more_view(source.request.id, answer.t, may, can_join=can_join)
        await answer.send(text, view=view)


class Info(_OfVideo, template=rf"vb:info:{ID}"):
    """With what a video was made."""

    what = "info"
    emoji = "ℹ️"

    async def pressed(
        self, interaction: AnyInteraction, services: Services, answer: Answer
    ) -> None:
        """Show the settings, and whose it is."""
        source = await self._look(interaction, services)
        page = followup_pages.info_page(source, services.catalogue, services.currency, answer.t)
        await answer.send(embed=page)


class CopyPrompt(_OfVideo, template=rf"vb:prompt:{ID}"):
    """The prompt word for word, to copy."""

    what = "prompt"
    emoji = "📋"

    async def pressed(
        self, interaction: AnyInteraction, services: Services, answer: Answer
    ) -> None:
        """Send the whole prompt, as a file where no message takes it."""
        source = await self._look(interaction, services)
        text, files = followup_pages.prompt_text(source, answer.t)
        await answer.send(text, files=files)


FOLLOWUP_BUTTONS: Final = (Again, Edit, Continue, More, Info, CopyPrompt)


def followup_view(request_id: str, t: Localised) -> ui.View:
    """The buttons under a posted video."""
    return view_of(
        Again(request_id, t("button-again")),
        Edit(request_id, t("button-edit")),
        Continue(request_id, t("button-continue")),
        More(request_id, t("button-more")),
    )


def retry_view(request_id: str, t: Localised, *, as_it_was: bool) -> ui.View:
    """The buttons under the news of a failure; `as_it_was`: the very same may work now."""
    edit = Edit(request_id, t("button-edit"))
    if not as_it_was:
        return view_of(edit)
    return view_of(Again(request_id, t("button-again")), edit)


def more_view(
    request_id: str, t: Localised, may: VideoPermissions, *, can_join: bool = False
) -> ui.View:
    """The buttons behind More, which one member sees: those that would not refuse them.

    `can_join`: the video continues others that are still there.
    """
    return view_of(
        *([JoinFilm(request_id, t("button-join"))] if can_join else []),
        Info(request_id, t("button-info")),
        CopyPrompt(request_id, t("button-copy-prompt")),
        *([ReportVideo(request_id, t("button-report"))] if may.report else []),
        *([DeleteVideo(request_id, t("button-delete"))] if may.delete else []),
    )
