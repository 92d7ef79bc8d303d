"""Private answers about a series: the one question, and the receipt. Pure."""

from collections.abc import Iterable

import discord

from bot.rules.catalogue import Catalogue
from bot.rules.request import VideoRequest
from bot.services.caller import Receipt
from bot.services.requests.drafts import draft_ends_ms
from bot.ui.formatting import price, quoted, settings_of, subtext, within
from bot.ui.markdown import code
from bot.ui.messages import hindrance_words, video_of
from bot.ui.requests.pages import advice, left_of, state_word
from bot.ui.requests.prompt_list import PROMPTS_ROOM, prompt_lines, prompts_file
from bot.ui.texts import Localised
from storage.records import State


def draft(
    accepted: Receipt, catalogue: Catalogue, currency: str, t: Localised, *, is_second: bool = False
) -> tuple[str, list[discord.File]]:
    """The question before a series, and a file of its shots where not all fit.

    `is_second`: the price has risen since the first question.
    """
    request, video = accepted.request, accepted.video
    shots, micros = accepted.group, accepted.price_micros
    shown = price(micros, currency, t) if currency and micros is not None else ""
    prompts = [video_of(shot).shown_prompt for shot in shots]
    lines, is_whole = prompt_lines(prompts)
    asked = t(
        "draft-risen-series" if is_second else "draft-series",
        count=len(shots),
        seconds=sum(shot.seconds for shot in shots),
        price=shown,
        priced="yes" if shown else "no",
    )
    text = within(
        (
            asked,
            *_numbered(lines),
            "" if is_whole else t("shots-attached"),
            subtext((code(request.id), *_settings(video, catalogue, t))),
            t("draft-until", ms=draft_ends_ms(request)),
            t("series-counts", count=len(shots)),
            *left_of(accepted, currency, t),
            advice(accepted, t),
        )
    )
    return text, [] if is_whole else [prompts_file(request.id, prompts)]


def receipt(accepted: Receipt, catalogue: Catalogue, currency: str, t: Localised) -> str:
    """The acknowledgement of a series, or on a second press what became of the first."""
    request, video, shots = accepted.request, accepted.video, accepted.group
    cost = ""
    if currency and accepted.price_micros is not None:
        cost = t("taken-cost-all", price=price(accepted.price_micros, currency, t))
    share = PROMPTS_ROOM // len(shots) // 2
    return within(
        (
            *_accepted(accepted, t),
            *_numbered(quoted(video_of(shot).shown_prompt, share) for shot in shots),
            subtext((code(request.id), *_settings(video, catalogue, t))),
            cost,
            *left_of(accepted, currency, t),
            advice(accepted, t),
        )
    )


def _settings(video: VideoRequest, catalogue: Catalogue, t: Localised) -> tuple[str, ...]:
    return settings_of(video, catalogue.get(video.model), t, is_series=True)


def _numbered(quotes: Iterable[str]) -> list[str]:
    """Quoted prompts with the numbers of their shots."""
    return [
        f"> {number}. {quote.removeprefix('> ')}" for number, quote in enumerate(quotes, start=1)
    ]


def _accepted(accepted: Receipt, t: Localised) -> tuple[str, ...]:
    request = accepted.request
    if not accepted.is_new and request.state is not State.QUEUED:
        return (t("taken-before", state=state_word(request, t)),)
    if request.state is State.HELD:
        return (t("taken-held"),)
    taken = t("taken-series", count=len(accepted.group))
    return taken, hindrance_words(accepted.hindrance, t)
