"""Texts of the messages in channels: progress cards, results, notices, log lines. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from bot.rules.catalogue import Catalogue
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.caller import Progress
from bot.services.moderation.decision_effects import TIMED_OUT
from bot.services.outbox import KEPT, UNVERIFIED
from bot.services.requests.drafts import EXPIRED
from bot.services.requests.service import CANCELLABLE
from bot.ui.error_messages import FAULTS_LIMIT, fault_lines
from bot.ui.formatting import (
    CONTENT_LIMIT,
    mention,
    price,
    quoted,
    setting_name,
    setting_value,
    settings_of,
    subtext,
    time_taken,
    within,
)
from bot.ui.markdown import code, inline, shorten
from bot.ui.texts import Localised
from storage.records import ENDS, OutboxMessage, Request, State

_OVER: Final = frozenset({*ENDS, State.UNCERTAIN})
_AT_WORK: Final = frozenset({State.SUBMITTING, State.RUNNING})
_REASON_SHOWN: Final = 500
_PASSING: Final = frozenset(
    {
        *("busy", "too-long", "unknown", "undeliverable", "unseen"),
        *("result-unreachable", "result-damaged"),
        *("audit-not-taken", "audit-too-long"),
    }
)
"""Failures after which the very same request may work."""
_OWNERS: Final = frozenset({"money"})
"""Failures that only the bot's owner can mend."""


def video_of(request: Request) -> VideoRequest:
    """What was asked for, from the record."""
    return VideoRequest.model_validate_json(request.spec)


def shown_prompt(request: Request) -> str:
    """The prompt in one line; a series' shots one after the other."""
    prompt = video_of(request).shown_prompt
    return " / ".join(prompt.splitlines()) if request.shots else prompt


def variation_words(request: Request, t: Localised) -> str:
    """Which of its prompt's variations it is, or that it is a series; empty for any other."""
    if request.shots:
        return t("series-of", count=request.shots)
    if not request.variations:
        return ""
    return t("variation", number=request.variation, count=request.variations)


def template_words(request: Request, t: Localised) -> str:
    """Which template it was made with; empty for none."""
    return t("from-template", name=inline(request.template, 100)) if request.template else ""


def can_cancel(request: Request) -> bool:
    """Whether its card has a Cancel button."""
    return request.state in CANCELLABLE


def is_plain(message: OutboxMessage) -> bool:
    """Whether the message is sent without the prompt, as Discord refused it with it."""
    return bool(body_of(message).get("plain"))


def card(
    request: Request,
    progress: Progress,
    catalogue: Catalogue,
    t: Localised,
    *,
    is_plain: bool = False,
) -> str:
    """The progress card in its present state; an ended one shows no activity and no percentage.

    `is_plain`: without the prompt.
    """
    video = video_of(request)
    head = t(
        f"card-{request.state}",
        user=mention(request.user_id),
        place=progress.place,
        progress=request.progress,
    )
    settings = settings_of(video, catalogue.get(video.model), t, is_series=bool(request.shots))
    return within(
        (
            head,
            quoted(shown_prompt(request)) if _is_passed(request) and not is_plain else "",
            _hindrance(request, progress, t),
            subtext((code(request.id), *settings, variation_words(request, t))),
            _times(request, progress, t),
            subtext([t("card-cancel-note")]) if request.state in _AT_WORK else "",
        )
    )


def _is_passed(request: Request) -> bool:
    """Whether the channel may read the prompt: not while it is held, nor where it never started."""
    if request.is_unpassed or request.state is State.REJECTED:
        return False
    return request.state not in ENDS or bool(request.started_at_ms)


def _hindrance(request: Request, progress: Progress, t: Localised) -> str:
    return "" if request.state in _OVER else hindrance_words(progress.hindrance, t)


def hindrance_words(hindrance: str, t: Localised) -> str:
    """Why a request makes no progress; empty while it does."""
    key = f"hindrance-{hindrance}"
    return t(key if t.has(key) else "hindrance-other") if hindrance else ""


def _times(request: Request, progress: Progress, t: Localised) -> str:
    if request.state in ENDS:
        return subtext([t("card-ended", ms=request.ended_at_ms)]) if request.ended_at_ms else ""
    if request.state not in (State.SUBMITTING, State.RUNNING):
        return ""
    started_ms = request.submitted_at_ms or request.started_at_ms
    times = (t("card-started", ms=started_ms) if started_ms else "", expectation(progress, t))
    return subtext(times) if any(times) else ""


def expectation(progress: Progress, t: Localised) -> str:
    """The estimated time it will be ready, or that it takes longer than estimated."""
    if progress.is_overdue:
        return t("card-overdue")
    return t("card-ready", ms=progress.ready_at_ms) if progress.ready_at_ms else ""


def result(
    request: Request, message: OutboxMessage, catalogue: Catalogue, t: Localised, *, link: str = ""
) -> str:
    """The text of a posted video. `link` replaces a file that Discord takes at no size."""
    video = video_of(request)
    settings = settings_of(video, catalogue.get(video.model), t, is_series=bool(request.shots))
    # the provider's time: how long it waited in the queue or for a moderator is another matter
    took = t("result-took", time=time_taken(request.took_ms, t)) if request.took_ms else ""
    return within(
        (
            t("result-ready", user=mention(request.user_id)),
            t("result-elsewhere") if message.channel_id != request.channel_id else "",
            "" if is_plain(message) else quoted(shown_prompt(request)),
            t("result-link", url=f"<{link}>") if link else "",
            subtext([template_words(request, t)]) if request.template else "",
            subtext((*settings, took, variation_words(request, t), code(request.id))),
            subtext([t("result-ai")]),
        )
    )


