"""Kind of a media reference: expected by the option, claimed by the type, or read from bytes."""

from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef
from bot.rules.violation import Violation, megabytes

UPLOAD_MAX_BYTES = 100_000_000
"""Size limit of the provider's upload call, per file."""
_OTHER_FAMILIES = frozenset({"text", "font", "model", "message", "multipart", "chemical"})
_VAGUE_TYPES = frozenset(
    {
        "application/octet-stream",
        "application/ogg",
        "application/mp4",
        "application/mxf",
        "application/x-matroska",
        "application/vnd.ms-asf",
        "application/vnd.rn-realmedia",
    }
)


def expected_kind(media: MediaRef) -> MediaKind | None:
    """The kind an option expects; None if it accepts any (`links`, a form's files)."""
    if media.role is not MediaRole.REFERENCE:
        return MediaKind.IMAGE
    word = media.field.rstrip("0123456789")
    return MediaKind(word) if word in set(MediaKind) else None


def claimed_kind(media: MediaRef) -> MediaKind | None:
    """The kind by content type, which Discord derives from the file name and may be wrong."""
    word = (media.content_type or "").partition("/")[0].strip().lower()
    return MediaKind(word) if word in set(MediaKind) else None


def declared_other(media: MediaRef) -> str:
    """The content type if it declares a file that is not media; otherwise empty.

    Some `application/` types are media; those and unknown types wait for the bytes.
    """
    if media.format is not None or media.source is MediaSource.ASSET:
        return ""
    word = (media.content_type or "").partition(";")[0].strip().lower()
    family = word.partition("/")[0]
    is_other = family in _OTHER_FAMILIES or (family == "application" and word not in _VAGUE_TYPES)
    return word if is_other and media.kind is None else ""


def kind_of(media: MediaRef) -> MediaKind | None:
    """The kind a reference counts as; None for a link not fetched yet.

    The option comes first, so that a clip in a picture option is one violation, not two.
    """
    return expected_kind(media) or media.kind or claimed_kind(media)


def mismatch(media: MediaRef) -> Violation | None:
    """Violation for a file of the wrong kind for its option, if already known.

    Until the bytes are read, a sound may be in a container named like a video, so that case waits.
    """
    other = declared_other(media)
    if other:
        return wrong_kind(media, other)
    expected = expected_kind(media)
    found = media.kind or claimed_kind(media)
    if expected is None or found is None or found is expected:
        return None
    is_seen = media.format is not None or media.source is MediaSource.ASSET
    if not is_seen and expected is MediaKind.AUDIO and found is MediaKind.VIDEO:
        return None
    return wrong_kind(media, found.value)


def wrong_kind(media: MediaRef, found: str = "") -> Violation:
    """Violation for a file of another kind than its option accepts, or not media at all.

    `found` is a kind, a format or empty.
    """
    expected = expected_kind(media)
    allowed = [expected] if expected else list(MediaKind)
    return Violation(
        field=field_of(media),
        rule="wrong-kind",
        value=found,
        allowed=" ".join(allowed),
        params={"name": media.name},
    )


def unreadable(media: MediaRef, format_name: str = "") -> Violation:
    """Violation for a damaged file of the right kind."""
    return Violation(
        field=field_of(media),
        rule="file-unreadable",
        value=format_name,
        params={"name": media.name},
    )


def file_too_large(
    media: MediaRef, size_bytes: int, limit_bytes: int = UPLOAD_MAX_BYTES
) -> Violation:
    """Violation for a file over the size limit, also when its download was stopped at the cap."""
    return Violation(
        field=field_of(media),
        rule="file-too-large",
        value=megabytes(size_bytes),
        allowed=megabytes(limit_bytes),
        params={"name": media.name},
    )


def shown(media: MediaRef) -> str:
    """How to show a reference: its name, or its URL without the query.

    Notices are public, and a query can be a signature.
    """
    if media.source in (
        MediaSource.ATTACHMENT,
        MediaSource.KEPT,
        MediaSource.SHOT,
        MediaSource.CAST,
    ):
        return media.name
    address, mark, _ = media.url.partition("?")
    return f"{address[:97]}?…" if mark else address[:100]


def field_of(media: MediaRef) -> str:
    """The option to report a violation for."""
    if media.field:
        return media.field
    return media.role.value if media.role is not MediaRole.REFERENCE else "links"
