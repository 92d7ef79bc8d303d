"""Private answers about requests: receipt, list, details, help. Pure."""

import json

import discord

from bot.rules.cast import cast_names
from bot.rules.catalogue import Catalogue
from bot.services.caller import Receipt, RequestPage, RequestView
from bot.services.quotas.service import Remaining
from bot.services.requests.drafts import draft_ends_ms
from bot.services.series.views import ShotView
from bot.ui.error_messages import fault_line
from bot.ui.formatting import dotted, price, quoted, settings_of, subtext, within
from bot.ui.markdown import code, inline, shorten
from bot.ui.messages import (
    expectation,
    hindrance_words,
    reason_words,
    template_words,
    variation_words,
    video_of,
)
from bot.ui.quotas import left_lines
from bot.ui.services import Services
from bot.ui.texts import Localised
from storage.records import Input, Request, State

LISTED_PROMPT = 80
FIELD_LIMIT = 1024
"""Discord's limit of an embed field's value."""
WARNINGS_LIMIT = 700
CHOICE_LIMIT = 100
NOTE_SHOWN = 400
SHOT_PROMPT = 100


def receipt(accepted: Receipt, catalogue: Catalogue, currency: str, t: Localised) -> str:
    """The acknowledgement of a request: its settings, its cost, the quota left."""
    request, video = accepted.request, accepted.video
    settings = settings_of(video, catalogue.get(video.model), t)
    cost = ""
    if currency and accepted.price_micros is not None:
        cost = t("taken-cost", price=price(accepted.price_micros, currency, t))
    return within(
        (
            *_accepted(accepted, t),
            quoted(video.shown_prompt),
            subtext((code(request.id), *settings)),
            cost,
            *left_of(accepted, currency, t),
            advice(accepted, t),
        )
    )


def _accepted(accepted: Receipt, t: Localised) -> tuple[str, ...]:
    """That it was accepted and what happens next; on a second press, what became of the first."""
    request = accepted.request
    if not accepted.is_new and request.state not in (State.AUDITING, State.QUEUED):
        return (t("taken-before", state=state_word(request, t)),)
    if request.state is State.HELD:
        return (t("taken-held"),)
    if request.state is State.AUDITING:
        return t("taken"), t("taken-auditing")
    if accepted.hindrance:
        return t("taken-waits"), hindrance_words(accepted.hindrance, t)
    return (t("taken"),)


def draft(
    accepted: Receipt, catalogue: Catalogue, currency: str, t: Localised, *, is_second: bool = False
) -> str:
    """The question before a costly request; `is_second`: the price has risen since the first."""
    request, video = accepted.request, accepted.video
    settings = settings_of(video, catalogue.get(video.model), t)
    if request.cost_micros is None:
        head = t("draft-ask")
    else:
        shown = price(request.cost_micros, currency, t)
        head = t("draft-risen" if is_second else "draft-price", price=shown)
    return within(
        (
            head,
            quoted(video.shown_prompt),
            subtext((code(request.id), *settings)),
            t("draft-until", ms=draft_ends_ms(request)),
            *left_of(accepted, currency, t),
            advice(accepted, t),
        )
    )


def left_of(accepted: Receipt, currency: str, t: Localised) -> tuple[str, ...]:
    """What the member may still ask for."""
    return left_lines(
        Remaining(accepted.left, accepted.left_seconds, accepted.left_micros), currency, t
    )


def advice(accepted: Receipt, t: Localised) -> str:
    """Warnings about the request, which refuse nothing."""
    lines = [f"- {fault_line(warning, t, accepted.video.model)}" for warning in accepted.warnings]
    return within((t("warnings-head"), *lines), WARNINGS_LIMIT) if lines else ""


def cancelled(request: Request, was_running: bool, t: Localised) -> str:
    """The answer to a cancellation: whether anything comes back."""
    key = "cancelled-running" if was_running else "cancelled"
    if was_running and request.shots:
        key = "series-cancelled-running"
    return t(key, id=code(request.id))


def state_word(request: Request, t: Localised) -> str:
    """A request's state in a few words."""
    return t(f"state-{request.state}", progress=request.progress)


def list_page(page: RequestPage, t: Localised) -> discord.Embed:
    """The member's own requests, newest first."""
    embed = discord.Embed(title=t("list-title"))
    if not page.views:
        embed.description = t("list-empty")
        return embed
    items = [_listed(view, t) for view in page.views]
    embed.description = "\n\n".join((*items, t("list-footer")))
    return embed


def _listed(view: RequestView, t: Localised) -> str:
    request = view.request
    head = t(
        "list-item",
        id=code(request.id),
        state=state_word(request, t),
        ms=request.created_at_ms,
    )
    position = view.standing.position if request.state is State.QUEUED else 0
    more = (
        t("list-queue", position=position) if position else "",
        t("list-video", url=view.message_url) if view.message_url else "",
    )
    return within((dotted((f"**{head}**", *more)), quoted(view.video.shown_prompt, LISTED_PROMPT)))


