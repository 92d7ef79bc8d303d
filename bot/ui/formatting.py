"""Formats what several messages share: a request's settings, durations, prices."""

from collections.abc import Iterable
from decimal import Decimal

from bot.rules.catalogue import ModelSpec
from bot.rules.request import VideoRequest
from bot.ui.markdown import code, inline
from bot.ui.texts import Localised
from storage.privacy.pseudonyms import is_pseudonym

CONTENT_LIMIT = 2000
"""Discord's limit of a message's content, in characters."""

MARK_LENGTH = 7
PROMPT_SHOWN = 300
"""Characters of a prompt that a message repeats."""


def dotted(items: Iterable[str]) -> str:
    """Independent details in one line, separated by dots; empty ones are left out."""
    return " · ".join(item for item in items if item)


def subtext(items: Iterable[str]) -> str:
    """The same as Discord's subtext."""
    return f"-# {dotted(items)}"


def quoted(prompt: str, limit: int = PROMPT_SHOWN) -> str:
    """A member's prompt as a one-line quote; empty where it was erased."""
    return f"> {inline(prompt, limit)}" if prompt else ""


def settings_of(
    video: VideoRequest, spec: ModelSpec | None, t: Localised, *, is_series: bool = False
) -> tuple[str, ...]:
    """Model, duration, ratio and resolution of a request whose defaults are resolved.

    `is_series`: the duration is that of each of several shots.
    """
    fixed = spec.fixed_output if spec is not None else None
    length = "length-each" if is_series else "length"
    return (
        code(video.model),
        t(length, seconds=video.duration) if video.duration else "",
        video.ratio or "",
        video.resolution or fixed or "",
    )


def time_taken(ms: int, t: Localised) -> str:
    """A duration in words."""
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return t("took", hours=hours, minutes=minutes, seconds=seconds)


def price(micros: int, currency: str, t: Localised) -> str:
    """An amount given in millionths of the owner's currency."""
    return t.money(Decimal(micros) / 1_000_000, currency)


def mention(user_id: int) -> str:
    """Mentions a member; the message's allowed mentions decide whether that pings.

    Somebody whose data was deleted has a short mark instead, the same in every line.
    """
    if is_pseudonym(user_id):
        return code(f"#{-user_id:x}"[:MARK_LENGTH])
    return f"<@{user_id}>"


def within(lines: Iterable[str], limit: int = CONTENT_LIMIT) -> str:
    """Join lines up to the limit, leaving out those that do not fit."""
    kept: list[str] = []
    room = limit
    for line in lines:
        if line and len(line) + 1 <= room:
            kept.append(line)
            room -= len(line) + 1
    return "\n".join(kept)


def below(head: str, text: str, limit: int = CONTENT_LIMIT) -> str:
    """A text below another one; where both are too long, without the longest of its lines.

    A line that marks a message is short, and stays.
    """
    above, lines = [head] if head else [], text.split("\n") if text else []
    while lines and len("\n".join((*above, *lines))) > limit:
        del lines[max(range(len(lines)), key=lambda place: (len(lines[place]), place))]
    return "\n".join((*above, *lines))


def setting_name(name: str, t: Localised) -> str:
    """A setting's option name in the reader's language."""
    key = f"option-{name}"
    return code(t(key) if t.has(key) else name)


def setting_value(word: str, t: Localised) -> str:
    """A setting's value as its option takes it, translated where there is a translation."""
    if not word:
        return t("setting-unset")
    if word.startswith("<"):
        return word
    key = f"choice-{word.lower()}"
    return f"**{t(key) if t.has(key) else word}**"
