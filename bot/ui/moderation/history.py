"""Pages of what waits for moderators and of what was decided, turned by a button."""

import re
from typing import Any, Final, Self

import discord
from discord import ui

from bot.ui.components import RequestButton, view_of
from bot.ui.interactions import caller_of
from bot.ui.moderation import review_cards
from bot.ui.responses import Answer
from bot.ui.services import Services

Interaction = discord.Interaction[Any]


class NextQueue(RequestButton, template=r"vb:queue:(?P<skip>[0-9]{1,6})"):
    """Turns the page of `/videomod queue`."""

    is_update = True

    def __init__(self, skip: int, label: str = "Next") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                emoji="▶️",
                custom_id=f"vb:queue:{skip}",
            )
        )
        self._skip = skip

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["skip"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        await send_queue(services, interaction, answer, skip=self._skip)


class NextHistory(
    RequestButton,
    template=r"vb:history:(?P<user>[0-9]{1,20}):(?P<id>[a-z0-9]{0,20}):(?P<before>[0-9]{1,19})",
):
    """Turns the page of `/videomod history`, towards older decisions."""

    is_update = True

    def __init__(self, user_id: int, request_id: str, before: int, label: str = "Next") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                emoji="▶️",
                custom_id=f"vb:history:{user_id}:{request_id}:{before}",
            )
        )
        self._place = (user_id, request_id, before)

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(int(match["user"]), match["id"], int(match["before"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        user_id, request_id, before = self._place
        await send_history(
            services, interaction, answer, user_id=user_id, request_id=request_id, before=before
        )


RECORD_BUTTONS: Final = (NextQueue, NextHistory)
"""Every class that must be registered at start."""


async def send_queue(
    services: Services, interaction: Interaction, answer: Answer, *, skip: int = 0
) -> None:
    """Answer with a page of what waits."""
    page = await services.reviews.queue(caller_of(interaction), skip=skip)
    view = None
    if page.next_skip:
        view = view_of(NextQueue(page.next_skip, answer.t("button-next")))
    await answer.send(embed=review_cards.queue_page(page, answer.t), view=view)


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
        label = answer.t("button-next")
        turn = NextHistory(page.user_id, page.request_id, page.next_before, label)
        view = view_of(turn)
    await answer.send(embed=review_cards.history_page(page, answer.t), view=view)
