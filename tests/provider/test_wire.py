import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.provider.checks import faults_of
from bot.provider.wire import create_body
from bot.rules.catalogue import load_catalogue
from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest

CATALOGUE = load_catalogue()


def reference(kind: MediaKind | None, role: MediaRole = MediaRole.REFERENCE) -> MediaRef:
    return MediaRef(source=MediaSource.ATTACHMENT, url="https://cdn/x", kind=kind, role=role)


def test_text_only_sends_no_list_and_no_null() -> None:
    request = VideoRequest(prompt="a fox", model="seedance2.0-fast-i2v", duration=5, ratio="16:9")
    body = create_body(CATALOGUE.require("seedance2.0-fast-i2v"), request, [])
    assert body == {
        "model": "seedance2.0-fast-i2v",
        "prompt": "a fox",
        "duration": 5,
        "ratio": "16:9",
    }


def test_references_go_to_their_lists_in_order() -> None:
    media = (
        reference(MediaKind.IMAGE),
        reference(MediaKind.VIDEO),
        reference(MediaKind.IMAGE),
        reference(MediaKind.AUDIO),
    )
    request = VideoRequest(
        prompt="p", model="seedance2.0-sp", duration=5, ratio="1:1", resolution="480p", media=media
    )
    body = create_body(CATALOGUE.require("seedance2.0-sp"), request, ["i1", "v1", "i2", "a1"])
    assert body["images"] == ["i1", "i2"]
    assert body["reference_videos"] == ["v1"]
    assert body["reference_audios"] == ["a1"]
    assert body["resolution"] == "480p"
    assert not {"first_image", "last_image", "orientation"} & body.keys()


def test_frames_go_to_their_own_fields() -> None:
    media = (
        reference(MediaKind.IMAGE, MediaRole.LAST),
        reference(MediaKind.IMAGE, MediaRole.FIRST),
    )
    request = VideoRequest(prompt="p", model="seedance2.0-md", duration=5, ratio="1:1", media=media)
    body = create_body(CATALOGUE.require("seedance2.0-md"), request, ["last", "first"])
    assert (body["first_image"], body["last_image"]) == ("first", "last")
    assert "images" not in body


def test_a_fixed_output_sends_no_resolution() -> None:
    request = VideoRequest(
        prompt="p", model="sd2_mx_4k", duration=5, ratio="Adaptive", resolution="4k"
    )
    assert "resolution" not in create_body(CATALOGUE.require("sd2_mx_4k"), request, [])


def test_an_unsettled_request_is_not_sent() -> None:
    spec = CATALOGUE.require("seedance2.0-sp")
    with pytest.raises(ValueError, match="settled"):
        create_body(spec, VideoRequest(prompt="p", model=spec.name), [])
    unknown = VideoRequest(prompt="p", model=spec.name, duration=5, media=(reference(None),))
    with pytest.raises(ValueError, match="kind"):
        create_body(spec, unknown, ["x"])
    with pytest.raises(ValueError, match="zip"):
        create_body(spec, unknown, [])


@given(st.data())
def test_the_provider_takes_every_plain_request_of_every_model(data: st.DataObject) -> None:
    spec = data.draw(st.sampled_from(list(CATALOGUE)))
    link = "asset://id{}" if spec.sources.reviewed else "https://media.example/{}.png"
    count = data.draw(st.integers(0, spec.images.max))
    request = VideoRequest(
        prompt=data.draw(st.text(min_size=1).filter(lambda text: text.strip() == text)),
        model=spec.name,
        duration=data.draw(st.integers(spec.duration.min, spec.duration.max)),
        ratio=data.draw(st.sampled_from(spec.ratios)),
        resolution=data.draw(st.sampled_from(spec.resolutions or (spec.default_resolution,))),
        media=(reference(MediaKind.IMAGE),) * count,
    )
    assert faults_of(create_body(spec, request, [link.format(n) for n in range(count)])) == []