def show_page(
    view: RequestView, catalogue: Catalogue, currency: str, t: Localised
) -> discord.Embed:
    """Everything a member may know about one request."""
    request, video = view.request, view.video
    embed = discord.Embed(
        title=t("show-title", id=request.id), description=quoted(video.shown_prompt, 1500)
    )
    embed.add_field(name=t("show-state"), value=_state(view, t), inline=False)
    settings = settings_of(video, catalogue.get(video.model), t, is_series=view.series is not None)
    settings = (*settings, variation_words(request, t), template_words(request, t))
    embed.add_field(name=t("show-settings"), value=dotted(settings), inline=False)
    if view.series is not None:
        shots = within((_shot(each, currency, t) for each in view.series.shots), FIELD_LIMIT)
        embed.add_field(name=t("show-shots"), value=shots, inline=False)
    if view.inputs:
        files = within((_file(each, t) for each in view.inputs), FIELD_LIMIT)
        embed.add_field(name=t("show-files"), value=files, inline=False)
    if names := cast_names(video):
        shown = " ".join(code(f"@{name}") for name in names)
        embed.add_field(name=t("show-cast"), value=within((shown,), FIELD_LIMIT), inline=False)
    asked = t("show-when", ms=request.created_at_ms)
    embed.add_field(name=t("show-asked"), value=asked, inline=True)
    if cost := _cost(request, currency, t):
        embed.add_field(name=t("show-cost"), value=cost, inline=True)
    return embed


def _shot(shot: ShotView, currency: str, t: Localised) -> str:
    """A shot of a series: where it stands, and what it costs where prices are shown."""
    state = t("shot-turn") if shot.is_waiting else state_word(shot.request, t)
    if shot.is_made:
        state = t("shot-done")
    shown = price(shot.cost_micros, currency, t) if currency and shot.cost_micros else ""
    line = dotted((t("show-shot", number=shot.number, state=state), code(shot.request.id), shown))
    return line + "\n" + quoted(shot.prompt, SHOT_PROMPT)


def _cost(request: Request, currency: str, t: Localised) -> str:
    """What the provider says that it cost; else its price, said to be that; empty for neither."""
    if not currency:
        return ""
    if request.is_unbilled:
        return t("show-cost-nothing")
    if request.billed_micros is not None:
        return t("show-cost-billed", price=price(request.billed_micros, currency, t))
    if request.cost_micros is None:
        return ""
    shown = price(request.cost_micros, currency, t)
    return t("show-cost-price", price=shown) if request.intent_at_ms else shown


def _state(view: RequestView, t: Localised) -> str:
    request, progress = view.request, view.standing
    queue = request.state is State.QUEUED and progress.position
    line = dotted(
        (
            state_word(request, t),
            t("list-queue", position=progress.position) if queue else "",
            expectation(progress, t),
            t("list-video", url=view.message_url) if view.message_url else "",
        )
    )
    failure = f"failure-{request.failure.replace('_', '-')}"
    why = ""
    if request.state is State.FAILED:
        why = t(failure if t.has(failure) else "failure-unknown")
    elif request.state is State.REJECTED:
        why = rejection(request, t)
    kept = t("show-kept", url=f"<{view.kept_url}>") if view.kept_url else ""
    slow = hindrance_words(progress.hindrance, t)
    return within((line, why, kept, slow), FIELD_LIMIT)


def rejection(request: Request, t: Localised) -> str:
    """Why a request was rejected, with the moderator's note."""
    if not request.failure:
        return ""
    try:
        note = str(json.loads(request.failure_note).get("note") or "")
    except (ValueError, AttributeError):
        note = ""
    return within(
        (
            t("show-rejected", reason=reason_words(request.failure, t)),
            t("notice-note", note=inline(note, NOTE_SHOWN)) if note else "",
        )
    )


def _file(each: Input, t: Localised) -> str:
    return t("show-file", role=each.role, kind=each.kind, name=code(each.name or each.url, 60))


def help_page(
    services: Services, default_model: str, t: Localised, *, moderates: bool = False
) -> discord.Embed:
    """How it works, what becomes of prompts and pictures, and where to read more.

    `moderates`: the reader moderates or manages, and reads how others get to do so.
    """
    links = (
        t("help-privacy", url=services.privacy_url) if services.privacy_url else "",
        t("help-terms", url=services.terms_url) if services.terms_url else "",
    )
    parts = (
        within((t("help-start"), t("help-models", model=default_model))),
        t("help-cast"),
        t("help-wait"),
        t("help-buttons"),
        t("help-extras"),
        t("help-moderators") if moderates else "",
        t("help-data"),
        dotted(links),
    )
    text = "\n\n".join(part for part in parts if part)
    return discord.Embed(title=t("help-title"), description=text)


def request_label(request: Request, t: Localised) -> str:
    """A request in one line for autocomplete."""
    prompt = inline(video_of(request).shown_prompt, CHOICE_LIMIT).replace("\\", "")
    return shorten(dotted((request.id, state_word(request, t), prompt)), CHOICE_LIMIT)
