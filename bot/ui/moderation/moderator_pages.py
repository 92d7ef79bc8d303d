"""Private pages of moderators' commands: history and blocks. Pure."""

from typing import Final

import discord

from bot.services.moderation.audit_log import AuditLogPage
from bot.ui.formatting import dotted, mention, within
from bot.ui.markdown import code
from bot.ui.messages import reason_words
from bot.ui.texts import Localised
from storage.moderation.audit_log import Decision
from storage.moderation.blocks import Block

PAGE_LIMIT: Final = 4000
WORDS_SHOWN: Final = (500, 250, 120, 60)
"""So many characters of each typed text are shown: as many as let all decisions of a page fit."""


def history_page(page: AuditLogPage, t: Localised) -> discord.Embed:
    """Decisions with moderator, time and reason, newest first."""
    embed = discord.Embed(title=t("history-title"))
    for limit in WORDS_SHOWN:
        lines = [_decided(each, t, limit) for each in page.decisions]
        if sum(len(line) + 1 for line in lines) <= PAGE_LIMIT:
            break
    embed.description = within(lines, PAGE_LIMIT) if lines else t("history-empty")
    return embed


def _decided(each: Decision, t: Localised, limit: int) -> str:
    by = t("history-by", by=mention(each.actor_id)) if each.actor_id else t("history-by-itself")
    head = dotted(
        (
            f"<t:{each.at_ms // 1000}:f>",
            t(f"decision-{each.action}"),
            code(each.request_id) if each.request_id else "",
            mention(each.user_id) if each.user_id else "",
            by,
        )
    )
    why = [reason_words(text, t, limit=limit) for text in (each.reason, each.note) if text]
    return f"{head}\n> {dotted(why)}" if why else head


def blocked(block: Block, t: Localised) -> str:
    """The answer to a block."""
    user = mention(block.user_id)
    if block.until_ms:
        return t("blocked-until", user=user, ms=block.until_ms)
    return t("blocked-done", user=user)


def unblocked(user_id: int, t: Localised) -> str:
    """The answer to an unblock."""
    return t("unblocked-done", user=mention(user_id))
