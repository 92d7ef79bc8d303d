"""Finds due work by kind of step and by member or channel, fairly: no backlog hides another's.

Reading takes no lock. Of each (kind, whose) only the first `share` rows are returned, and of each
kind a `window` of them; the caller chooses among these and claims its choice.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.transaction import Transaction


class StepKind(StrEnum):
    """Each has slots of its own in every worker."""

    FETCH = "fetch"
    AUDIT = "audit"
    """Files are submitted to the provider's asset review."""
    SUBMIT = "submit"
    POLL = "poll"
    DOWNLOAD = "download"
    SERIES = "series"
    """What comes next of a series is decided; the strip of what is made is drawn."""
    MONTAGE = "montage"
    """The shots of a series are joined into its film."""
    TEND = "tend"
    """Bookkeeping alone: neither network nor disk."""

    SEND = "send"
    """Words: cards, notices, log lines, direct messages."""
    UPLOAD = "upload"
    PREPARE = "prepare"
    """A result's file is fetched again, or encoded to fit."""
    SHEET = "sheet"
    JOIN = "join"

    SHOW = "show"
    """A posted video is hidden, shown again or taken away, by an edit alone."""
    RESHOW = "reshow"
    """The same by uploading its file again, which may have to be fetched or encoded first."""

    CAST = "cast"
    """Pictures of a name are fetched and checked."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row that may be claimed. `whose`: the member, or for a message that is sent its place."""

    id: str
    kind: StepKind
    whose: int


_WINDOWED: Final = """, nth_of_whose AS (
  SELECT id, kind, whose, since_ms, ROW_NUMBER() OVER (
    PARTITION BY kind, whose ORDER BY since_ms, id) AS nth
  FROM due
), places AS (
  SELECT id, kind, whose, since_ms, nth, ROW_NUMBER() OVER (
    PARTITION BY kind ORDER BY nth, since_ms, id) AS place
  FROM nth_of_whose WHERE nth <= :share
)
SELECT id, kind, whose FROM places WHERE place <= :window
ORDER BY kind, nth, since_ms, id"""

_REQUESTS: Final = (
    """
WITH due AS (
  SELECT id, due_at_ms AS since_ms, user_id AS whose,
    CASE
      WHEN shots > 0 AND state = 'running' AND result_host <> '' THEN 'montage'
      WHEN shots > 0 THEN 'series'
      WHEN state IN ('draft', 'held', 'auditing', 'queued') AND prepared_at_ms = 0
        AND NOT (state = 'draft' AND created_at_ms <= :expired_ms) THEN 'fetch'
      WHEN state = 'auditing' THEN 'audit'
      WHEN state = 'submitting' THEN 'submit'
      WHEN state = 'running' AND result_url <> '' THEN 'download'
      WHEN state = 'rendered' AND series_of <> '' THEN 'download'
      WHEN state IN ('running', 'cancelled') THEN 'poll'
      ELSE 'tend'
    END AS kind
  FROM requests
  WHERE due_at_ms <= :now_ms
    AND (host = '' OR host = :host
      OR state NOT IN ('draft', 'held', 'auditing', 'queued', 'submitting'))
    AND (shots = 0 OR state <> 'running' OR result_host IN ('', '*', :host)
      OR due_at_ms <= :nobody_ms)
    AND (series_of = '' OR state <> 'rendered' OR result_host IN ('', :host)
      OR attempt > :failures)
    AND id NOT IN {each:excluded}
)"""  # noqa: S608 - two constants
    + _WINDOWED
)

