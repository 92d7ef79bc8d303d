"""`/videomod`: commands for moderators."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.services.moderation.audit_log import LogFilter
from bot.services.moderation.blocks import LONGEST_REASON
from bot.services.moderation.blocks import MOST_DAYS as MOST_BLOCKED_DAYS
from bot.services.moderation.word_list import LONGEST, LONGEST_TEST
from bot.services.quotas.admin import MOST_GRANTED
from bot.services.stats.usage_report import MOST_DAYS
from bot.ui import quotas
from bot.ui.command_names import English
from bot.ui.interactions import caller_of
from bot.ui.moderation import moderator_pages
from bot.ui.moderation.history import send_history, send_history_file
from bot.ui.moderation.queue import send_queue
from bot.ui.moderation.word_list import WordChange, send_words
from bot.ui.responses import answering
from bot.ui.services import Services
from bot.ui.stats.usage_report import send_report
from cogs.video_autocomplete import Choices, OptionChoices
from storage.moderation.audit_log import Action

Interaction = discord.Interaction[Any]
Person = discord.Member | discord.User
Reason = app_commands.Range[str, 0, LONGEST_REASON]
Word = app_commands.Range[str, 0, LONGEST]
TestedText = app_commands.Range[str, 0, LONGEST_TEST]

_en = English()
_DECISIONS = [
    app_commands.Choice(name=_en.decision(action), value=action.value) for action in Action
]


@app_commands.default_permissions(manage_messages=True)
class Moderation(
    commands.GroupCog, group_name="videomod", group_description=_en.command("videomod")
):
    """Commands for moderators; the services check that on each one."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._choices = OptionChoices(services)

    @app_commands.command(name="grant", description=_en.command("videomod grant"))
    @app_commands.describe(**_en.options("member", "videos"))
    async def grant(
        self,
        interaction: Interaction,
        member: Person,
        videos: app_commands.Range[int, 1, MOST_GRANTED],
    ) -> None:
        """Give a member extra videos for the next 24 hours."""
        async with answering(interaction) as answer:
            whom = quotas.member_of(member)
            given = await self._services.quotas.grant(caller_of(interaction), whom, videos)
            await answer.send(quotas.granted(given, answer.t))

    @app_commands.command(name="reset", description=_en.command("videomod reset"))
    @app_commands.describe(member=_en.option("member"))
    async def reset(self, interaction: Interaction, member: Person) -> None:
        """Reset a member's used count."""
        async with answering(interaction) as answer:
            await self._services.quotas.reset(caller_of(interaction), member.id)
            await answer.send(quotas.started_anew(member.id, answer.t))

    @app_commands.command(name="report", description=_en.command("videomod report"))
    @app_commands.describe(days=_en.option("days"))
    async def report(
        self, interaction: Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = 30
    ) -> None:
        """Show what members made, what failed and what it cost."""
        async with answering(interaction) as answer:
            found = await self._services.spending.report(caller_of(interaction), days)
            await send_report(self._services, answer, found)

    @app_commands.command(name="queue", description=_en.command("videomod queue"))
    async def queue(self, interaction: Interaction) -> None:
        """Show the open reviews, one after the other."""
        async with answering(interaction) as answer:
            await send_queue(self._services, interaction, answer)

    @app_commands.command(name="history", description=_en.command("videomod history"))
    @app_commands.describe(
        request_id=_en.option("id"), **_en.options("member", "decision", "moderator", "export")
    )
    @app_commands.rename(request_id="id")
    @app_commands.choices(decision=_DECISIONS)
    async def history(
        self,
        interaction: Interaction,
        member: Person | None = None,
        request_id: str = "",
        decision: str = "",
        moderator: Person | None = None,
        export: bool = False,
    ) -> None:
        """Show decisions with moderator, time and reason, or send them as a file."""
        async with answering(interaction) as answer:
            whom, by = member.id if member else 0, moderator.id if moderator else 0
            wanted = LogFilter(whom, request_id.strip().lower(), decision, by)
            send = send_history_file if export else send_history
            await send(self._services, interaction, answer, wanted)

    @history.autocomplete("request_id")
    async def _anybodys(self, interaction: Interaction, typed: str) -> Choices:
        member = getattr(interaction.namespace, "member", None)
        user_id = int(getattr(member, "id", 0))
        return await self._choices.anybodys_requests(interaction, typed, user_id=user_id)

    @app_commands.command(name="block", description=_en.command("videomod block"))
    @app_commands.describe(
        **_en.options("member", "reason"), days=_en.option("days", "videomod block")
    )
    async def block(
        self,
        interaction: Interaction,
        member: Person,
        reason: Reason = "",
        days: app_commands.Range[int, 1, MOST_BLOCKED_DAYS] | None = None,
    ) -> None:
        """Block a member from requesting videos."""
        async with answering(interaction) as answer:
            caller = caller_of(interaction)
            block = await self._services.blocks.block(caller, member.id, reason=reason, days=days)
            await answer.send(moderator_pages.blocked(block, answer.t))

    @app_commands.command(name="unblock", description=_en.command("videomod unblock"))
    @app_commands.describe(**_en.options("member", "reason"))
    async def unblock(self, interaction: Interaction, member: Person, reason: Reason = "") -> None:
        """Unblock a member."""
        async with answering(interaction) as answer:
            await self._services.blocks.unblock(caller_of(interaction), member.id, reason=reason)
            await answer.send(moderator_pages.unblocked(member.id, answer.t))

    @app_commands.command(name="words", description=_en.command("videomod words"))
    @app_commands.describe(**_en.options("add", "remove", "test"), is_imported=_en.option("import"))
    @app_commands.rename(is_imported="import")
    async def words(
        self,
        interaction: Interaction,
        add: Word = "",
        remove: Word = "",
        is_imported: bool | None = None,
        test: TestedText = "",
    ) -> None:
        """Change, show or try the list of words that hold a request for review."""
        async with answering(interaction) as answer:
            change = WordChange(add, remove, is_imported, test)
            await send_words(self._services, interaction, answer, change)


async def setup(bot: VideoBot) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Moderation(bot.services))
