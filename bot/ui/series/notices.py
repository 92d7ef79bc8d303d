"""Messages to the member of a series under way: it stands still, or is finished late. Pure."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.services.outbox import SERIES_LATE, SERIES_REJECTED, SERIES_UNCERTAIN
from bot.ui.formatting import CONTENT_LIMIT, mention, within
from bot.ui.markdown import inline
from bot.ui.markers import series_mark
from bot.ui.series.card import what_next, why_not_made
from bot.ui.texts import Localised
from storage.records import Request, State


def series_notice(
    whole: Request, body: Mapping[str, Any], t: Localised, *, in_private: bool
) -> str:
    """The notice with the `body` that `bot.services.series.notices` recorded.

    It repeats no prompt: a moderator may not have passed it. What a moderator noted is for the
    member alone.
    """
    state, user = str(body["state"]), mention(whole.user_id)
    if state == SERIES_LATE:
        late = t("notice-series-late", user=user, count=int(body.get("made") or 0))
        return within((late, series_mark(whole.id, body)))
    number = int(body.get("shot") or 0)
    url = str(body.get("card") or "")
    return within(
        (
            t(f"notice-{state}", user=user, number=number, count=whole.shots),
            t("series-next-uncertain") if state == SERIES_UNCERTAIN else _why(whole, body, t),
            _note(body, t) if in_private else "",
            *what_next(
                t,
                can_retry=bool(body.get("can_retry")),
                can_finish=bool(body.get("can_finish")),
                until_ms=int(body.get("until_ms") or 0),
            ),
            t("notice-series-card", url=url) if url else "",
            series_mark(whole.id, body),
        )
    )


def _why(whole: Request, body: Mapping[str, Any], t: Localised) -> str:
    shot = replace(
        whole,
        state=State.REJECTED if body["state"] == SERIES_REJECTED else State.FAILED,
        failure=str(body.get("failure") or ""),
        failure_note=str(body.get("failure_note") or "{}"),
    )
    return why_not_made(shot, t, is_plain=bool(body.get("plain")))


def _note(body: Mapping[str, Any], t: Localised) -> str:
    """The moderator's note on a rejection."""
    if body["state"] != SERIES_REJECTED or body.get("plain"):
        return ""
    try:
        note = str(json.loads(str(body.get("failure_note"))).get("note") or "")
    except (ValueError, AttributeError):
        return ""
    return t("notice-note", note=inline(note, CONTENT_LIMIT // 4)) if note else ""
