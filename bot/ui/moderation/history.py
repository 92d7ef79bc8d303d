"""`/videomod queue` and `/videomod history`, page by page."""

from typing import Annotated

from bot.ui.components import Interaction, NextPage, view_of
from bot.ui.custom_ids import Part, digits
from bot.ui.interactions import caller_of
from bot.ui.moderation import moderator_pages
from bot.ui.responses import Answer
from bot.ui.services import Services


class NextQueue(NextPage, custom_id="vb:queue:{skip}"):
    """Shows the next page of `/videomod queue`."""

    skip: Annotated[int, digits(6)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page."""
        await send_queue(services, interaction, answer, skip=self.skip)


class NextHistory(NextPage, custom_id="vb:history:{user_id}:{request_id}:{before}"):
    """Shows older decisions of `/videomod history`; 0 and empty: of anybody, of any request."""

    user_id: Annotated[int, digits(20)]
    request_id: Annotated[str, Part(r"[a-z0-9]{0,20}")]
    before: Annotated[int, digits(19)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page."""
        await send_history(
            services,
            interaction,
            answer,
            user_id=self.user_id,
            request_id=self.request_id,
            before=self.before,
        )


async def send_queue(
    services: Services, interaction: Interaction, answer: Answer, *, skip: int = 0
) -> None:
    """Answer with a page of what waits."""
    page = await services.reviews.queue(caller_of(interaction), skip=skip)
    view = None
    if page.next_skip:
        view = view_of(NextQueue(page.next_skip, label=answer.t("button-next")))
    await answer.send(embed=moderator_pages.queue_page(page, answer.t), view=view)


async def send_history(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    *,
    user_id: int = 0,
    request_id: str = "",
    before: int = 0,
) -> None:
    """Answer with a page of what was decided."""
    page = await services.history.page(
        caller_of(interaction), user_id=user_id, request_id=request_id, before=before
    )
    view = None
    if page.next_before:
        view = view_of(
            NextHistory(
                page.user_id, page.request_id, page.next_before, label=answer.t("button-next")
            )
        )
    await answer.send(embed=moderator_pages.history_page(page, answer.t), view=view)
