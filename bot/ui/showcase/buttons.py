"""The vote button under posted videos, and the one that takes a video out of the showcase."""

import discord

from bot.ui.components import Interaction, RequestComponent
from bot.ui.interactions import caller_of
from bot.ui.markdown import code
from bot.ui.responses import Answer
from bot.ui.services import Services


class VoteButton(RequestComponent, custom_id="vb:vote:{request_id}"):
    """Gives the presser's vote or takes it back; its label is the count."""

    emoji = "⭐"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Vote, and say what counts now: the button itself follows a little later."""
        done = await services.showcase.vote(caller_of(interaction), self.request_id)
        given = "yes" if done.is_given else "no"
        await answer.send(answer.t("vote-done", is_given=given, count=done.votes))


class TakeOut(RequestComponent, custom_id="vb:take-out:{request_id}"):
    """Takes a video out of the showcase and leaves its message alone; for moderators."""

    is_update = True
    emoji = "🌑"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Take it out, and say so in place of the buttons."""
        request = await services.showcase.take_out(caller_of(interaction), self.request_id)
        await answer.send(answer.t("take-out-done", id=code(request.id)))
