"""Who may add which names, what is refused, and what a request makes of them; on both databases."""

import asyncio
import secrets
from typing import Any

import pytest

from bot.errors import InvalidRequest, UserError
from bot.rules.cast import fold
from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.reused_media import kept_url
from bot.services.caller import Caller
from bot.services.cast.resolve import require_cast
from bot.services.cast.service import MOST_OF_SERVER, MOST_OWN, CastService
from bot.services.cast.views import CastView
from bot.services.moderation import hold_policy
from bot.services.privacy.erasure import forget_member, forget_server
from bot.services.privacy.my_data import MyDataService
from bot.services.requests.followups import FollowUpService, changed, repeat
from storage.cast import entries, leases
from storage.cast.entries import CastEntry, CastState
from storage.moderation import audit_log, words
from storage.moderation.words import Word
from storage.privacy import retention
from storage.records import NEVER_DUE, Input, State
from storage.requests import inputs, requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, GUILD, NOW_MS, Counter, caller, moderator


def picture(**fields: Any) -> MediaRef:
    usual = {"source": MediaSource.ATTACHMENT, "url": "https://cdn.example/fox.png?ex=1"}
    return MediaRef(**{**usual, "field": "image1", "name": "fox.png", "size_bytes": 100, **fields})


def service(counter: Counter) -> CastService:
    return CastService(
        counter.database,
        counter._admission(),
        clock=lambda: counter.now_ms,
        draw=secrets.randbelow,
        wakeup=lambda: None,
        erased=lambda: None,
    )


async def fetched(counter: Counter, view: CastView, *, size_bytes: int = 120) -> None:
    """What a worker records of an entry's pictures."""
    async with counter.database.transaction() as tx:
        (held,) = await leases.claim(
            tx, [view.entry.id], owner="w", now_ms=counter.now_ms, lease_ms=1000
        )
        rows = [
            entries.CastPicture(
                cast_id=row.cast_id,
                position=row.position,
                source=row.source,
                url=row.url,
                name=row.name,
                path=f"cast/{row.cast_id}/{row.position}",
                sha256="a" * 64,
                size_bytes=size_bytes,
                format="png",
                width=640,
                height=640,
            )
            for row in view.pictures
        ]
        await entries.ready(tx, held, rows, "here")


async def added(
    counter: Counter, name: str, who: Caller | None = None, *, number: int = 1, **more: Any
) -> CastView:
    pictures = [picture(**more.pop("media", {})) for _ in range(number)]
    view = await service(counter).add(who or caller(), name, pictures, **more)
    await fetched(counter, view)
    return view


async def stored(counter: Counter, entry_id: str) -> CastEntry | None:
    async with counter.database.reading() as tx:
        return await entries.get(tx, entry_id)


async def refusal(asked: Any) -> str:
    with pytest.raises(UserError) as refused:
        await asked
    return refused.value.key


