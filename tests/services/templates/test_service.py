"""Templates: written by managers, used by members, whose words stay plain text."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from bot.errors import InvalidRequest, InvalidTemplate, NotAllowed, QuotaExceeded, UserError
from bot.rules.media import MediaKind, MediaSource
from bot.rules.request import MediaRef
from bot.services.caller import Caller
from bot.services.permissions import ATTACH_FILES
from bot.services.servers.channels import Place
from bot.services.templates.content import (
    MOST_TEMPLATES,
    Offer,
    TemplateContent,
    read_file,
    write_file,
)
from bot.services.templates.service import TemplateService, request_of
from bot.ui.messages import video_of
from storage.engine.transaction import Transaction
from storage.records import MessageKind, Request, State
from storage.templates import panels, templates
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import EVERYTHING, GUILD, Counter, caller, manager
from tests.support.dialects import on_postgres
from tests.support.interleaving import Meanwhile

PICTURE = MediaRef(
    source=MediaSource.ATTACHMENT,
    url="https://a.example/a.png",
    kind=MediaKind.IMAGE,
    field="image1",
)
TYPED = r"{a|b} @mia {text} \{ | end\ "


def service(counter: Counter) -> TemplateService:
    return TemplateService(
        counter.database,
        counter.models,
        counter.models_allowed,
        counter.admission,
        clock=lambda: counter.now_ms,
        draw=counter.draw,
        wakeup=lambda: None,
    )


def content(name: str = "Snow globe", **fields: object) -> TemplateContent:
    return _content({"name": name, **fields})


def _content(fields: Mapping[str, object]) -> TemplateContent:
    usual = {"name": "Snow globe", "prompt": "a globe with {text}"}
    return TemplateContent.model_validate({**usual, **fields})


async def added(templates: TemplateService, **fields: object) -> Offer:
    (written,) = await templates.write(manager(), (_content(fields),))
    return written.offer


async def make(
    counter: Counter, offer: Offer, text: str, *, who: Caller | None = None
) -> tuple[Request, ...]:
    pictures = (PICTURE,) if offer.wants_picture else ()
    video_request, origin = request_of(offer, pictures, text)
    receipt = await counter.service.create(video_request, who or caller(), origin=origin)
    return receipt.group


async def test_what_a_member_types_goes_in_as_plain_text(open_counter: OpenCounter) -> None:
    counter = open_counter()
    offer = await added(service(counter))
    (request,) = await make(counter, offer, TYPED)
    assert video_of(request).prompt == f"a globe with {TYPED.strip()}"
    assert (request.state, request.template) == (State.QUEUED, "Snow globe")


async def test_the_managers_choices_make_a_video_each_with_the_members_words(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    offer = await added(service(counter), prompt=r"a {red|{text}} globe, \{text} of {text}")
    assert (offer.count, offer.price_micros) == (2, 1_000_000)
    group = await make(counter, offer, "x|y")
    assert [video_of(each).prompt for each in group] == [
        "a red globe, {text} of x|y",
        "a x|y globe, {text} of x|y",
    ]
    assert {each.state for each in group} == {State.DRAFT}


async def test_a_members_own_prompt_keeps_the_word_in_braces(open_counter: OpenCounter) -> None:
    counter = open_counter()
    receipt = await counter.ask(prompt="a {text} globe")
    assert video_of(receipt.request).prompt == "a {text} globe"


async def test_a_template_that_wants_nothing_is_confirmed(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=1)
    offer = await added(service(counter), prompt="a globe")
    assert offer.wants_nothing
    first, second = await asyncio.gather(make(counter, offer, ""), make(counter, offer, ""))
    # a phone that is tapped twice
    assert [each.id for each in first] == [each.id for each in second]
    assert first[0].state is State.DRAFT
    done = await counter.drafts.confirm(caller(), first[0].id, shown_micros=500_000)
    assert done.request.state is State.QUEUED


async def test_64_presses_at_quotas_edge_make_exactly_what_is_left(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=10)
    offer = await added(service(counter))
    outcomes = await asyncio.gather(
        *(make(counter, offer, f"snow {number}") for number in range(64)), return_exceptions=True
    )
    refused = [each for each in outcomes if isinstance(each, BaseException)]
    # a slow database may ask some to try again
    assert all(isinstance(each, UserError) for each in refused)
    assert any(isinstance(each, QuotaExceeded) for each in refused)
    assert (len(refused), await counter.count(State.QUEUED)) == (54, 10)
    assert await counter.differences() == []


@pytest.mark.parametrize(
    ("fields", "pictures", "text", "key"),
    [
        ({}, 0, " \u200b", "refused-template-text"),
        ({"prompt": "a globe"}, 0, "words", "refused-template-no-text"),
        ({"picture": "required"}, 0, "words", "refused-template-picture"),
        ({}, 1, "words", "refused-template-no-picture"),
    ],
)
async def test_what_is_missing_or_unwanted_is_named(
    open_counter: OpenCounter, fields: dict[str, object], pictures: int, text: str, key: str
) -> None:
    offer = await added(service(open_counter()), **fields)
    with pytest.raises(UserError) as refused:
        request_of(offer, (PICTURE,) * pictures, text)
    assert refused.value.key == key


async def test_a_template_removed_under_an_open_form_is_refused_kindly(
    open_counter: OpenCounter,
) -> None:
    templates = service(open_counter())
    offer = await added(templates)
    await templates.remove(manager(), "SNOW  globe")
    for template_id in (offer.template.id, "nothing2here", "../x", ""):
        with pytest.raises(UserError) as refused:
            await templates.find(caller(), template_id)
        assert refused.value.key == "refused-template-gone"
    again = await added(templates, prompt="another {text}")
    with pytest.raises(UserError):
        await templates.find(caller(guild_id=GUILD + 1), again.template.id)


async def test_adding_a_known_name_changes_it_and_its_panels(open_counter: OpenCounter) -> None:
    counter = open_counter()
    templates = service(counter)
    offer = await added(templates)
    place = Place(20, kind="text", permissions=EVERYTHING)
    await templates.post(manager(), "snow globe", place)
    await templates.remove(manager(), "Snow globe")
    # the panel stands, so the name means the same template again
    changed = await added(templates, name="SNOW GLOBE", prompt="a bowl with {text}")
    assert changed.template.id == offer.template.id
    assert [each.template.name for each in await templates.of_server(manager())] == ["SNOW GLOBE"]
    async with counter.database.transaction() as tx:
        due = await panels.claim(tx, now_ms=counter.now_ms, until_ms=counter.now_ms + 1, limit=9)
    assert [panel.template_id for panel in due] == [offer.template.id]


async def test_one_interaction_posts_one_panel(open_counter: OpenCounter) -> None:
    counter = open_counter()
    templates = service(counter)
    await added(templates)
    who, place = manager(), Place(20, kind="text", permissions=EVERYTHING)
    await asyncio.gather(*(templates.post(who, "Snow globe", place) for _ in range(4)))
    async with counter.database.reading() as tx:
        rows = await tx.fetch_all("SELECT kind FROM outbox")
    assert [row["kind"] for row in rows] == [MessageKind.PANEL]


async def test_a_panel_stands_only_where_its_videos_can_be_posted(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    templates = service(counter)
    await added(templates)
    await counter.configure(channels=[21])
    for place, key in (
        (Place(20, kind="text", permissions=EVERYTHING), "refused-channel"),
        (Place(21, kind="voice", permissions=EVERYTHING), "refused-template-place"),
        (Place(21, kind="text", permissions=ATTACH_FILES), "refused-template-permissions"),
    ):
        with pytest.raises(UserError) as refused:
            await templates.post(manager(), "Snow globe", place)
        assert refused.value.key == key


async def test_only_managers_write(open_counter: OpenCounter) -> None:
    templates = service(open_counter())
    await added(templates)
    place = Place(20, kind="text", permissions=EVERYTHING)
    for attempt in (
        templates.write(caller(), (content("x"),)),
        templates.remove(caller(), "Snow globe"),
        templates.export(caller()),
        templates.post(caller(), "Snow globe", place),
    ):
        with pytest.raises(NotAllowed):
            await attempt


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"prompt": "{a|b|c|d|e}"}, "variations-too-many"),
        ({"ratio": "7:1"}, "ratio-not-taken"),
        ({"duration": 99}, "duration-range"),
        ({"prompt": " "}, "prompt-blank"),
    ],
)
async def test_a_template_that_no_request_could_be_made_of_is_refused(
    open_counter: OpenCounter, fields: dict[str, object], rule: str
) -> None:
    templates = service(open_counter())
    with pytest.raises(InvalidTemplate) as refused:
        await added(templates, **fields)
    assert isinstance(refused.value.cause, InvalidRequest)
    assert rule in [each.rule for each in refused.value.cause.violations]
    assert await templates.of_server(manager()) == []


async def test_a_file_is_taken_whole_or_not_at_all(open_counter: OpenCounter) -> None:
    templates = service(open_counter())
    await added(templates, picture="optional", duration=6, ratio="9:16")
    exported = write_file(await templates.export(manager()))
    assert json.loads(exported)["templates"][0]["prompt"] == "a globe with {text}"
    other = manager(guild_id=GUILD + 1)
    await templates.write(other, read_file(exported))
    assert write_file(await templates.export(other)) == exported
    wrong = (content("fine"), content("wrong", duration=99))
    with pytest.raises(InvalidTemplate, match="refused-template-in"):
        await templates.write(manager(), wrong)
    many = tuple(content(f"number {number}") for number in range(MOST_TEMPLATES))
    with pytest.raises(UserError) as refused:
        await templates.write(manager(), many)
    assert refused.value.key == "refused-template-many"
    assert len(await templates.of_server(manager())) == 1


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff\xfe", "1"),
        (b"no json", "JSON"),
        (b'{"version": 2, "templates": []}', "version"),
        (b'{"version": 1, "templates": []}', "templates"),
        (b'{"version": 1, "templates": [{"name": "x"}]}', "templates.0.prompt"),
        (b'{"version": 1, "templates": [{"name": "x", "prompt": "y", "z": 1}]}', "templates.0.z"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(data: bytes, place: str) -> None:
    with pytest.raises(UserError) as refused:
        read_file(data)
    assert refused.value.params["place"] == place


async def test_a_name_is_one_visible_line(open_counter: OpenCounter) -> None:
    templates = service(open_counter())
    for name in ("", " \u200b ", "x" * 51, "a\u202eb"):
        with pytest.raises(UserError) as refused:
            await added(templates, name=name)
        assert refused.value.key == "refused-template-name"


async def test_an_example_that_was_chosen_meanwhile_is_not_withdrawn(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    offer = await added(service(counter))

    async def example(tx: Transaction) -> str:
        found = await templates.get(tx, offer.template.id)
        assert found is not None
        return found.example_id

    async with counter.database.transaction() as tx:
        await tx.execute("UPDATE templates SET example_id = 'chosen'")
        await templates.withdraw_example(tx, offer.template.id, "hidden")
        assert await example(tx) == "chosen"
        await templates.withdraw_example(tx, offer.template.id, "chosen")
        assert await example(tx) == ""


@on_postgres
async def test_a_panel_is_not_posted_of_a_template_that_is_removed_just_then(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter()
    offer = await added(service(counter))
    place = Place(20, kind="text", permissions=EVERYTHING)
    meanwhile = Meanwhile(
        monkeypatch,
        (templates, "named"),
        lambda: service(counter).remove(manager(), "Snow globe"),
        counter.database,
    )
    await service(counter).post(manager(), "Snow globe", place)
    assert (await meanwhile.outcome()).id == offer.template.id
    async with counter.database.reading() as tx:
        # its row stays as long as its panel, which says that it is gone
        assert await templates.get(tx, offer.template.id) is not None
        assert await panels.has_any(tx, offer.template.id)
