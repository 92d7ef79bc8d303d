"""Immutable records of requests and their messages; times are UTC milliseconds, 0 means never."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NEVER_DUE: Final = 2**62
"""A `due_at_ms` that never comes: nothing to do until somebody sets another.

`due_at_ms` is a visibility timeout, as in SQS. While a row has no `lease_owner` it is the time from
which a worker may claim it; while it is claimed, the time at which its lease ends, and with it the
claim of a worker that died. Rows with this value are neither claimed nor released.
"""


class State(StrEnum):
    """Where a request is on its way; the words are the contract's."""

    DRAFT = "draft"
    HELD = "held"
    AUDITING = "auditing"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    RENDERED = "rendered"
    REVIEWING = "reviewing"
    POSTED = "posted"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"


ENDS: Final = frozenset({State.POSTED, State.FAILED, State.REJECTED, State.CANCELLED})
UNPOSTED_ENDS: Final = ENDS - {State.POSTED}
"""Its files are removed soon after: the member gets no video."""


@dataclass(frozen=True, slots=True)
class Request:
    """One member's request for one video, from the command to its end.

    `spec` is the checked `VideoRequest` as JSON. `due_at_ms` is when a worker should look next
    and, as a visibility timeout, the end of its lease: claiming a row moves it ahead. A provider
    slot is held while `slot_until_ms` lies ahead. `intent_at_ms` is set durably right before the
    one POST that may bill. `host` is the host that stores the inputs, `result_host` the video.
    """

    id: str
    interaction_id: int
    guild_id: int
    channel_id: int
    user_id: int
    state: State
    model: str
    seconds: int
    spec: str
    created_at_ms: int
    parent_channel_id: int = 0
    """The channel a thread belongs to; 0 outside threads."""
    locale: str = "en-US"
    guild_locale: str = "en-US"
    is_nsfw: bool = False
    """Asked in an age-restricted place: its result never leaves such places."""
    is_private: bool = False
    """Asked in a private thread, a forum's post or under an announcement: its result never falls
    back to the parent."""
    upload_limit_bytes: int = 0
    cost_micros: int | None = None
    """Price in millionths of the owner's currency; None where no price is set."""
    updated_at_ms: int = 0
    due_at_ms: int = 0
    """Its visibility timeout; see NEVER_DUE."""
    lease_owner: str = ""
    attempt: int = 0
    """Failures in a row of the present step; 0 after each move."""
    acked_at_ms: int = 0
    """When the member was acknowledged: the reply or the card succeeded."""
    prepared_at_ms: int = 0
    host: str = ""
    started_at_ms: int = 0
    """When it was last given a provider slot."""
    intent_at_ms: int = 0
    slot_until_ms: int = 0
    task_id: str = ""
    submitted_at_ms: int = 0
    progress: int = 0
    polled_at_ms: int = 0
    result_url: str = ""
    result_path: str = ""
    """Relative to the data directory; empty until the video is on our disk."""
    result_bytes: int = 0
    rendered_at_ms: int = 0
    took_ms: int = 0
    """How long the provider took, as well as can be known; forecasts are made from it."""
    ended_at_ms: int = 0
    failure: str = ""
    """Why it ended badly: a stable word the texts know (`content`, `media`, `busy` …)."""
    failure_note: str = "{}"
    """JSON: what the texts need to say it precisely (violations, limits, times)."""
    provider_text: str = ""
    """What the provider said of the failure, word for word; for logs and owners only."""
    origin: str = ""
    """What it was made from and how, such as `again:<request id>`; empty for a fresh one."""
    result_host: str = ""
    stored_bytes: int = 0
    """What its files take on a disk: as announced until they are fetched, 0 once they are gone."""
    needs_audit: bool = False
    """Its files must pass the provider's asset review before it is queued."""
    audits: int = 0
    """How often assets were reviewed anew because the provider did not know them any more."""
    audit_since_ms: int = 0
    """When its wait for the review began; the owner's limit counts from it."""
    appeal_until_ms: int = 0
    """Until when its member may appeal against the rejection, and its files are kept for that; 0:
    not at all, NEVER_DUE while an appeal waits."""
    appealed_at_ms: int = 0
    """When its member appealed, which they may once."""
    reopened_at_ms: int = 0
    """When a granted appeal let it go on; 0 for never."""
    variation_of: str = ""
    """The id of the first request of its group, which is one prompt's variations; empty outside
    groups. Of the others the `interaction_id` is negative and made of their own id."""
    variation: int = 0
    """Its place in the group, from 1."""
    variations: int = 0
    """How many the group had at first."""
    template: str = ""
    """The name of the template it was made with, as it was then; empty for none."""
    billed_micros: int | None = None
    """What the provider says its task cost, in millionths; None while it has said nothing."""
    billed_at_ms: int = 0
    """When the provider was asked for the answer that said so last."""
    is_unbilled: bool = False
    """The provider says that its task failed and cost nothing."""
    key_usage_id: int = 0
    """The last note of what the key had used when the intent was recorded; 0 where there was none.
    An order that no clock can change: that note was made before anything was sent."""
    restored_after_id: int = 0
    """After a restore: an id that Discord gave before the copy was made, behind which the result
    may have been posted already. 0: not from a copy."""
    parked_from: str = ""
    """Of an uncertain request that a restore parked: the state in which the copy had it."""
    series_of: str = ""
    """Of a shot: the id of its series. A shot shows nowhere by itself; until its turn has come it
    is `queued` without `acked_at_ms`. Its `interaction_id` is negative and made of its own id,
    unless a press made it."""
    shot: int = 0
    """Its place in its series, from 1. A shot that is tried again is a new row of the same place:
    the newest one counts."""
    shots: int = 0
    """Of a series: how many shots it has. It takes no quota and never goes to the provider; it is
    `running` from its first shot's turn until its film is made, and then on its way as any video.
    Its `result_host` is set once the film is due."""

    @property
    def is_unpassed(self) -> bool:
        """Whether it waits for a moderator to pass its prompt, or did when a restore parked it."""
        if self.state is State.UNCERTAIN:
            return self.parked_from == State.HELD
        return self.state is State.HELD

    @property
    def is_waiting_shot(self) -> bool:
        """Whether it is a shot whose turn has not come."""
        return bool(self.series_of) and self.state is State.QUEUED and not self.acked_at_ms


