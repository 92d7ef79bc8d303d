"""The buttons under a posted video: Again, Edit, Continue and what is behind More."""

from discord import ui

from bot.services.moderation.reports import VideoPermissions
from bot.services.permissions import is_manager
from bot.services.requests.followups import Source, repeat
from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.interactions import caller_of
from bot.ui.moderation.report_buttons import DeleteVideo, ReportVideo
from bot.ui.requests import followup_pages
from bot.ui.requests.create import create_request
from bot.ui.requests.form_open import continue_form, edit_form, look_in_time
from bot.ui.requests.joined_films import JoinFilm
from bot.ui.responses import Answer
from bot.ui.series.create import edit_series_form, repeat_series
from bot.ui.services import Services
from bot.ui.showcase.buttons import TakeOut, VoteButton
from bot.ui.templates.write import MakeTemplate
from bot.ui.texts import Localised
from storage.records import State


class _VideoButton(RequestComponent):
    """A button about a posted video."""

    async def _look(self, interaction: Interaction, services: Services) -> Source:
        return await services.followups.look(caller_of(interaction), self.request_id)


class Again(_VideoButton, custom_id="vb:again:{request_id}"):
    """Repeats the request; where its files are gone, the form asks for new ones."""

    emoji = "🔁"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal | None:
        """The form, where files are gone. It can't be opened once the answer was deferred."""
        source = await look_in_time(services, interaction, self.request_id)
        if source is None or not source.may_remix or source.is_whole:
            return None
        if source.request.shots:
            return await edit_series_form(services, interaction, source)
        return await edit_form(services, interaction, self.request_id)

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Repeat the request by today's rules, on the quota of whoever pressed."""
        source = await self._look(interaction, services)
        if source.request.shots:
            await repeat_series(services, answer, caller_of(interaction), source)
            return
        video_request, origin = repeat(source)
        await create_request(services, answer, caller_of(interaction), (video_request, ()), origin)


class Edit(_VideoButton, custom_id="vb:edit:{request_id}"):
    """Opens the form, prefilled with the request."""

    emoji = "✏️"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form; of a series its own, with all shots."""
        source = await look_in_time(services, interaction, self.request_id)
        if source is not None and source.request.shots:
            return await edit_series_form(services, interaction, source)
        return await edit_form(services, interaction, self.request_id)


class Continue(_VideoButton, custom_id="vb:continue:{request_id}"):
    """Opens the form of a video that begins where this one ends."""

    emoji = "⏩"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form."""
        return await continue_form(services, interaction, self.request_id)


class More(_VideoButton, custom_id="vb:more:{request_id}"):
    """Shows the other buttons, in private."""

    emoji = "⋯"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the buttons."""
        source = await self._look(interaction, services)
        text = followup_pages.more_text(source, answer.t)
        caller = caller_of(interaction)
        can_join = await services.films.can_join(caller, source)
        may = await services.reports.may(caller, source.request)
        is_single = not source.request.shots
        can_template = is_single and is_manager(caller) and source.request.state is State.POSTED
        view = more_view(
            source.request.id,
            answer.t,
            may,
            can_join=can_join,
            can_template=can_template,
            can_take_out=await services.showcase.may_take_out(caller, source.request),
        )
        await answer.send(text, view=view)


class Info(_VideoButton, custom_id="vb:info:{request_id}"):
    """Shows the settings a video was made with."""

    emoji = "ℹ️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the settings, and whose it is."""
        source = await self._look(interaction, services)
        page = followup_pages.info_page(source, services.catalogue, services.currency, answer.t)
        await answer.send(embed=page)


class CopyPrompt(_VideoButton, custom_id="vb:prompt:{request_id}"):
    """Sends the prompt word for word, to copy."""

    emoji = "📋"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Send the whole prompt, as a file where no message takes it."""
        source = await self._look(interaction, services)
        text, files = followup_pages.prompt_text(source, answer.t)
        await answer.send(text, files=files)


def followup_view(request_id: str, t: Localised, votes: int | None = None) -> ui.View:
    """The buttons under a posted video; one that takes votes shows how many it has."""
    counter = () if votes is None else (VoteButton(request_id, label=str(votes)),)
    return view_of(
        Again(request_id, label=t("button-again")),
        Edit(request_id, label=t("button-edit")),
        Continue(request_id, label=t("button-continue")),
        More(request_id, label=t("button-more")),
        *counter,
    )


def retry_view(request_id: str, t: Localised, *, as_it_was: bool) -> ui.View:
    """The buttons under a failure notice; `as_it_was`: the very same request may work now."""
    edit = Edit(request_id, label=t("button-edit"))
    if not as_it_was:
        return view_of(edit)
    return view_of(Again(request_id, label=t("button-again")), edit)


def more_view(
    request_id: str,
    t: Localised,
    may: VideoPermissions,
    *,
    can_join: bool = False,
    can_template: bool = False,
    can_take_out: bool = False,
) -> ui.View:
    """The buttons behind More: only those that would not refuse the member who pressed it.

    `can_join`: the video continues others that are still there. `can_template`: a manager pressed.
    `can_take_out`: a moderator did, and the video is in the showcase.
    """
    return view_of(
        *([JoinFilm(request_id, label=t("button-join"))] if can_join else []),
        Info(request_id, label=t("button-info")),
        CopyPrompt(request_id, label=t("button-copy-prompt")),
        *([MakeTemplate(request_id, label=t("button-make-template"))] if can_template else []),
        *([TakeOut(request_id, label=t("button-take-out"))] if can_take_out else []),
        *([ReportVideo(request_id, label=t("button-report"))] if may.report else []),
        *([DeleteVideo(request_id, label=t("button-delete"))] if may.delete else []),
    )
