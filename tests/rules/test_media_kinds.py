import pytest

from bot.rules.check import model_unknown
from bot.rules.media import MediaKind, MediaRole
from bot.rules.media_kinds import (
    UPLOAD_MAX_BYTES,
    claimed_kind,
    expected_kind,
    file_too_large,
    kind_of,
    unreadable,
    wrong_kind,
)
from bot.rules.request import MediaRef
from bot.rules.violation import PARAMS
from tests.rules.making import (
    asset,
    attachment,
    clip,
    faults_of,
    frame,
    link,
    picture,
    request,
)

SP = "seedance2.0-sp"


@pytest.mark.parametrize(
    ("media", "found"),
    [
        (attachment("image1", content_type="video/mp4"), "video"),
        (attachment("image1", content_type="image/png", kind=MediaKind.VIDEO, format="mp4"), "vid"),
        (attachment("video1", content_type="image/gif"), "image"),
        (attachment("audio1", content_type="image/png"), "image"),
        (attachment("audio1", kind=MediaKind.VIDEO, format="mp4"), "video"),
        (asset(MediaKind.VIDEO, role=MediaRole.FIRST, field="first_link"), "video"),
    ],
)
def test_a_file_of_the_wrong_kind_is_one_fault_at_its_own_option(
    media: MediaRef, found: str
) -> None:
    model = SP
    company = picture("image9") if media.field == "audio1" else clip("video3")
    (fault,) = faults_of(request(media, company, model=model))
    assert (fault.rule, fault.field) == ("wrong-kind", media.field)
    assert fault.value.startswith(found)
    assert fault.allowed == expected_kind(media)


@pytest.mark.parametrize(
    "media",
    [
        attachment("image1", content_type="application/octet-stream"),
        attachment("image1"),
        attachment("image1", content_type="garbage", kind=MediaKind.IMAGE, format="png"),
        attachment("audio1", content_type="video/mp4"),
        attachment("audio1", content_type="application/ogg"),
    ],
)
def test_an_ambiguous_content_type_waits_for_the_bytes(media: MediaRef) -> None:
    assert not faults_of(request(media, clip("video3"), model=SP))


@pytest.mark.parametrize("field", ["image1", "video1", "audio1", "files", "first"])
@pytest.mark.parametrize(
    "declared",
    ["text/plain; charset=utf-8", "application/pdf", "application/zip", "text/html", "font/woff2"],
)
def test_what_is_declared_to_be_no_media_is_refused_before_anything_is_fetched(
    field: str, declared: str
) -> None:
    media = attachment(field, content_type=declared)
    if field == "first":
        media = frame(MediaRole.FIRST, content_type=declared)
    faults = [fault for fault in faults_of(request(media, model=SP)) if fault.rule == "wrong-kind"]
    assert [(fault.field, fault.value) for fault in faults] == [(field, declared.partition(";")[0])]


def test_bytes_go_before_what_was_declared() -> None:
    media = attachment("image1", content_type="text/plain", kind=MediaKind.IMAGE, format="png")
    assert not faults_of(request(media, model=SP))


@pytest.mark.parametrize(
    ("name", "declared", "told"),
    [
        ("IMG_1.DNG", "image/x-adobe-dng", "DNG"), ("a.cr2", None, "CR2"), ("b.nef", "", "NEF"),
        ("c.ARW", "image/tiff", "ARW"), ("d.jxl", "image/jxl", "JPEG XL"),
        ("e.svg", "image/svg+xml", "SVG"),
        ("f.psd", "image/vnd.adobe.photoshop", "Photoshop (PSD)"),
    ],
)  # fmt: skip
def test_an_unsupported_format_is_refused_by_name(
    name: str, declared: str | None, told: str
) -> None:
    media = attachment("image1", content_type=declared).model_copy(update={"name": name})
    (fault,) = faults_of(request(media, model=SP))
    assert (fault.rule, fault.field, fault.value) == ("format-not-taken", "image1", told)


def test_a_link_to_a_raw_photo_is_known_by_its_path() -> None:
    raw = link().model_copy(update={"url": "https://example.org/a.dng?size=1"})
    assert [fault.rule for fault in faults_of(request(raw, model=SP))] == ["format-not-taken"]


def test_the_option_says_what_a_reference_counts_as_then_its_bytes_then_its_type() -> None:
    assert kind_of(attachment("image3", content_type="video/mp4")) is MediaKind.IMAGE
    assert kind_of(attachment("files", content_type="video/mp4")) is MediaKind.VIDEO
    assert kind_of(link(kind=MediaKind.AUDIO)) is MediaKind.AUDIO
    assert kind_of(link()) is None
    assert kind_of(frame(MediaRole.LAST)) is MediaKind.IMAGE
    assert claimed_kind(attachment(content_type="text/html")) is None


def test_a_file_over_the_upload_calls_limit_is_refused() -> None:
    assert not faults_of(request(picture(size_bytes=UPLOAD_MAX_BYTES)))
    (fault,) = faults_of(request(picture(size_bytes=UPLOAD_MAX_BYTES + 1)))
    assert (fault.rule, fault.field, fault.value, fault.allowed) == (
        "file-too-large",
        "image1",
        "100.1 MB",
        "100 MB",
    )


def test_what_the_bytes_show_later_has_the_same_form() -> None:
    text = attachment("image2")
    assert wrong_kind(text).model_dump() == {
        "field": "image2",
        "rule": "wrong-kind",
        "value": "",
        "allowed": "image",
        "params": {"name": "image2.bin"},
    }
    assert wrong_kind(link(), "html").allowed == "image video audio"
    assert wrong_kind(link(field="")).field == "links"
    assert (
        unreadable(
            frame(
                MediaRole.LAST,
            ).model_copy(update={"field": ""})
        ).field
        == "last"
    )
    assert unreadable(text, "png").value == "png"
    assert file_too_large(text, 31_450_000, 30_000_000).value == "31.5 MB"
    for fault in (wrong_kind(text), unreadable(text), file_too_large(text, 1), model_unknown("x")):
        assert set(fault.params) == set(PARAMS[fault.rule])