def film(body: Mapping[str, Any], t: Localised, *, by: int, elsewhere: bool) -> str:
    """The text of a film of several videos: who joined it, and the videos with their authors."""
    parts = [str(part) for part in body.get("parts") or ()]
    authors = [mention(int(author)) for author in body.get("authors") or ()]
    length = t("length", seconds=int(body.get("seconds") or 0)) if body.get("seconds") else ""
    return within(
        (
            t("film-ready", user=mention(by), parts=len(parts)),
            t("result-elsewhere") if elsewhere else "",
            t("film-by", users=authors) if authors != [mention(by)] else "",
            subtext((t("film-parts", parts=" → ".join(code(part) for part in parts)), length)),
            subtext([t("result-ai")]),
        )
    )


def notice(request: Request, body: Mapping[str, Any], t: Localised) -> str:
    """The notice of a final state, or of `uncertain`: what happened, what to do, what it counts.

    `body` is the message's: the `state`, `count_came_back`, and perhaps `by` and `reason`.
    """
    state = str(body.get("state") or request.state)
    user = mention(request.user_id)
    is_over = request.failure == EXPIRED
    by = "time" if is_over else str(body.get("by") or "self")
    is_restored = bool(body.get("restored"))
    head = t("notice-restored" if is_restored else f"notice-{state}", user=user, by=by)
    if is_restored:
        quota = t("notice-restored-next")
    elif state in (State.UNCERTAIN, KEPT, UNVERIFIED):
        quota = t(f"notice-{state}-next")
    else:
        quota = t("quota-back" if body.get("count_came_back") else "quota-kept")
    return within(
        (
            head,
            failure_words(request, t) if state == State.FAILED else "",
            _reason(body, t),
            quota,
            # nobody else has seen a draft's prompt, nor one that waited for a moderator
            ""
            if is_over or body.get("is_held") or body.get("plain")
            else quoted(shown_prompt(request)),
            subtext([code(request.id)]),
        )
    )


def remedy(request: Request, body: Mapping[str, Any]) -> str:
    """What may help after a failure: `again`, `edit`, or nothing that the member can do."""
    if str(body.get("state") or request.state) != State.FAILED or request.shots:
        return ""
    if request.failure in _PASSING:
        return "again"
    return "" if request.failure in _OWNERS else "edit"


def failure_words(request: Request, t: Localised) -> str:
    """Why a request failed and what to do, with each violation where there are some."""
    key = f"failure-{request.failure.replace('_', '-')}"
    faults = fault_lines(_violations(request.failure_note), t, request.model)
    return within((t(key if t.has(key) else "failure-unknown"), *faults), FAULTS_LIMIT)


def _violations(note: str) -> list[Violation]:
    try:
        told = json.loads(note)
        listed = told.get("violations", ()) if isinstance(told, dict) else ()
        return [Violation.model_validate(item) for item in listed]
    except (ValueError, TypeError, ValidationError):
        return []


def _reason(body: Mapping[str, Any], t: Localised) -> str:
    reason = str(body.get("reason") or "")
    if not reason or reason == TIMED_OUT:
        return ""
    return t("notice-rejected-reason", reason=reason_words(reason, t))


def reason_words(
    reason: str, t: Localised, *, is_plain: bool = False, limit: int = _REASON_SHOWN
) -> str:
    """A ready-made reason in words, or typed text with its markdown escaped; not if `is_plain`."""
    key = f"reason-{reason}"
    if t.has(key):
        return t(key)
    return "" if is_plain else inline(reason, limit)


def line(body: Mapping[str, Any], t: Localised) -> str:
    """A log line or a direct message from the `text` and `params` of its body."""
    params: dict[str, str | int] = dict(body.get("params") or {})
    if "id" in params:
        params["id"] = code(str(params["id"]))
    if "user" in params:
        params["user"] = mention(int(params["user"]))
    if "by" in params:
        params["by"] = mention(int(params["by"]))
    if "role" in params:
        params["role"] = f"<@&{params['role']}>" if params["role"] else ""
    for name in ("reason", "note"):
        if name in params:
            # with its separator, as it may be missing
            words = reason_words(str(params[name]), t, is_plain=bool(body.get("plain")))
            params[name] = f" · {words}" if words else ""
    for name in [name for name in params if name.endswith("_micros")]:
        currency = str(params.get("currency") or "")
        params[name.removesuffix("_micros")] = price(int(params[name]), currency, t)
    if "setting" in params:
        params["setting"] = setting_name(str(params["setting"]), t)
        params |= {name: setting_value(str(params[name]), t) for name in ("old", "new")}
    if "channel" in params:
        channel_id = int(params["channel"])
        params["place"] = f"<#{channel_id}>" if channel_id else t("place-direct")
    return shorten(t(str(body["text"]), **params), CONTENT_LIMIT)


def body_of(message: OutboxMessage) -> dict[str, Any]:
    """The message's body; an unreadable one is empty."""
    try:
        body = json.loads(message.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
