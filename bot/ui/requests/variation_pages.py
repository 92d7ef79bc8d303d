"""Private answers about a prompt's variations: the one question, and the receipt. Pure."""

import discord

from bot.rules.catalogue import Catalogue
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
    """The question before several requests, and a file of the prompts where not all fit.

    `is_second`: the price has risen since the first question.
    """
    request, video = accepted.request, accepted.video
    micros = accepted.price_micros
    shown = price(micros, currency, t) if micros is not None else ""
    prompts = [video_of(each).shown_prompt for each in accepted.group]
    lines, is_whole = prompt_lines(prompts)
    text = within(
        (
            t(
                "draft-risen-all" if is_second else "draft-variations",
                count=len(accepted.group),
                price=shown,
                priced="yes" if shown else "no",
            ),
            *lines,
            "" if is_whole else t("variations-attached"),
            subtext(settings_of(video, catalogue.get(video.model), t)),
            t("draft-until", ms=draft_ends_ms(request)),
            *left_of(accepted, currency, t),
            advice(accepted, t),
        )
    )
    return text, [] if is_whole else [prompts_file(request.id, prompts)]


def receipt(accepted: Receipt, currency: str, t: Localised) -> str:
    """The acknowledgement of several requests: each with its id and state."""
    head = t("taken-variations", count=len(accepted.group))
    cost = ""
    if accepted.price_micros is not None:
        cost = t("taken-cost-all", price=price(accepted.price_micros, currency, t))
    is_waiting = any(request.state is State.QUEUED for request in accepted.group)
    return within(
        (
            head,
            hindrance_words(accepted.hindrance, t) if is_waiting else "",
            *(
                t("variations-item", id=code(each.id), state=state_word(each, t))
                + "\n"
                + quoted(video_of(each).shown_prompt, PROMPTS_ROOM // len(accepted.group) // 3)
                for each in accepted.group
            ),
            cost,
            *left_of(accepted, currency, t),
            advice(accepted, t),
        )
    )