async def broken(asked: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as refused:
        await asked
    return [(fault.rule, fault.value) for fault in refused.value.violations]


async def test_a_name_is_its_owners_alone_and_unique_without_case(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await added(counter, "@Fox")
    assert await refusal(service(counter).add(caller(), "fOX", [picture()])) == "refused-cast-there"
    await added(counter, "fox", caller(BOB))
    await added(counter, "FOX", moderator(), owner="server")
    found = await service(counter).all(caller(guild_id=11))
    assert [view.entry.name for view in found.own] == ["Fox"]
    assert found.of_server == ()
    here = await service(counter).all(caller())
    assert [view.entry.name for view in here.of_server] == ["FOX"]
    assert (await service(counter).show(caller(), "fox")).entry.user_id == ALICE
    assert (await service(counter).show(caller(99), "fox")).entry.guild_id == GUILD


async def test_what_cannot_be_added_is_refused_with_the_rule(open_counter: OpenCounter) -> None:
    counter = open_counter()
    cast = service(counter)
    assert await refusal(cast.add(caller(), "a b", [picture()])) == "refused-cast-name"
    assert await refusal(cast.add(caller(), "everyone", [picture()])) == "refused-cast-name"
    assert await refusal(cast.add(caller(), "fox", [])) == "refused-cast-none"
    assert await refusal(cast.add(caller(), "fox", [picture()] * 5)) == "refused-cast-many"
    others = cast.add(caller(), "fox", [picture()], is_others=True)
    assert await refusal(others) == "refused-cast-others"
    theirs = cast.add(caller(), "fox", [picture()], "server")
    assert await refusal(theirs) == "refused-moderators-only"
    much = [picture(size_bytes=10**12)]
    assert await refusal(cast.add(caller(), "fox", much)) == "refused-member-room"
    await counter.configure(remix="everyone")
    await cast.add(caller(), "fox", [picture()], is_others=True)


@pytest.mark.usefixtures("patient_pool")
async def test_limits_hold_however_many_are_added_at_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    cast = service(counter)
    tries = [cast.add(caller(), f"fox{n}", [picture()]) for n in range(MOST_OWN + 3)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, UserError)]
    assert [each.key for each in refused] == ["refused-cast-full"] * 3
    async with counter.database.transaction() as tx:
        for number in range(MOST_OF_SERVER):
            name = f"owl{number}"
            entry = CastEntry(f"owl{number:07}", GUILD, 0, name, name, CastState.READY, NOW_MS)
            await entries.add(tx, entry, [])
    full = cast.add(moderator(), "owl", [picture()], "server")
    assert await refusal(full) == "refused-cast-full"


async def test_the_servers_cast_passes_nothing_that_the_server_would_hold(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    cast = service(counter)
    linked = picture(source=MediaSource.LINK, field="links")
    async with counter.database.transaction() as tx:
        await words.add(tx, Word(GUILD, "fox", "fox", BOB, NOW_MS))
    await counter.configure(hold_links=True, review_channel=5)
    word = cast.add(moderator(), "fox", [picture()], "server")
    assert await refusal(word) == "refused-cast-word"
    link = cast.add(moderator(), "owl", [linked], "server")
    assert await refusal(link) == "refused-cast-link"
    # what is a member's own is held when it is used
    await added(counter, "fox")
    await added(counter, "owl", media={"source": MediaSource.LINK, "field": "links"})
    for prompt in ("@fox", "@owl"):
        assert (await counter.ask(prompt=prompt)).request.state is State.HELD


async def test_the_history_tells_who_changed_the_servers_cast(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await added(counter, "fox", moderator(), owner="server")
    assert await refusal(service(counter).remove(caller(), "fox")) == "refused-moderators-only"
    await service(counter).remove(moderator(), "Fox")
    async with counter.database.reading() as tx:
        decisions = await audit_log.page(tx, GUILD, limit=9)
    assert [(each.action, each.note) for each in decisions] == [
        ("cast-removed", "fox"),
        ("cast-added", "fox"),
    ]


async def test_a_name_in_the_prompt_adds_its_pictures_and_is_worded(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await added(counter, "Fox", number=2)
    await added(counter, "owl", moderator(), owner="server")
    asked = await counter.ask(
        prompt="@owl meets @fox, @nobody and @FOX", media=(picture(field="image1"),)
    )
    video = asked.video
    assert video.prompt == "image 2 meets image 3, image 4, @nobody and image 3, image 4"
    assert video.shown_prompt == "@owl meets @fox, @nobody and @FOX"
    assert [media.cast for media in video.media] == [None, "owl", "Fox", "Fox"]
    assert asked.request.host == "here"
    assert asked.request.stored_bytes == 100 + 3 * 120


async def test_the_option_adds_names_after_those_of_the_prompt(open_counter: OpenCounter) -> None:
    counter = open_counter()
    for name in ("fox", "owl"):
        await added(counter, name)
    asked = await counter.ask(prompt="@owl dances", cast=("fox", "OWL"))
    assert asked.video.prompt == "image 1 dances\nfox: image 2"
    assert await broken(counter.ask(prompt="a dance", cast=("cat",))) == [("cast-unknown", "@cat")]


async def test_ones_own_name_goes_before_the_servers(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await added(counter, "fox", moderator(), owner="server", number=2)
    await added(counter, "fox")
    assert (await counter.ask(prompt="@fox")).video.prompt == "image 1"
    assert (await counter.ask(caller(BOB), prompt="@fox")).video.prompt == "image 1, image 2"


async def test_what_is_wrong_with_names_is_said(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await service(counter).add(caller(), "new", [picture()])
    await added(counter, "fox", number=4)
    assert await broken(counter.ask(prompt="@new")) == [("cast-not-ready", "@new")]
    frame = picture(role=MediaRole.FIRST, field="first", kind=MediaKind.IMAGE)
    assert await broken(counter.ask(prompt="@fox", media=(frame,))) == [("cast-in-frames", "@fox")]
    six = tuple(picture(field=f"image{number}") for number in range(1, 7))
    assert await broken(counter.ask(prompt="@fox", media=six)) == [("cast-too-many", "10")]


async def test_a_removed_name_is_unknown_but_requests_under_way_keep_its_files(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    view = await added(counter, "fox")
    asked = await counter.ask(prompt="@fox")
    request = asked.request
    await service(counter).remove(caller(), "fox")
    async with counter.database.transaction() as tx:
        # one that was looked up before and would be recorded after, or brings its own pictures
        with pytest.raises(UserError, match="refused-cast-left"):
            await require_cast(tx, asked.video)
    assert (await counter.ask(prompt="@fox")).video.prompt == "@fox"
    async with counter.database.transaction() as tx:
        waits = {"before_ms": counter.now_ms + 1, "limit": 9}
        assert await entries.unused(tx, "here", **waits) == []
        await requests.note(tx, request.id, source=request.state, owner="", prepared_at_ms=1)
        await requests.move(
            tx,
            request.id,
            source=request.state,
            target=State.CANCELLED,
            now_ms=counter.now_ms,
            due_at_ms=NEVER_DUE,
            lease_owner="",
        )
        assert await entries.unused(tx, "elsewhere", **waits) == []
        assert await entries.unused(tx, "here", **waits) == [view.entry.id]
        await entries.delete(tx, [view.entry.id])
    assert await stored(counter, view.entry.id) is None
    await added(counter, "fox")


async def test_again_takes_the_requests_own_pictures_and_edit_follows_the_prompt(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await added(counter, "fox")
    await added(counter, "owl")
    request = (await counter.ask(prompt="@fox and @late", cast=("owl",))).request
    plain = (await counter.ask(prompt="@late alone")).request
    async with counter.database.transaction() as tx:
        for position in range(2):
            row = Input(
                request.id, position, "reference", "image", "cast", "", path=f"inputs/{position}"
            )
            await inputs.put(tx, row)
    for name in ("fox", "owl"):
        await service(counter).remove(caller(), name)
    await added(counter, "late")
    model_service = counter._model_service()
    followups = FollowUpService(counter.database, counter.models, model_service)
    source = await followups.look(caller(), request.id)
    again, _ = repeat(source)
    made = (await counter.service.create(again, caller())).video
    # a name that meant nothing then means nothing in a repetition
    bare, _ = repeat(await followups.look(caller(), plain.id))
    assert (await counter.service.create(bare, caller())).video.prompt == "@late alone"
    assert made.prompt == "image 1 and @late\nowl: image 2"
    assert [media.url for media in made.media] == [kept_url(request.id, n) for n in range(2)]
    edited, _ = changed(source, source.video.asked().model_copy(update={"prompt": "@late"}), {})
    made = (await counter.service.create(edited, caller())).video
    assert made.prompt == "image 1\nowl: image 2"
    assert [media.cast for media in made.media] == ["late", "owl"]


async def test_own_pictures_count_in_the_members_room_and_the_servers_in_nobodys(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await added(counter, "fox", number=3)
    await added(counter, "owl", moderator(), owner="server")
    async with counter.database.reading() as tx:
        assert await retention.stored_bytes(tx, ALICE) == 3 * 120
        assert await retention.stored_bytes(tx, moderator().user_id) == 0


async def test_what_one_stores_is_exported_and_deleted(open_counter: OpenCounter) -> None:
    counter = open_counter()
    mine = await added(counter, "SecretFox", media={"name": "secret.png"})
    theirs = await added(counter, "owl", moderator(), owner="server")
    await counter.ask(prompt="@secretfox and @owl")
    my_data = MyDataService(
        counter.database, clock=lambda: counter.now_ms, wakeup=lambda: None, erased=lambda: None
    )
    document = (await my_data.export(caller())).data.decode()
    assert '"SecretFox"' in document
    assert '"secret.png"' in document
    assert '"server"' not in document
    assert (await my_data.show(caller())).counts.names == 1
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    gone = await stored(counter, mine.entry.id)
    assert gone is not None
    assert (gone.name, gone.user_id, gone.removed_at_ms > 0) == ("", 0, True)
    assert b"secretfox" not in (await my_data.export(caller())).data.lower()
    there = await stored(counter, theirs.entry.id)
    assert there is not None
    assert there.name == "owl"
    await forget_server(counter.database, GUILD, lambda: counter.now_ms)
    gone = await stored(counter, theirs.entry.id)
    assert gone is not None
    assert (gone.name, gone.guild_id) == ("", 0)


async def test_all_that_a_request_says_is_scanned(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await added(counter, "fox")
    video = (await counter.ask(prompt="@fox runs")).video
    assert hold_policy.text_of(video) == "image 1 runs\n@fox runs"
    assert hold_policy.text_of(VideoRequest(prompt="x", model="m")) == "x"
    assert fold("Fox") == "fox"
