"""What stands in forms, what comes back in them, and which pictures a message has."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.catalogue import ModelSpec
from bot.rules.links import read_links
from bot.rules.media import MediaRole, MediaSource
from bot.rules.request import MediaRef
from bot.rules.reused_media import LAST, kept_url, read_kept
from bot.services.requests.followups import replaced
from bot.services.requests.saved_forms import likeliest
from bot.ui.forms import submitted_values
from bot.ui.requests.form_fields import (
    MOST_OPTIONS,
    Filled,
    FormBuilder,
    RequestForm,
    Upload,
    kept_prompt,
    read_form,
)
from bot.ui.requests.message_attachments import pictures_of
from bot.ui.texts import Localised
from tests.ui.making import catalogue, chinese, english

BOTH = pytest.mark.parametrize("t", [english, chinese], ids=["en-US", "zh-CN"])


@BOTH
async def test_the_fullest_form_is_within_discords_limits(t: Localised) -> None:
    name = "x" * 100
    models = tuple(
        spec.model_copy(update={"name": f"{number:02}{name}"[:100]})
        for number, spec in enumerate([*catalogue, *catalogue])
    )
    filled = Filled("p" * 5000, models[0].name, 5, "16:9")
    uploads = [Upload("files", note, 10, 10) for note in ("form-files-kept", "form-files-own")]
    for upload in uploads:
        form = FormBuilder(t, "USD").build(
            RequestForm("edit", "a" * 20),
            filled,
            likeliest(models, (models[-1].name,), MOST_OPTIONS),
            title="t" * 80,
            uploads=[upload],
            model_note=t("form-model-instead", model=name),
        )
        body: Any = form.to_dict()
        assert len(body["title"]) <= 45
        assert len(body["custom_id"]) <= 100
        assert len(body["components"]) == 5
        for row in body["components"]:
            assert len(row["label"]) <= 45
            assert len(row.get("description", "")) <= 100
            options = row["component"].get("options", [])
            assert len(options) <= 25
            assert all(len(each["label"]) <= 100 >= len(each["value"]) for each in options)
        assert len(body["components"][0]["component"]["value"]) == 4000
        assert form.is_finished()


async def test_a_default_that_may_not_be_typed_is_left_out() -> None:
    spec = next(iter(catalogue))
    wide = spec.model_copy(update={"duration": spec.duration.model_copy(update={"max": 60})})

    def defaults(models: tuple[ModelSpec, ...], filled: Filled) -> dict[str, str | None]:
        new = RequestForm("create", "new")
        body: Any = FormBuilder(english, "").build(new, filled, models, title="t").to_dict()
        fields = [row["component"] for row in body["components"]]
        return {each["custom_id"]: each.get("value") for each in fields if each["type"] == 4}

    longest, longer = Filled("x", "", 999_999, "16:9"), Filled("x", "", 10**9, "1" * 21)
    assert defaults((), longest) == {"prompt": "x", "duration": "999999", "ratio": "16:9"}
    assert defaults((), longer) == {"prompt": "x", "duration": None, "ratio": None}
    assert defaults((wide,), longer) == {"prompt": "x", "duration": None}


def test_the_likeliest_models_come_first_and_those_for_assets_last() -> None:
    models = tuple(catalogue)
    wanted = ("seedance2.0-mini", "seedance2.0-std", "not-here")
    found = likeliest(models, wanted, MOST_OPTIONS)
    assert [spec.name for spec in found[:2]] == list(wanted[:2])
    assert len({spec.name for spec in found}) == len(found) == min(25, len(models))
    plain = [spec.sources.https for spec in found[2:]]
    assert plain == sorted(plain, reverse=True)


@given(st.text(min_size=1, max_size=60), st.text(max_size=50))
def test_a_truncated_prompt_is_kept_unless_changed(piece: str, sent: str) -> None:
    before = (piece * 5000)[:4500]
    assert kept_prompt(before[:4000], before) == before
    assert kept_prompt(before[:4000].replace("\n", "\r\n").strip(), before) == before
    assert kept_prompt("", before) == before
    if sent.strip() and sent.strip() != before[:4000].strip():
        assert kept_prompt(sent, before) == sent


@given(st.text(max_size=200), st.text(max_size=4000))
def test_a_prompt_that_fits_is_what_was_sent(sent: str, before: str) -> None:
    assert kept_prompt(sent, before) == sent


def test_files_keep_the_order_of_their_field() -> None:
    known = {
        str(number): {"url": f"https://cdn.example/{number}", "filename": f"{number}.png"}
        for number in (3, 1, 2)
    }
    rows = [
        {"type": 18, "component": {"custom_id": "files", "values": ["2", "3", "1", "9"]}},
        {"type": 18, "component": {"custom_id": "model", "values": []}},
        {"type": 1, "components": [{"custom_id": "prompt", "value": "hello"}]},
    ]
    data = {"components": rows, "resolved": {"attachments": known}}
    interaction: Any = SimpleNamespace(data=data)
    values = read_form(interaction, submitted_values(interaction))
    assert [file.name for file in values.files["files"]] == ["2.png", "3.png", "1.png"]
    assert (values.prompt, values.model) == ("hello", "")


def ref(role: MediaRole, name: str) -> MediaRef:
    return MediaRef(source=MediaSource.ATTACHMENT, url=f"https://x.example/{name}", role=role)


def test_a_new_frame_replaces_its_role_and_new_files_replace_all() -> None:
    first, last = ref(MediaRole.FIRST, "a"), ref(MediaRole.LAST, "b")
    other_first, other_last = ref(MediaRole.FIRST, "c"), ref(MediaRole.LAST, "d")
    plain, new = ref(MediaRole.REFERENCE, "e"), ref(MediaRole.REFERENCE, "f")
    assert replaced((first, last), {"first": (), "last": ()}) == (first, last)
    assert replaced((first, last), {"first": (other_first,)}) == (other_first, last)
    assert replaced((first,), {"last": (other_last,)}) == (first, other_last)
    assert replaced((plain, plain), {"files": (new,)}) == (new,)
    assert replaced((plain,), {"last": (other_last,)}) == (other_last,)


@given(st.text(max_size=60))
def test_typed_text_never_refers_to_a_file_of_an_earlier_request(text: str) -> None:
    for typed in (text, kept_url("abc2defghj", 0), f"{text} {kept_url('abc2defghj', LAST)}"):
        found, _ = read_links(typed)
        assert all(media.source is not MediaSource.KEPT for media in found)


def test_a_reused_files_reference_survives_a_round_trip() -> None:
    assert read_kept(kept_url("abc2defghj", 12)) == ("abc2defghj", 12)
    assert read_kept(kept_url("abc2defghj", LAST)) == ("abc2defghj", None)
    for wrong in ("kept:abc2defghj/../x", "kept:/1", "https://x.example", "kept:abc2defghj/1\n"):
        with pytest.raises(ValueError, match="kept"):
            read_kept(wrong)


def attachment(name: str, content_type: str | None) -> Any:
    size = {"size": 10, "width": 1, "height": 1}
    return SimpleNamespace(
        id=0, filename=name, content_type=content_type, url=f"https://cdn.example/{name}", **size
    )


def test_a_messages_pictures_are_attachments_embeds_and_stickers_in_that_order() -> None:
    sticker = SimpleNamespace(name="wave", url="https://cdn.example/s.png")
    sticker.format = discord.StickerFormatType.apng
    drawn = SimpleNamespace(name="dance", url="https://cdn.example/s.json")
    drawn.format = discord.StickerFormatType.lottie
    embeds = [
        discord.Embed().set_image(url="https://pics.example/one.png"),
        discord.Embed().set_thumbnail(url="https://pics.example/two.png"),
        discord.Embed().set_image(url="http://pics.example/plain.png"),
        discord.Embed(title="words alone"),
    ]
    forwarded = SimpleNamespace(
        attachments=[attachment("f.webp", None)], embeds=[], stickers=[], components=[]
    )
    message: Any = SimpleNamespace(
        attachments=[attachment("b.png", "image/png"), attachment("a.mp4", "video/mp4")],
        embeds=embeds,
        stickers=[sticker, drawn],
        components=[],
        message_snapshots=[forwarded],
    )
    urls = [media.url.rpartition("/")[2] for media in pictures_of(message)]
    assert urls == ["b.png", "one.png", "two.png", "s.png", "f.webp"]
    message.attachments = [attachment(f"{number}.png", "image/png") for number in range(12)]
    assert len(pictures_of(message)) == 10
