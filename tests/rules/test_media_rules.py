import pytest

from bot.rules.media import MediaKind, MediaRole
from bot.rules.media_rules import needs_review
from tests.rules.making import (
    CATALOGUE,
    FIRST,
    LAST,
    asset,
    clip,
    faults_of,
    frame,
    link,
    picture,
    pictures,
    request,
    rules_of,
    sound,
)

MD = "seedance2.0-md"
STD = "seedance2.0-std"
SP = "seedance2.0-sp"
FAST_SP = "seedance2.0-fast-sp"
FULL = "sd2_mx_720p"
FULL_VIDEO = "sd2_mx_video_720p"


def test_the_full_family_takes_assets_and_reviews_plain_files() -> None:
    spec = CATALOGUE.require(FULL)
    for media in (picture(), link()):
        assert not faults_of(request(media, model=FULL))
        assert needs_review(spec, request(media, model=FULL))
    assert not needs_review(spec, request(asset(), model=FULL))
    assert not needs_review(CATALOGUE.require(SP), request(picture(), model=SP))
    assert not faults_of(request(asset(), asset(MediaKind.AUDIO), model=FULL))
    assert rules_of(request(asset(MediaKind.VIDEO), model=FULL)) == ["videos-not-taken"]
    assert not faults_of(request(asset(MediaKind.VIDEO), model=FULL_VIDEO))


def test_a_refused_attachment_is_shown_without_its_signed_url() -> None:
    spec = CATALOGUE.require(FULL)
    assets_only = spec.model_copy(
        update={"sources": spec.sources.model_copy(update={"https": False})}
    )
    (fault,) = faults_of(request(picture(), model=FULL), assets_only)
    assert (fault.rule, fault.field, fault.allowed) == ("asset-only", "image1", "asset://")
    assert fault.value == "image1.bin"
    assert "cdn.example" not in fault.model_dump_json()


def test_an_asset_is_refused_where_only_links_are_taken() -> None:
    (fault,) = faults_of(request(asset()))
    assert (fault.rule, fault.value, fault.allowed) == (
        "asset-not-taken",
        "asset://abc-1",
        "https://",
    )


def test_fast_i2v_takes_nine_pictures_and_neither_clip_nor_sound() -> None:
    assert not faults_of(request(*pictures(9)))
    assert rules_of(request(*pictures(9), link())) == ["references-too-many"]
    assert rules_of(request(clip(), sound())) == ["videos-not-taken", "audio-not-taken"]


def test_frames_and_reference_pictures_exclude_each_other() -> None:
    (fault,) = faults_of(request(FIRST, *pictures(2)))
    assert (fault.rule, fault.field, fault.value) == ("frames-and-references", "frames", "2")


@pytest.mark.parametrize("model", [name for name in CATALOGUE.names if name.endswith("-md")])
def test_md_takes_frames_only_as_a_pair(model: str) -> None:
    (fault,) = faults_of(request(FIRST, model=model))
    assert (fault.rule, fault.field, fault.value) == ("frames-pair-needed", "last", "first")
    (fault,) = faults_of(request(LAST, model=model))
    assert (fault.field, fault.value) == ("first", "last")
    assert not faults_of(request(FIRST, LAST, model=model))


def test_elsewhere_one_frame_is_enough() -> None:
    for spec in CATALOGUE:
        if spec.sources.https and spec.frames.takes == "single":
            assert not rules_of(request(FIRST), spec)
            assert not rules_of(request(LAST), spec)


def test_the_same_frame_twice_is_refused() -> None:
    other = link(role=MediaRole.FIRST, field="first_link")
    (fault,) = faults_of(request(FIRST, other))
    assert (fault.rule, fault.field, fault.value, fault.allowed) == (
        "frame-twice",
        "first",
        "2",
        "1",
    )


def test_a_model_without_frames_says_so() -> None:
    spec = CATALOGUE.require(STD)
    spec = spec.model_copy(update={"frames": spec.frames.model_copy(update={"takes": "no"})})
    assert rules_of(request(FIRST), spec) == ["frames-not-taken"]


def test_frames_count_as_pictures_only_where_the_model_says_so() -> None:
    for name, expected in (("seedance2.0-fast-i2v", ["images-too-many"]), (STD, [])):
        spec = CATALOGUE.require(name)
        one = spec.images.model_copy(update={"max": 1})
        assert rules_of(request(FIRST, LAST), spec.model_copy(update={"images": one})) == expected


def test_md_limits_clips_in_number_length_weight_and_side() -> None:
    fine = {"duration_s": 5.0, "size_bytes": 60_000_000, "width": 1280, "height": 720}
    clips = tuple(clip(f"video{number}", **fine) for number in (1, 2, 3))
    assert not faults_of(request(*clips, model=MD))
    heavy = {**fine, "duration_s": 5.04, "size_bytes": 66_700_000, "width": 640, "height": 4000}
    video_request = request(*clips[:2], clip("video3", **heavy), clip("video4", **heavy), model=MD)
    assert [(f.rule, f.field, f.value, f.allowed) for f in faults_of(video_request)] == [
        ("videos-too-many", "videos", "4", "3"),
        ("videos-too-long", "videos", "20.1", "15"),
        ("videos-too-large", "videos", "253.4 MB", "200 MB"),
        ("video-side", "video3", "640×4000", "720–2160"),
        ("video-side", "video4", "640×4000", "720–2160"),
    ]


