"""The card of a series: each shot with where it stands, and what can be done. Pure."""

from dataclasses import replace
from typing import Final

import discord

from bot.rules.catalogue import Catalogue
from bot.services.caller import Progress
from bot.services.moderation.decision_effects import TIMED_OUT
from bot.services.series.views import SeriesView, ShotView
from bot.ui.formatting import mention, settings_of, subtext, within
from bot.ui.markdown import code, inline
from bot.ui.messages import (
    card,
    expectation,
    failure_words,
    hindrance_words,
    reason_words,
    video_of,
)
from bot.ui.series.buttons import series_buttons
from bot.ui.texts import Localised
from storage.records import ENDS, Request, State

SHOT_SHOWN: Final = 120
"""Characters of a shot's prompt on the card: six of them, and the card is still no essay."""

_WORKING: Final = frozenset({State.AUDITING, State.SUBMITTING, State.RUNNING})
_SIGNS: Final = {
    State.HELD: "held",
    State.FAILED: "failed",
    State.REJECTED: "failed",
    State.UNCERTAIN: "uncertain",
}


def series_card(
    request: Request,
    view: SeriesView,
    progress: Progress,
    catalogue: Catalogue,
    t: Localised,
    *,
    is_plain: bool = False,
) -> tuple[str, discord.ui.View | None]:
    """The card's text and its buttons in the series' present state.

    Before the first shot and at the end it reads as the card of any request. `progress` is that of
    the shot that is being made. `is_plain`: without the prompts.
    """
    buttons = series_buttons(view, t)
    if request.state is not State.RUNNING:
        return card(request, progress, catalogue, t, is_plain=is_plain), buttons
    video = video_of(request)
    settings = settings_of(video, catalogue.get(video.model), t, is_series=True)
    lines = (
        _head(view, t),
        *(shot_line(shot, t, is_plain=is_plain or _is_unpassed(shot)) for shot in view.shots),
        *_stopped(view, t),
        hindrance_words(progress.hindrance, t),
        subtext((code(request.id), *settings)),
        _times(view, progress, t),
    )
    return within(lines), buttons


def _head(view: SeriesView, t: Localised) -> str:
    user, count, shot = mention(view.series.user_id), len(view.shots), view.present
    if shot is None:
        return t("card-series-joining", user=user)
    key = "card-series-running"
    if shot.state is State.HELD:
        key = "card-series-held"
    elif view.stands:
        is_uncertain = shot.state is State.UNCERTAIN
        key = "card-series-uncertain" if is_uncertain else "card-series-stopped"
    return t(key, user=user, number=shot.number, count=count)


def _is_unpassed(shot: ShotView) -> bool:
    """The channel does not read what a moderator has not passed."""
    return shot.request.is_unpassed or shot.state is State.REJECTED


def shot_line(shot: ShotView, t: Localised, *, is_plain: bool = False) -> str:
    """One shot: its number, where it stands, and its prompt as far as there is room."""
    sign = "waiting"
    if shot.is_made:
        sign = "made"
    elif shot.state in _SIGNS:
        sign = _SIGNS[shot.state]
    elif shot.is_present:
        sign = "working"
    elif shot.state in ENDS:
        sign = "left-out"
    prompt = "" if is_plain else inline(shot.prompt, SHOT_SHOWN)
    return t(
        f"shot-{sign}", number=shot.number, progress=shot.request.progress, prompt=prompt
    ).rstrip(" ·")


def _stopped(view: SeriesView, t: Localised) -> tuple[str, ...]:
    """Why it stands still, and what its member can do."""
    if not view.stands or view.present is None:
        return ()
    is_uncertain = view.present.state is State.UNCERTAIN
    return (
        t("series-next-uncertain") if is_uncertain else why_not_made(view.present.request, t),
        *what_next(
            t,
            can_retry=bool(view.can_retry),
            can_finish=view.can_finish,
            until_ms=view.stands_until_ms,
        ),
    )


def why_not_made(shot: Request, t: Localised, *, is_plain: bool = False) -> str:
    """Why a shot was not made; `is_plain`: without what was typed."""
    if shot.state is not State.REJECTED:
        return failure_words(replace(shot, failure_note="{}") if is_plain else shot, t)
    if shot.failure == TIMED_OUT:
        return t("shot-rejected-late")
    reason = reason_words(shot.failure, t, is_plain=is_plain)
    return t("shot-rejected", reason=reason, told="yes" if reason else "no")


def what_next(t: Localised, *, can_retry: bool, can_finish: bool, until_ms: int) -> tuple[str, ...]:
    """What the member of a series that stands still can do, and what happens otherwise."""
    until = "series-until" if can_finish else "series-until-nothing"
    return (
        t("series-next-retry") if can_retry else "",
        t("series-next-finish") if can_finish else "",
        t(until, ms=until_ms) if until_ms else "",
    )


def _times(view: SeriesView, progress: Progress, t: Localised) -> str:
    if view.stands or view.present is None or view.present.state not in _WORKING:
        return ""
    return subtext((expectation(progress, t), t("card-cancel-note")))
