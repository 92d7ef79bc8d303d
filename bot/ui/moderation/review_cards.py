"""Texts of review cards, and of the messages that tell members what was decided. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.rules.catalogue import Catalogue
from bot.rules.media import MediaSource
from bot.services.moderation.decision_effects import TIMED_OUT
from bot.services.moderation.review_sheet import ReviewSheet
from bot.ui.formatting import (
    CONTENT_LIMIT,
    dotted,
    mention,
    price,
    quoted,
    settings_of,
    subtext,
    within,
)
from bot.ui.markdown import code, inline
from bot.ui.messages import reason_words, variation_words, video_of
from bot.ui.texts import Localised
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.records import Input, Request, State

PROMPT_ROOM: Final = 900
"""Characters of a card for the prompt; a longer one is attached as a file."""
INPUTS_SHOWN: Final = 15
REPORTS_SHOWN: Final = 5
FINDINGS_SHOWN: Final = 3
APPEAL_SHOWN: Final = 500
REASON_SHOWN: Final = 160
NAME_SHOWN: Final = 40
UPLOAD_BYTES: Final = 20 * 1024 * 1024


def card(
    sheet: ReviewSheet,
    catalogue: Catalogue,
    currency: str,
    t: Localised,
    *,
    has_video: bool = True,
    is_plain: bool = False,
) -> str:
    """A review card in its present state; `has_video` is False where the video fits at no size.

    `is_plain`: without what people typed, which Discord refused; the prompt is attached.
    """
    request, review = sheet.request, sheet.review
    video = video_of(request)
    is_priced = bool(currency) and request.cost_micros is not None
    cost = price(request.cost_micros or 0, currency, t) if is_priced else ""
    is_open = review.state is ReviewState.OPEN
    return within(
        (
            _head(sheet, t),
            *_appeal(sheet, t, is_plain=is_plain),
            "" if is_open else t("review-requester", user=_user(request), place=_place(request)),
            *_decision(sheet, t, is_plain=is_plain),
            "" if is_plain else _prompt(video.prompt),
            ""
            if is_whole(video.prompt, is_plain=is_plain)
            else subtext([t("review-prompt-attached")]),
            subtext(
                (
                    code(request.id),
                    *settings_of(video, catalogue.get(video.model), t),
                    variation_words(request, t),
                    cost,
                )
            ),
            _why(sheet, t),
            _flagged(sheet, t, is_plain=is_plain),
            t("review-standing", **_progress(sheet)),
            *_precedents(sheet, t),
            *_reports(sheet, t, is_plain=is_plain),
            t("review-posted", url=sheet.video_url) if sheet.video_url else "",
            *_inputs(sheet, t, is_plain=is_plain),
            *(_hints(sheet, t, has_video=has_video) if is_open else ()),
        )
    )


def is_whole(prompt: str, *, is_plain: bool = False) -> bool:
    """Whether a card shows the whole prompt; else it is attached."""
    if is_plain:
        return not prompt
    return len(inline(prompt, len(prompt) + 1)) <= PROMPT_ROOM


def _prompt(prompt: str) -> str:
    if not prompt:
        return ""
    limit = PROMPT_ROOM
    # escaping makes it longer; a truncated prompt is attached
    while len(line := quoted(prompt, limit)) > PROMPT_ROOM + 2:
        limit = limit * 2 // 3
    return line


def _user(request: Request) -> str:
    return mention(request.user_id)


def _place(request: Request) -> str:
    return f"<#{request.channel_id}>"


def _head(sheet: ReviewSheet, t: Localised) -> str:
    review, request = sheet.review, sheet.request
    stage = review.subject
    if review.state is ReviewState.OPEN:
        user, place, ms = _user(request), _place(request), request.created_at_ms
        return t(f"review-open-{stage}", user=user, place=place, ms=ms)
    ms = review.decided_at_ms
    if review.reason == TIMED_OUT:
        is_left = review.state is ReviewState.WITHDRAWN
        return t(f"review-left-{stage}" if is_left else f"review-late-{stage}", ms=ms)
    if review.state is ReviewState.WITHDRAWN:
        return t("review-withdrawn", ms=ms)
    return t(f"review-decided-{review.state}-{stage}", by=mention(review.decided_by), ms=ms)


def _appeal(sheet: ReviewSheet, t: Localised, *, is_plain: bool) -> Iterator[str]:
    """Who rejected it and why, and what its requester says against it."""
    first = sheet.rejection
    if first is None:
        return
    ms = first.decided_at_ms
    if first.decided_by:
        yield t("review-appealed-rejected", by=mention(first.decided_by), ms=ms)
    else:
        yield t("review-appealed-late", ms=ms)
    yield from _why_decided(first, t, is_plain=is_plain)
    if sheet.review.appeal and not is_plain:
        yield t("review-appeal-says", text=inline(sheet.review.appeal, APPEAL_SHOWN))


def _decision(sheet: ReviewSheet, t: Localised, *, is_plain: bool) -> Iterator[str]:
    yield from _why_decided(sheet.review, t, is_plain=is_plain)


def _why_decided(review: Review, t: Localised, *, is_plain: bool) -> Iterator[str]:
    told = review.reason != TIMED_OUT and reason_words(review.reason, t, is_plain=is_plain)
    if told:
        yield t("review-reason", reason=told)
    if review.note and not is_plain:
        yield t("review-note", note=inline(review.note, REASON_SHOWN))


def _why(sheet: ReviewSheet, t: Localised) -> str:
    if sheet.review.stage is Stage.REPORT:
        return ""
    words = [word for word in sheet.review.why.split(",") if word]
    return t("review-why", reasons=tuple(t(f"review-why-{word}") for word in words))


def _flagged(sheet: ReviewSheet, t: Localised, *, is_plain: bool) -> str:
    """What the safety check has seen, how surely, and on which file or at which second."""
    if not sheet.flagged:
        return ""
    shown = []
    for finding in sheet.flagged[:FINDINGS_SHOWN]:
        is_input = finding.position >= 0
        where = "result" if not is_input else "picture" if finding.at_ms < 0 else "clip"
        shown.append(
            t(
                "review-finding",
                where=where,
                label="…" if is_plain else inline(finding.label, NAME_SHOWN),
                score=finding.score,
                number=finding.position + 1,
                second=f"{finding.at_ms / 1000:g}",
            )
        )
    return t("review-flagged", findings=dotted(shown))


def _progress(sheet: ReviewSheet) -> dict[str, int]:
    past = sheet.standing
    return {"posted": past.posted, "rejected": past.rejected, "blocked": past.blocked}


def _precedents(sheet: ReviewSheet, t: Localised) -> Iterator[str]:
    """The member's last decisions, and those on the same pictures and words."""
    if sheet.review.state is not ReviewState.OPEN:
        return
    past = sheet.precedents
    if past.recent:
        last = [
            f"{t(f'decision-{each.action}')} <t:{each.at_ms // 1000}:R>" for each in past.recent
        ]
        yield t("review-recent", decisions=dotted(last))
    tallies = (
        ("review-same-file", past.same_file),
        ("review-like-picture", past.like_picture),
        ("review-same-words", past.same_words),
    )
    for key, tally in tallies:
        if tally.approved or tally.rejected:
            yield t(key, approved=tally.approved, rejected=tally.rejected)