@dataclass(frozen=True, slots=True)
class Input:
    """One picture, clip or sound of a request, pinned by the hash of its bytes.

    `path` is relative to the data directory and empty for an `asset://` reference. `url` is where
    it came from; `provider_url` is what the provider's upload call answered.
    """

    request_id: str
    position: int
    role: str
    kind: str
    source: str
    url: str
    name: str = ""
    path: str = ""
    sha256: str = ""
    size_bytes: int = 0
    format: str = ""
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    provider_url: str = ""
    provider_url_at_ms: int = 0
    look: str = ""
    """64 bits of how a picture looks, in 16 hexadecimal digits; empty for what has no look."""


@dataclass(frozen=True, slots=True)
class SavedForm:
    """What a member gave that is no request yet: a form waits for them, or they were refused.

    `video_request` is a `VideoRequest` as JSON, unchecked; `suggestion` names a model that would
    take it, if there is one.
    """

    id: str
    guild_id: int
    user_id: int
    video_request: str
    created_at_ms: int
    suggestion: str = ""
    origin: str = ""


class MessageKind(StrEnum):
    """Every kind of message in the outbox."""

    CARD = "card"
    RESULT = "result"
    NOTICE = "notice"
    LOG = "log"
    REVIEW = "review"
    DIRECT = "direct"
    FILM = "film"
    """Several videos joined into one; its `request_id` is the last part's."""
    PANEL = "panel"
    """Offers a template in a channel for as long as it stands; of no request."""
    FORWARD = "forward"
    """A posted video forwarded to the showcase; its body names the message that is forwarded."""


class OutboxState(StrEnum):
    """Where a message is: `unknown` means it may or may not have arrived and is not sent again."""

    PENDING = "pending"
    SENT = "sent"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message to send. Its id says what it is, so enqueueing it twice sends it once.

    `intent_at_ms` is written before the first try; a row that has one and no message id may have
    arrived, so the place is searched for its marker before it is sent again.
    """

    id: str
    kind: MessageKind
    request_id: str
    guild_id: int
    channel_id: int
    user_id: int
    created_at_ms: int
    body: str = "{}"
    """JSON: `{"text": key, "params": {…}}` for notices, log lines and direct messages."""
    state: OutboxState = OutboxState.PENDING
    nonce: str = ""
    intent_at_ms: int = 0
    message_id: int = 0
    sent_channel_id: int = 0
    shown: str = ""
    """What a card shows: the request's state at the last edit that succeeded. How a film is shown:
    `plain` or `spoiler`, or `gone` once it is to go."""
    due_at_ms: int = 0
    """Its visibility timeout; see NEVER_DUE."""
    lease_owner: str = ""
    attempt: int = 0
    """Failures in a row: of sending it while pending, of changing it once it is sent."""
    sent_at_ms: int = 0
    after_id: int = 0
    """An id that Discord gave before the first try: the search for the message begins behind it,
    because our clock may be wrong. Written with the intent."""
    needs: str = ""
    """`prepare`: its file must be fetched or made first; `ready`: that is done."""
    host: str = ""
    """The machine whose disk has what was made for it."""
    aim_bytes: int = 0
    """The size to try next after Discord refused one; LINK_ONLY when every size was refused."""
    again_at_ms: int = 0
    """When a sent message that could not be changed or taken away is tried again."""


LINK_ONLY: Final = -1
"""An `aim_bytes`: no file is taken, so that the message carries a link instead."""
