import pytest

from bot.demo.provider.checks import LINES, faults_of
from bot.rules.catalogue import load_catalogue

BASE: dict[str, object] = {"prompt": "a fox", "duration": 5}
IMAGE = "https://media.example/1.png"
ASSET = "asset://abc"


def faults(model: str, **fields: object) -> list[str]:
    return faults_of({"model": model, **BASE, **fields})


def test_every_model_of_the_catalogue_is_known_to_the_provider_and_no_other() -> None:
    assert set(load_catalogue().names) == set(LINES)


@pytest.mark.parametrize("model", LINES)
def test_every_model_takes_plain_text(model: str) -> None:
    assert faults(model) == []


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("seedance2.0-fast-i2v", {"images": [IMAGE] * 9}),
        ("seedance2.0-fast-i2v", {"first_image": IMAGE}),
        ("seedance2.0-md", {"first_image": IMAGE, "last_image": IMAGE, "duration": 1}),
        ("seedance2.0-md", {"reference_videos": [IMAGE] * 3}),
        ("seedance2.0-std", {"reference_audios": [IMAGE] * 3, "ratio": "21:9"}),
        ("seedance2.0-sp", {"images": [IMAGE, ASSET], "reference_audios": [ASSET]}),
        ("seedance2.0-mini-sp", {"resolution": "480p", "orientation": "portrait"}),
        ("sd2_mx_4k", {"first_image": ASSET, "ratio": "Adaptive", "duration": 12}),
        ("sd2_mx_video_2k", {"reference_videos": [ASSET]}),
    ],
)
def test_what_the_page_allows_is_taken(model: str, fields: dict[str, object]) -> None:
    assert faults(model, **fields) == []


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("seedance3.0", {}),
        ("seedance2.0-fast-i2v", {"seed": 1}),
        ("seedance2.0-fast-i2v", {"images": []}),
        ("seedance2.0-fast-i2v", {"images": None}),
        ("seedance2.0-fast-i2v", {"images": IMAGE}),
        ("seedance2.0-fast-i2v", {"images": [1]}),
        ("seedance2.0-fast-i2v", {"images": [IMAGE] * 10}),
        ("seedance2.0-fast-i2v", {"images": [ASSET]}),
        ("seedance2.0-fast-i2v", {"images": ["http://media.example/1.png"]}),
        ("seedance2.0-fast-i2v", {"images": ["https://127.0.0.1/1.png"]}),
        ("seedance2.0-fast-i2v", {"images": ["https://"]}),
        ("seedance2.0-fast-i2v", {"images": [IMAGE], "first_image": IMAGE}),
        ("seedance2.0-fast-i2v", {"first_image": [IMAGE]}),
        ("seedance2.0-fast-i2v", {"reference_videos": [IMAGE]}),
        ("seedance2.0-fast-i2v", {"reference_audios": [IMAGE]}),
        ("seedance2.0-fast-i2v", {"resolution": "720p"}),
        ("seedance2.0-fast-i2v", {"ratio": "4:3"}),
        ("seedance2.0-fast-i2v", {"duration": 16}),
        ("seedance2.0-fast-i2v", {"duration": True}),
        ("seedance2.0-fast-i2v", {"duration": "5"}),
        ("seedance2.0-fast-i2v", {"duration": 5.0}),
        ("seedance2.0-fast-i2v", {"prompt": " "}),
        ("seedance2.0-fast-i2v", {"prompt": "x" * 5001}),
        ("seedance2.0-fast-i2v", {"orientation": "square"}),
        ("seedance2.0-md", {"first_image": IMAGE}),
        ("seedance2.0-md", {"images": [IMAGE] * 5}),
        ("seedance2.0-md", {"images": ["https://media.example/1.GIF?x=1"]}),
        ("seedance2.0-md", {"reference_audios": [IMAGE]}),
        ("seedance2.0-std", {"duration": 3}),
        ("seedance2.0-std", {"first_image": IMAGE, "reference_audios": [IMAGE]}),
        ("seedance2.0-sp", {"resolution": "2k"}),
        ("seedance2.0-sp", {"ratio": "Adaptive"}),
        ("seedance2.0-sp", {"reference_audios": [IMAGE]}),
        ("seedance2.0-fast-sp", {"reference_videos": [IMAGE]}),
        ("seedance2.0-mini-sp", {"resolution": "1080p"}),
        ("sd2_mx_720p", {"images": [IMAGE]}),
        ("sd2_mx_720p", {"reference_videos": [ASSET]}),
        ("sd2_mx_720p", {"duration": 13}),
    ],
)
def test_what_the_page_forbids_is_refused(model: str, fields: dict[str, object]) -> None:
    assert faults(model, **fields)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"model": ["x"]}, {"model": None}])
def test_a_malformed_create_is_refused(body: object) -> None:
    assert faults_of(body)


def test_tests_may_serve_media_from_this_machine() -> None:
    body = {**BASE, "model": "seedance2.0-md", "images": ["http://127.0.0.1:8080/1.png"]}
    assert faults_of(body)
    assert faults_of(body, plain_links=True) == []
