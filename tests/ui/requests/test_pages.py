"""Private pages: what was taken, one's own requests, models, help; complete in both languages."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.rules.catalogue import load_catalogue
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.caller import Progress, Receipt, RequestPage, RequestView
from bot.ui.requests import model_descriptions, pages
from bot.ui.requests.models import models_view
from bot.ui.texts import Localised
from storage.records import Input, Request, State
from tests.ui.making import ID, NOW_MS, catalogue, chinese, english, request, services

BOTH = pytest.mark.parametrize("t", [english, chinese], ids=["en-US", "zh-CN"])


def video(request: Request) -> VideoRequest:
    return VideoRequest.model_validate_json(request.spec)


def view(state: State = State.QUEUED, **changes: Any) -> RequestView:
    made = request(state, **changes)
    return RequestView(made, video(made), Progress("soon", 3))


def receipt(**changes: Any) -> Receipt:
    made = request()
    return Receipt(made, video(made), is_new=True, **changes)


def words(embed: discord.Embed) -> str:
    parts = [embed.title or "", embed.description or "", embed.footer.text or ""]
    return "\n".join(parts + [f"{field.name}\n{field.value}" for field in embed.fields])


@BOTH
def test_a_receipt_has_price_remaining_quota_and_warnings(t: Localised) -> None:
    advice = Violation(
        field="image1",
        rule="picture-side",
        value="200×200",
        allowed="300–6000",
        params={"name": "a.png"},
    )
    taken = receipt(price_micros=350_000, left=3, warnings=(advice,))
    text = pages.receipt(taken, catalogue, "USD", t)
    for word in ("0.35", "3", "`200×200`", "300–6000", "`a.png`", f"`{ID}`", t("taken")):
        assert word in text


def test_a_receipt_without_limit_or_price_omits_them() -> None:
    text = pages.receipt(receipt(), catalogue, "USD", english)
    assert "cost" not in text
    assert "more videos right now" not in text


@BOTH
@pytest.mark.parametrize("left", [0, 1, 5])
def test_the_remaining_quota_has_plurals(left: int, t: Localised) -> None:
    assert t("taken-left", left=left) in pages.receipt(receipt(left=left), catalogue, "", t)


@BOTH
@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_listed_and_shown(state: State, t: Localised) -> None:
    one = replace(view(state, failure="busy", progress=5), message_url="https://discord.com/x")
    listed = words(pages.list_page(RequestPage((one,)), t))
    shown = words(pages.show_page(one, catalogue, "USD", t))
    for text in (listed, shown):
        assert ID in text
        assert "a red fox" in text
        assert "(https://discord.com/x)" in text
    assert (t("failure-busy") in shown) is (state is State.FAILED)
    assert (t("list-queue", position=3) in listed) is (state is State.QUEUED)


@BOTH
def test_a_full_page_of_the_longest_prompts_fits(t: Localised) -> None:
    one = replace(view(prompt="*_|" * 1600), message_url="https://discord.com/" + "x" * 80)
    assert len(words(pages.list_page(RequestPage((one,) * 10), t))) <= 4096
    shown = pages.show_page(one, catalogue, "USD", t)
    assert len(shown.description or "") <= 4096
    assert len(shown) <= 6000


def test_files_are_described_by_role_and_kind() -> None:
    files = (
        Input(ID, 0, "first", "image", "attachment", "https://x", name="a.png"),
        Input(ID, 1, "reference", "video", "link", "https://x.example/b.mp4"),
        Input(ID, 2, "reference", "", "link", "https://x.example/c"),
    )
    text = words(pages.show_page(replace(view(), inputs=files), catalogue, "", english))
    assert "first frame `a.png`" in text
    assert "clip `https://x.example/b.mp4`" in text
    assert "file `https://x.example/c`" in text


def test_a_cost_is_shown_where_there_is_one() -> None:
    assert "$1.50" in words(pages.show_page(view(cost_micros=1_500_000), catalogue, "USD", english))


@BOTH
def test_every_model_is_described_in_two_lines(t: Localised) -> None:
    models = tuple(catalogue)
    for spec in models:
        text = model_descriptions.described(spec, models[0].name, "", t)
        for word in (f"**`{spec.name}`**", spec.default_resolution[-1]):
            assert word in text
        assert len(text.splitlines()) == 2
        assert (t("models-default") in text.splitlines()[0]) is (spec is models[0])
        assert len(model_descriptions.model_label(spec, "USD", t)) <= 100
        assert t.has(f"family-{spec.family.lower().replace(' ', '-').replace(',', '')}")
        assert model_descriptions.option(spec, t).description


def test_a_page_beyond_the_end_shows_the_last_one() -> None:
    models = tuple(catalogue)
    last = model_descriptions.page_count(models) - 1

    def page(number: int) -> tuple[model_descriptions.Shown, ...]:
        return model_descriptions.page_of(models, number, models[0].name, "", english)

    assert page(99) == page(last)
    assert not model_descriptions.page_of((), 3, "", "", english)


def test_few_models_fit_one_page() -> None:
    few = tuple(catalogue)[: model_descriptions.PER_PAGE]
    assert model_descriptions.page_count(few) == 1
    assert [spec for spec, _ in model_descriptions.page_of(few, 0, "", "", english)] == list(few)


def test_an_empty_model_list_says_whom_to_ask() -> None:
    assert "Ask a server manager" in model_descriptions.head((), 0, (), english)
    assert "Ask a server manager" not in model_descriptions.head(tuple(catalogue), 0, (), english)


@BOTH
async def test_the_longest_models_fit_a_layout(t: Localised, tmp_path: Path) -> None:
    """Names, resolutions and prices as long as the file of models takes them."""
    names = [f"{number:x}{'m' * 99}" for number in range(model_descriptions.PER_PAGE)]
    outputs = [f"{number}{'w' * 58}" for number in range(9)]
    listed = ", ".join(f'"{each}"' for each in outputs)
    costs = ", ".join(f'"{each}" = "0.000000000001"' for each in outputs)
    file = tmp_path / "models.toml"
    file.write_text(
        "".join(
            f'[models."{name}"]\nlike = "seedance2.0-sp"\n'
            f'output = {{ resolutions = [{listed}], default = "{outputs[0]}" }}\n'
            f"price = {{ per_second_by_resolution = {{ {costs} }} }}\n"
            for name in names
        )
    )
    specs = [load_catalogue(file).require(name) for name in names]
    shown = model_descriptions.page_of(specs, 0, names[0], "USD", t)
    head = model_descriptions.head(specs, 0, ["x" * 380], t)
    view = models_view(head, shown, 1, 9, t)
    assert view.content_length() <= 4000
    assert len(list(view.walk_children())) <= 40
    assert all(f"**`{name}`**" in text for name, (_, text) in zip(names, shown, strict=True))


def test_prices_are_shown_as_they_are_billed(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text(
        '[models."seedance2.0-fast-i2v".price]\nper_task = "0.35"\n'
        '[models.sd2_mx_720p.price]\nper_second = "0.1"\n'
        '[models."seedance2.0-sp".price]\n'
        'per_second_by_resolution = { "480p" = "0.05", "720p" = "0.1", "1080p" = "0.2" }\n'
    )
    priced = load_catalogue(file)
    of = {spec.name: model_descriptions.prices(spec, "USD", english) for spec in priced}
    assert of["seedance2.0-fast-i2v"] == "$0.35 per video"
    assert of["sd2_mx_720p"] == "$0.10 per second"
    assert of["seedance2.0-sp"].startswith("480p: $0.05 per second · 720p: $0.10 per second")
    assert not of["seedance2.0-mini"]
    label = model_descriptions.model_label(priced.require("seedance2.0-fast-i2v"), "USD", english)
    assert label.startswith("seedance2.0-fast-i2v · $0.35 per video · 720p · 1–15 s")
    assert english.money(Decimal("0.35"), "") == "0.35"


@BOTH
def test_help_tells_the_essentials(t: Localised) -> None:
    told = replace(services(), privacy_url="https://p.example", terms_url="https://t.example")
    text = words(pages.help_page(told, "seedance2.0-md", t))
    for word in ("/video create", "`seedance2.0-md`", "https://p.example", "https://t.example"):
        assert word in text
    commands = ("frames", "models", "list", "show", "cancel", "top", "mydata")
    assert all(f"`/video {name}`" in text for name in commands)
    assert "`/quota`" in text
    buttons = ("again", "edit", "continue", "join", "more", "info", "copy-prompt", "delete")
    for button in (*buttons, "make-mine", "appeal"):
        assert t(f"button-{button}") in text
    assert "⭐" in text
    assert re.search(r"`[^`]*\{.+\|.+\}[^`]*`", text)
    assert "p.example" not in words(pages.help_page(services(), "x", t))


@BOTH
@pytest.mark.parametrize("state", list(State))
def test_autocomplete_lines_of_requests_fit(state: State, t: Localised) -> None:
    label = pages.request_label(request(state, prompt="🦊 *x* " * 60, progress=3), t)
    assert label.startswith(ID)
    assert len(label) <= 100
    assert "\\" not in label


def test_times_are_discord_timestamps() -> None:
    assert f"<t:{NOW_MS // 1000}:f>" in words(pages.show_page(view(), catalogue, "", english))