@pytest.mark.parametrize(("low", "high", "allowed"), [(720, None, "≥ 720"), (None, 90, "1–90")])
def test_a_one_sided_limit_is_formatted_well(
    low: int | None, high: int | None, allowed: str
) -> None:
    spec = CATALOGUE.require(SP)
    videos = spec.videos.model_copy(update={"min_side": low, "max_side": high})
    video_request = request(clip(width=100, height=100), model=SP)
    (fault,) = faults_of(video_request, spec.model_copy(update={"videos": videos}))
    assert (fault.rule, fault.allowed) == ("video-side", allowed)


def test_a_duration_just_over_the_limit_is_not_rounded_down_to_it() -> None:
    (fault,) = faults_of(request(clip(duration_s=15.004), model=MD))
    assert fault.value == "15.1"


def test_md_refuses_a_gif_by_its_bytes_and_before_by_its_type() -> None:
    for media in (picture(format="gif"), picture(content_type="image/gif"), frame(MediaRole.FIRST)):
        gif = media.model_copy(update={"format": "gif"})
        rules = rules_of(request(gif, LAST if media.role != "reference" else FIRST, model=MD))
        assert "image-format" in rules
    assert not faults_of(request(picture(content_type="image/gif", format="png"), model=MD))
    assert not faults_of(request(picture(format="gif")))


def test_std_takes_sound_but_none_beside_frames() -> None:
    assert not faults_of(request(sound(), model=STD))
    (fault,) = faults_of(request(FIRST, sound(), model=STD))
    assert (fault.rule, fault.field, fault.value, fault.allowed) == (
        "audio-in-frames",
        "audios",
        "1",
        "0",
    )
    four = tuple(sound(f"audio{number}") for number in range(1, 5))
    assert rules_of(request(*four, model=STD)) == ["audio-too-many"]


@pytest.mark.parametrize("model", [SP, FAST_SP, "seedance2.0-of-sp", "seedance2.0-mini-sp"])
def test_sp_takes_sound_only_in_company(model: str) -> None:
    (fault,) = faults_of(request(sound(), model=model))
    assert (fault.rule, fault.allowed) == ("audio-needs-visual", "image video frame")
    for company in (picture(), FIRST, asset(), link()):
        assert not faults_of(request(sound(), company, model=model))


def test_fast_sp_takes_no_clips_while_the_other_sp_models_do() -> None:
    assert rules_of(request(clip(), model=FAST_SP)) == ["videos-not-taken"]
    assert not rules_of(request(clip(), model=SP))


def test_a_link_of_unknown_kind_counts_only_if_no_kind_has_room() -> None:
    nine = tuple(link() for _ in range(9))
    assert not faults_of(request(*nine))
    (fault,) = faults_of(request(*nine, link()))
    assert (fault.rule, fault.field, fault.value, fault.allowed) == (
        "references-too-many",
        "links",
        "10",
        "9",
    )
    assert not faults_of(request(*nine, *nine[:6], model=STD))
    assert rules_of(request(link(), FIRST)) == ["references-too-many"]
    assert not faults_of(request(link(), FIRST, model=STD))


@pytest.mark.parametrize(
    ("width", "height", "rules"),
    [
        (300, 300, []),
        (6000, 6000, []),
        (299, 400, ["image-side"]),
        (6001, 6000, ["image-side"]),
        (750, 300, []),
        (751, 300, ["image-shape"]),
        (400, 1000, []),
        (400, 1001, ["image-shape"]),
        (100, 1000, ["image-side", "image-shape"]),
    ],
)
def test_a_picture_for_the_full_family_has_the_size_its_review_takes(
    width: int, height: int, rules: list[str]
) -> None:
    assert rules_of(request(picture(width=width, height=height), model=FULL)) == rules
    assert not faults_of(request(picture(width=width, height=height), model=SP))


def test_the_full_family_takes_a_last_frame_only_with_a_first_one() -> None:
    (fault,) = faults_of(request(LAST, model=FULL))
    assert (fault.rule, fault.field) == ("frames-first-needed", "first")
    assert not faults_of(request(FIRST, model=FULL))
    assert not faults_of(request(FIRST, LAST, model=FULL))
    assert rules_of(request(FIRST, asset(MediaKind.AUDIO), model=FULL)) == ["audio-in-frames"]


def test_mini_takes_clips_under_another_name() -> None:
    assert rules_of(request(clip(), model="seedance2.0-mini")) == ["videos-not-taken"]
    assert not faults_of(request(clip(), model="seedance2.0-mini-video"))
