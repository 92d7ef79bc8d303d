"""`/video list` and the Cancel button of progress cards."""

from typing import Annotated

from discord import ui

from bot.errors import NotAllowed, UnknownVideo
from bot.ui.components import Interaction, NextPage, RequestComponent, view_of
from bot.ui.custom_ids import digits
from bot.ui.interactions import caller_of
from bot.ui.requests import pages
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised


class Cancel(RequestComponent, custom_id="vb:cancel:{request_id}"):
    """Cancels a request from its card; for its member and for moderators."""

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Cancel, and say whether anything comes back."""
        try:
            cancelled = await services.requests.cancel(caller_of(interaction), self.request_id)
        except UnknownVideo as error:
            raise NotAllowed("refused-not-yours") from error
        await answer.send(pages.cancelled(*cancelled, answer.t))


class NextList(NextPage, custom_id="vb:list:{before_ms}"):
    """Shows older requests of `/video list`."""

    before_ms: Annotated[int, digits(16)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the next page."""
        await send_list(services, interaction, answer, before_ms=self.before_ms)


def cancel_view(request_id: str, t: Localised) -> ui.View:
    """The buttons of a card that can still be cancelled."""
    return view_of(Cancel(request_id, label=t("button-cancel")))


async def send_list(
    services: Services, interaction: Interaction, answer: Answer, *, before_ms: int = 0
) -> None:
    """Answer with a page of the caller's own requests."""
    found = await services.requests.page(caller_of(interaction), before_ms=before_ms)
    shown = pages.list_page(found, answer.t)
    view = None
    if found.next_before_ms:
        view = view_of(NextList(found.next_before_ms, label=answer.t("button-next")))
    await answer.send(embed=shown, view=view)