def _reports(sheet: ReviewSheet, t: Localised, *, is_plain: bool) -> Iterator[str]:
    if not sheet.reports:
        return
    yield t("review-reports", count=len(sheet.reports))
    if is_plain:
        return
    for report in sheet.reports[:REPORTS_SHOWN]:
        yield f"- {inline(report.reason, REASON_SHOWN)}"
    if len(sheet.reports) > REPORTS_SHOWN:
        yield f"- {t('review-more', count=len(sheet.reports) - REPORTS_SHOWN)}"


def _inputs(sheet: ReviewSheet, t: Localised, *, is_plain: bool) -> Iterator[str]:
    if not sheet.inputs:
        return
    yield t("review-inputs")
    for row in sheet.inputs[:INPUTS_SHOWN]:
        yield f"- {_input(row, sheet.request, t, is_plain=is_plain)}"


def _input(row: Input, request: Request, t: Localised, *, is_plain: bool) -> str:
    what = t("show-file", role=row.role, kind=row.kind, name="").strip()
    what = f"{row.position + 1}. {what}"
    typed = row.url if row.source == MediaSource.ASSET else row.name or row.url
    name = "…" if is_plain else code(typed, NAME_SHOWN)
    limit = request.upload_limit_bytes or UPLOAD_BYTES
    if row.source == MediaSource.ASSET:
        key = "review-input-unseen"
    elif row.kind == "audio" and row.size_bytes > limit:
        key = "review-input-heavy"
    else:
        is_linked = row.source == MediaSource.LINK
        key = "review-input-linked" if is_linked else "review-input-shown"
    return t(key, what=what, name=name)


def _hints(sheet: ReviewSheet, t: Localised, *, has_video: bool) -> Iterator[str]:
    review = sheet.review
    if review.stage is Stage.RESULT and not has_video:
        url = sheet.request.result_url
        yield t("review-no-video", url=f"<{url}>" if url else "none")
    if review.stage is not Stage.PROMPT:
        yield subtext([t("review-frames")])
    if review.claimed_until_ms:
        by = mention(review.claimed_by)
        yield subtext([t("review-claimed", by=by, ms=review.claimed_until_ms)])
    ends = {"report": "review-ends-report", "appeal": "review-ends-appeal"}
    key = ends.get(review.subject, "review-ends")
    yield subtext([t(key, ms=review.ends_at_ms)])


def verdict_notice(
    request: Request, body: Mapping[str, Any], t: Localised, *, in_private: bool
) -> str:
    """The notice of a rejection or a removal; content and note only in private."""
    state, reason, note = (str(body.get(name) or "") for name in ("state", "reason", "note"))
    user = mention(request.user_id)
    is_late = reason == TIMED_OUT and state == State.REJECTED
    head = (
        t("notice-rejected-late", user=user) if is_late else t(f"notice-{state}", user=user, by="")
    )
    told = reason and reason != TIMED_OUT
    quota = ""
    if state == State.REJECTED:
        quota = t("quota-back" if body.get("count_came_back") else "quota-kept")
    until_ms = int(body.get("appeal_until_ms") or 0)
    return within(
        (
            head,
            t("notice-rejected-reason", reason=reason_words(reason, t)) if told else "",
            t("notice-note", note=inline(note, CONTENT_LIMIT // 4)) if note and in_private else "",
            quota,
            quoted(video_of(request).shown_prompt) if in_private and not body.get("plain") else "",
            t("notice-more") if note and not in_private else "",
            t("notice-appeal", ms=until_ms) if until_ms else "",
            subtext([code(request.id)]),
        )
    )
