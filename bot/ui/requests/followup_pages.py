"""Private answers about a posted video: what it was made with, its prompt word for word. Pure."""

import io

import discord

from bot.rules.catalogue import Catalogue
from bot.rules.media_kinds import kind_of
from bot.services.requests.followups import Source
from bot.ui.formatting import dotted, mention, price, quoted, settings_of, within
from bot.ui.markdown import code
from bot.ui.messages import template_words, variation_words
from bot.ui.texts import Localised

PROMPT_IN_MESSAGE = 1800
FIELD_LIMIT = 1024


def more_text(source: Source, t: Localised) -> str:
    """The line above the buttons."""
    return t("more-head", id=code(source.request.id))


def info_page(source: Source, catalogue: Catalogue, currency: str, t: Localised) -> discord.Embed:
    """What everybody may know of a posted video; names of files and the cost are its member's."""
    request, video = source.request, source.video
    prompt = quoted(video.shown_prompt, 1500)
    embed = discord.Embed(title=t("show-title", id=request.id), description=prompt)
    settings = (
        *settings_of(video, catalogue.get(video.model), t),
        variation_words(request, t),
        template_words(request, t),
    )
    embed.add_field(name=t("show-settings"), value=dotted(settings), inline=False)
    files = [
        t(
            "show-file",
            role=media.role,
            kind=kind_of(media) or "",
            name=code(media.name, 60) if source.is_own and media.name else "",
        ).strip()
        for media in video.media
    ]
    if files:
        value = within(files, FIELD_LIMIT)
        embed.add_field(name=t("show-files"), value=value, inline=False)
    embed.add_field(name=t("info-by"), value=mention(request.user_id), inline=True)
    asked = t("show-when", ms=request.created_at_ms)
    embed.add_field(name=t("show-asked"), value=asked, inline=True)
    if currency and source.is_own and request.cost_micros is not None:
        cost = price(request.cost_micros, currency, t)
        embed.add_field(name=t("show-cost"), value=cost, inline=True)
    return embed


def prompt_text(source: Source, t: Localised) -> tuple[str, list[discord.File]]:
    """The prompt to copy: in a code block, which a tap copies, or as a file."""
    prompt = source.video.shown_prompt
    if not prompt:
        return t("prompt-gone"), []
    if len(prompt) <= PROMPT_IN_MESSAGE and "```" not in prompt:
        return f"```\n{prompt}\n```", []
    file = discord.File(io.BytesIO(prompt.encode()), filename=f"{source.request.id}.txt")
    return t("prompt-file"), [file]