# by age, however often their channel had to wait: members see their cards in the order in which
# they asked; the host with the file may take the message at once, any other after a while
_MESSAGES: Final = (
    """
WITH due AS (
  SELECT post.id, post.created_at_ms AS since_ms,
    CASE
      WHEN post.needs = 'prepare' THEN 'prepare'
      WHEN post.kind = 'film' AND post.needs = '' THEN 'join'
      WHEN post.kind IN ('film', 'result', 'panel') THEN 'upload'
      WHEN post.kind = 'review' THEN 'sheet'
      ELSE 'send'
    END AS kind,
    CASE
      WHEN post.needs = 'prepare' OR (post.kind = 'film' AND post.needs = '') THEN post.user_id
      WHEN post.channel_id <> 0 THEN post.channel_id
      ELSE post.user_id
    END AS whose
  FROM outbox AS post LEFT JOIN requests AS request ON request.id = post.request_id
  WHERE post.state = 'pending' AND post.due_at_ms <= :now_ms AND post.id NOT IN {each:excluded}
    AND (post.kind NOT IN ('result', 'review', 'film') OR post.attempt > :failures
      OR post.due_at_ms <= :nobody_ms
      OR COALESCE(CASE WHEN post.host <> '' THEN post.host
        WHEN request.result_path <> '' THEN request.result_host
        ELSE request.host END, '') IN ('', :host))
)"""  # noqa: S608 - two constants
    + _WINDOWED
)

_VISIBILITY: Final = (
    """
WITH due AS (
  SELECT showing.request_id AS id, showing.due_at_ms AS since_ms,
    CASE WHEN showing.is_edit_refused = 1 AND showing.wanted <> 'gone' THEN 'reshow'
      ELSE 'show' END AS kind,
    COALESCE(post.sent_channel_id, 0) AS whose
  FROM visibility AS showing LEFT JOIN outbox AS post
    ON post.request_id = showing.request_id AND post.kind = 'result' AND post.state <> 'dropped'
  WHERE showing.due_at_ms <= :now_ms AND showing.request_id NOT IN {each:excluded}
)"""  # noqa: S608 - two constants
    + _WINDOWED
)

PATIENCE_MS: Final = 10_000
"""How long a message with a file, or a film to be made, is left to the host that has it."""
TRUSTED: Final = 2
"""After more failures than this any other host may try as well: it may have the file."""


async def requests_due(
    tx: Transaction,
    *,
    host: str,
    now_ms: int,
    expired_ms: int,
    exclude: Collection[str],
    share: int,
    window: int,
) -> list[Due]:
    """Requests whose step this host may do now; what needs its inputs only where they lie.

    A film of shots is left to the host that has them for a while, and a lost video of one to the
    host that needs it for its film.
    Drafts made before `expired_ms` are to be ended, whatever of them was fetched.
    """
    parameters = {"excluded": list(exclude)}
    wanted = {
        "host": host,
        "now_ms": now_ms,
        "nobody_ms": now_ms - PATIENCE_MS,
        "failures": TRUSTED,
        "expired_ms": expired_ms,
        "share": share,
        "window": window,
    }
    rows = await tx.fetch_all(_REQUESTS, parameters | wanted)
    return [_due(row["id"], row["kind"], row["whose"]) for row in rows]


async def messages_due(
    tx: Transaction, *, host: str, now_ms: int, exclude: Collection[str], share: int, window: int
) -> list[Due]:
    """Messages that this host may send, or prepare, now."""
    parameters = {"excluded": list(exclude)}
    wanted = {
        "host": host,
        "now_ms": now_ms,
        "nobody_ms": now_ms - PATIENCE_MS,
        "failures": TRUSTED,
        "share": share,
        "window": window,
    }
    rows = await tx.fetch_all(_MESSAGES, parameters | wanted)
    return [_due(row["id"], row["kind"], row["whose"]) for row in rows]


async def visibility_due(
    tx: Transaction, *, now_ms: int, exclude: Collection[str], share: int, window: int
) -> list[Due]:
    """Posted videos whose message is to be changed now."""
    parameters = {"excluded": list(exclude)}
    wanted = {"now_ms": now_ms, "share": share, "window": window}
    rows = await tx.fetch_all(_VISIBILITY, parameters | wanted)
    return [_due(row["id"], row["kind"], row["whose"]) for row in rows]


def _due(row_id: str, kind: str, whose: int) -> Due:
    return Due(row_id, StepKind(kind), int(whose))
