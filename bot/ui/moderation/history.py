"""`/videomod history`, page by page or as a file."""

import io
from typing import Annotated

import discord

from bot.services.moderation.audit_log import LogFilter
from bot.ui.components import Interaction, NextPage, view_of
from bot.ui.custom_ids import Part, digits
from bot.ui.interactions import caller_of
from bot.ui.moderation import moderator_pages
from bot.ui.responses import Answer
from bot.ui.services import Services

FILE_NAME = "decisions.csv"


class NextHistory(NextPage, custom_id="vb:history:{user_id}:{request_id}:{before}"):
    """Shows older decisions of `/videomod history`; 0 and empty: of anybody, of any request."""

    user_id: Annotated[int, digits(20)]
    request_id: Annotated[str, Part(r"[a-z0-9]{0,20}")]
    before: Annotated[int, digits(19)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page."""
        wanted = LogFilter(self.user_id, self.request_id)
        await send_history(services, interaction, answer, wanted, before=self.before)


class NextDecisions(
    NextPage, custom_id="vb:log:{user_id}:{request_id}:{action}:{moderator_id}:{before}"
):
    """The same where a decision or a moderator was asked for; 0 and empty: of any."""

    user_id: Annotated[int, digits(20)]
    request_id: Annotated[str, Part(r"[a-z0-9]{0,20}")]
    action: Annotated[str, Part(r"[a-z-]{0,16}")]
    moderator_id: Annotated[int, digits(20)]
    before: Annotated[int, digits(13)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page."""
        wanted = LogFilter(self.user_id, self.request_id, self.action, self.moderator_id)
        await send_history(services, interaction, answer, wanted, before=self.before)


async def send_history(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    wanted: LogFilter,
    *,
    before: int = 0,
) -> None:
    """Answer with a page of what was decided."""
    page = await services.history.page(caller_of(interaction), wanted, before=before)
    view = None
    if page.next_before:
        following = NextDecisions(
            wanted.user_id,
            wanted.request_id,
            wanted.action,
            wanted.moderator_id,
            page.next_before,
            label=answer.t("button-next"),
        )
        view = view_of(following)
    await answer.send(embed=moderator_pages.history_page(page, answer.t), view=view)


async def send_history_file(
    services: Services, interaction: Interaction, answer: Answer, wanted: LogFilter
) -> None:
    """Answer with everything that was decided, as a file for spreadsheets."""
    made = await services.history.export(caller_of(interaction), wanted)
    if not made.rows:
        await answer.send(answer.t("history-empty"))
        return
    said = answer.t("history-file", count=made.rows, is_cut="yes" if made.is_cut else "no")
    await answer.send(said, files=[discord.File(io.BytesIO(made.csv), FILE_NAME)])
