"""What was decided before: of a member, and of the same words and pictures, whoever sent them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.rules.request import VideoRequest
from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.moderation import audit_log, decided_content
from storage.moderation.audit_log import Action, Decision
from storage.moderation.decided_content import DecidedContent
from storage.moderation.reviews import Review, ReviewState
from storage.privacy.pseudonyms import keyed_hash, pseudonym_of
from storage.records import Input, Request

KEPT_MS: Final = 90 * DAY_MS
"""How long what was decided is found again."""
RECENT: Final = 3
"""How many of a member's last decisions a card shows."""
LOOK_DISTANCE: Final = 5
"""So many of the 64 bits of a look may differ between like pictures."""
BANDS: Final = ((0, 11), (11, 11), (22, 11), (33, 11), (44, 10), (54, 10))
"""First bit and width of each part of a look: one more than may differ, so that like pictures have
at least one part in common by which they are found."""

_ON_MEMBERS: Final = (
    *(Action.APPROVED, Action.APPROVED_SPOILER, Action.REJECTED, Action.TAKEN_DOWN),
    *(Action.APPEAL_GRANTED, Action.APPEAL_DENIED),
)
_NO_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many other requests moderators approved and rejected."""

    approved: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Precedents:
    """What a review card says of earlier decisions, in one server."""

    recent: Sequence[Decision] = ()
    """The last ones about the member, newest first."""
    same_words: Tally = field(default_factory=Tally)
    same_file: Tally = field(default_factory=Tally)
    like_picture: Tally = field(default_factory=Tally)
    """Pictures that look alike and are not the same file."""


async def precedents_of(tx: Transaction, request: Request, inputs: Sequence[Input]) -> Precedents:
    """What was decided before about a request's member, words and files."""
    recent = await audit_log.page(
        tx, request.guild_id, limit=RECENT, user_id=request.user_id, actions=_ON_MEMBERS
    )
    ways = await _ways(tx, request, inputs)
    lookups = [lookup for lookup, _ in ways]

    async def found(kind: str) -> list[DecidedContent]:
        # each kind by itself: many pictures share a part of their looks
        wanted = [lookup for lookup in lookups if lookup.startswith(kind)]
        return await decided_content.find(tx, request.guild_id, wanted, but=request.id)

    same_words = {each.request_id: each for each in await found("words:")}
    same_file = {each.request_id: each for each in await found("file:")}
    looks = [row.look for row in inputs if row.look]
    alike = {
        each.request_id: each
        for each in await found("look")
        if each.request_id not in same_file
        and any(distance(each.hash, look) <= LOOK_DISTANCE for look in looks)
    }
    return Precedents(
        recent=tuple(recent),
        same_words=_tally(same_words.values()),
        same_file=_tally(same_file.values()),
        like_picture=_tally(alike.values()),
    )


async def remember(
    tx: Transaction, review: Review, request: Request, inputs: Sequence[Input]
) -> None:
    """Remember a moderator's decision by the request's words and files; no time-out's."""
    if not review.decided_by:
        return
    # makes the key of the hashes, if there is none yet
    await pseudonym_of(tx, request.user_id)
    outcome = "rejected" if review.state is ReviewState.REJECTED else "approved"
    for lookup, whole in await _ways(tx, request, inputs):
        await decided_content.put(
            tx,
            DecidedContent(
                request_id=request.id,
                lookup=lookup,
                guild_id=request.guild_id,
                hash=whole,
                outcome=outcome,
                at_ms=review.decided_at_ms,
            ),
        )


def folded(prompt: str) -> str:
    """A prompt's words alone: without case, signs and differences of width."""
    plain = unicodedata.normalize("NFKC", prompt).casefold()
    return _NO_WORD.sub(" ", plain).strip()


def distance(one: str, other: str) -> int:
    """In how many bits two looks differ; both are hexadecimal."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def look_lookups(look: str) -> list[str]:
    """What like pictures are found by: the parts of a look, of which they share at least one."""
    bits = int(look, 16)
    return [
        f"look{number}:{bits >> first & (1 << width) - 1:x}"
        for number, (first, width) in enumerate(BANDS)
    ]


async def _ways(
    tx: Transaction, request: Request, inputs: Sequence[Input]
) -> list[tuple[str, str]]:
    """Each way to find a request again, with the whole hash behind it."""
    ways: list[tuple[str, str]] = []
    if words := folded(VideoRequest.model_validate_json(request.spec).prompt):
        # a plain hash of few words could be guessed
        hashed = await keyed_hash(tx, words)
        ways += [(f"words:{hashed}", hashed)] if hashed else []
    for row in inputs:
        if row.sha256:
            ways.append((f"file:{row.sha256}", row.sha256))
        if row.look:
            ways += [(lookup, row.look) for lookup in look_lookups(row.look)]
    return list(dict.fromkeys(ways))


def _tally(found: Iterable[DecidedContent]) -> Tally:
    outcomes = [each.outcome for each in found]
    return Tally(outcomes.count("approved"), outcomes.count("rejected"))
