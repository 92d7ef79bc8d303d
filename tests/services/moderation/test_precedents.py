"""What was decided before, who is held for it, and the log's filters, on both databases."""

import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotAllowed
from bot.services.moderation.audit_log import AuditLogService, LogFilter, as_csv
from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.precedents import (
    BANDS,
    LOOK_DISTANCE,
    Precedents,
    Tally,
    distance,
    folded,
    look_lookups,
    precedents_of,
)
from bot.services.moderation.review_lifecycle import OF_REPORT, open_review
from bot.services.moderation.reviews import UNDO_MS, Verdict
from bot.services.privacy.erasure import erase_old, erase_ownerless, forget_member
from bot.services.server_settings import read_settings
from storage.moderation import decided_content, review_claims
from storage.moderation.audit_log import Action, Decision
from storage.moderation.decided_content import DecidedContent
from storage.moderation.reviews import Stage
from storage.records import Input, Request, State
from storage.requests import inputs, requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import (
    ALICE,
    BOB,
    DAY_MS,
    GUILD,
    MODERATOR,
    MODERATORS,
    Counter,
    caller,
    moderator,
)

LOOK = "0123456789abcdef"
LIKE = "0123456789abcdec"
OTHER = "fedcba9876543210"
CAROL = 41


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter()
    await opened.configure(review="prompt", review_channel=77)
    return opened


async def held(
    counter: Counter, user_id: int = ALICE, *, prompt: str = "", sha256: str = "", look: str = ""
) -> Request:
    counter.now_ms += 1000
    prompt = prompt or f"prompt {counter.now_ms}"
    request = (await counter.ask(caller(user_id), prompt=prompt)).request
    async with counter.database.transaction() as tx:
        if sha256 or look:
            row = Input(request.id, 0, "first", "image", "link", "", sha256=sha256, look=look)
            await inputs.put(tx, row)
        return await requests.note(
            tx, request.id, source=State.HELD, owner=None, prepared_at_ms=counter.now_ms
        )


async def decide(counter: Counter, request: Request, verdict: Verdict) -> None:
    await counter.reviews.decide(moderator(), request.id, 1, verdict, reason="rules")
    if verdict is Verdict.REJECT:
        counter.now_ms += UNDO_MS
        async with counter.database.transaction() as tx:
            for each in await review_claims.taking_effect(tx, counter.now_ms, limit=5):
                await take_effect(tx, each, counter.now_ms)


async def seen(counter: Counter, request: Request) -> Precedents:
    """What a card shows, without the member's own record."""
    async with counter.database.reading() as tx:
        rows = await inputs.of_request(tx, request.id)
        return await precedents_of(tx, request, rows)


async def test_the_same_words_file_and_like_pictures_are_found_whoever_sends_them(
    counter: Counter,
) -> None:
    first = await held(counter, prompt="A Red  Fox!", sha256="aa", look=LOOK)
    assert await seen(counter, first) == Precedents()
    await decide(counter, first, Verdict.REJECT)
    await decide(
        counter, await held(counter, BOB, prompt="a red fox", sha256="aa"), Verdict.APPROVE
    )
    again = await held(counter, BOB, prompt="a RED-fox", sha256="aa", look=LOOK)
    found = await seen(counter, again)
    assert found.same_words == found.same_file == Tally(approved=1, rejected=1)
    assert found.like_picture == Tally()
    assert [each.action for each in found.recent] == ["approved"]
    found = await seen(counter, await held(counter, 77, sha256="bb", look=LIKE))
    assert found.like_picture == Tally(rejected=1)
    assert found.same_words == found.same_file == Tally()
    found = await seen(counter, await held(counter, 77, sha256="cc", look=OTHER))
    assert found == Precedents()


async def test_many_pictures_that_share_a_part_of_a_look_hide_no_decision_on_the_same_file(
    counter: Counter,
) -> None:
    await decide(counter, await held(counter, sha256="aa", look=LOOK), Verdict.REJECT)
    # plain pictures share parts of their looks with many others
    (part, *_) = look_lookups(LOOK)
    async with counter.database.transaction() as tx:
        for number in range(decided_content.MOST_FOUND):
            other = DecidedContent(
                f"busy{number:04d}", part, GUILD, OTHER, "approved", counter.now_ms + number
            )
            await decided_content.put(tx, other)
    found = await seen(counter, await held(counter, BOB, sha256="aa", look=LOOK))
    assert found.same_file == Tally(rejected=1)


async def test_the_last_decision_on_a_request_counts_and_a_time_out_is_none(
    counter: Counter,
) -> None:
    request = await held(counter, prompt="a red fox")
    await decide(counter, request, Verdict.REJECT)
    await counter.appeals.appeal(caller(), request.id, "why")
    carol = caller(CAROL, member_permissions=MODERATORS)
    await counter.reviews.decide(carol, request.id, 2, Verdict.APPROVE)
    found = await seen(counter, await held(counter, BOB, prompt="a red fox"))
    assert found.same_words == Tally(approved=1)


async def test_hashes_outlive_a_picture_and_go_with_the_members_data_or_with_time(
    counter: Counter,
) -> None:
    request = await held(counter, sha256="aa", look=LOOK)
    await decide(counter, request, Verdict.REJECT)
    counter.now_ms += 2 * DAY_MS
    later = await held(counter, BOB, sha256="aa", look=LOOK)
    await erase_old(counter.database, GUILD, before_ms=counter.now_ms, clock=lambda: counter.now_ms)
    assert (await seen(counter, later)).same_file == Tally(rejected=1)
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    assert (await seen(counter, later)).same_file == Tally()
    await decide(counter, later, Verdict.APPROVE)
    async with counter.database.transaction() as tx:
        assert not await decided_content.drop_old(tx, counter.now_ms - DAY_MS, limit=5)
        assert await decided_content.drop_old(tx, counter.now_ms + 1, limit=500)


async def test_what_is_decided_after_the_members_data_was_deleted_goes_as_well(
    counter: Counter,
) -> None:
    request = await held(counter, sha256="aa", look=LOOK)
    await decide(counter, request, Verdict.APPROVE)
    async with counter.database.transaction() as tx:
        await tx.execute("UPDATE requests SET state = 'posted', ended_at_ms = 1")
        settings = await read_settings(tx, GUILD)
        await open_review(tx, settings, request, Stage.REPORT, OF_REPORT, counter.now_ms)
    # the report is open, so the moderators still see what it rests on
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    later = await held(counter, BOB, sha256="aa", look=LOOK)
    assert (await seen(counter, later)).same_file == Tally()
    await counter.reviews.decide(moderator(), request.id, 2, Verdict.APPROVE)
    assert (await seen(counter, later)).same_file == Tally(approved=1)
    await erase_ownerless(counter.database, lambda: counter.now_ms)
    assert (await seen(counter, later)).same_file == Tally()


async def test_a_member_with_three_rejections_in_a_week_is_held(counter: Counter) -> None:
    for _ in range(3):
        await decide(counter, await held(counter), Verdict.REJECT)
    await counter.configure(review="off")
    assert (await counter.ask()).request.state is State.HELD
    assert (await counter.ask(caller(BOB))).request.state is State.QUEUED
    await counter.configure(hold_after_rejections=4)
    assert (await counter.ask()).request.state is State.QUEUED
    await counter.configure(hold_after_rejections=0)
    assert (await counter.ask()).request.state is State.QUEUED
    await counter.configure(hold_after_rejections=3, review_channel=0)
    # nobody could pass it, and nobody has asked for that hold
    assert (await counter.ask()).request.state is State.QUEUED
    await counter.configure(review_channel=77)
    counter.now_ms += 7 * DAY_MS
    assert (await counter.ask()).request.state is State.QUEUED


async def test_a_lifted_rejection_holds_nobody(counter: Counter) -> None:
    await counter.configure(hold_after_rejections=1)
    request = await held(counter)
    await decide(counter, request, Verdict.REJECT)
    await counter.appeals.appeal(caller(), request.id, "why")
    carol = caller(CAROL, member_permissions=MODERATORS)
    await counter.reviews.decide(carol, request.id, 2, Verdict.APPROVE)
    await counter.configure(review="off")
    assert (await counter.ask()).request.state is State.QUEUED


async def test_the_log_is_filtered_by_decision_and_moderator_and_exported(
    counter: Counter,
) -> None:
    service = AuditLogService(counter.database)
    await decide(counter, await held(counter), Verdict.APPROVE)
    rejected = await held(counter)
    await decide(counter, rejected, Verdict.REJECT)
    carol = caller(CAROL, member_permissions=MODERATORS)
    await counter.reviews.decide(carol, (await held(counter)).id, 1, Verdict.APPROVE)

    async def found(**wanted: str | int) -> list[int]:
        page = await service.page(moderator(), LogFilter(**wanted))  # type: ignore[arg-type]
        return [each.actor_id for each in page.decisions]

    assert await found() == [CAROL, MODERATOR, MODERATOR]
    assert await found(action="approved") == [CAROL, MODERATOR]
    assert await found(action="approved", moderator_id=MODERATOR) == [MODERATOR]
    assert await found(moderator_id=CAROL, user_id=ALICE) == [CAROL]
    assert await found(action="nonsense") == []
    made = await service.export(moderator(), LogFilter(action="rejected"))
    (row,) = csv.DictReader(io.StringIO(made.csv.decode("utf-8-sig")))
    assert (row["decision"], row["request"], row["member"]) == ("rejected", rejected.id, str(ALICE))
    with pytest.raises(NotAllowed):
        await service.export(caller(), LogFilter())


def test_no_cell_of_the_file_is_a_formula() -> None:
    made = as_csv([Decision(1, 2, 3, Action.BLOCKED, 0, reason="=1+1", note="@x")])
    (row,) = csv.DictReader(io.StringIO(made.decode("utf-8-sig")))
    assert row["reason"] == "'=1+1"
    assert row["note"] == "'@x"


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=LOOK_DISTANCE))
def test_looks_that_differ_in_few_bits_share_a_part(bits: int, changed: set[int]) -> None:
    like = bits
    for bit in changed:
        like ^= 1 << bit
    one, other = f"{bits:016x}", f"{like:016x}"
    assert distance(one, other) == len(changed)
    assert set(look_lookups(one)) & set(look_lookups(other))


def test_the_parts_cover_a_look_and_few_pictures_share_one_by_chance() -> None:
    assert sum(width for _, width in BANDS) == 64
    assert len(BANDS) > LOOK_DISTANCE
    chance = random.Random(1)
    looks = [f"{chance.getrandbits(64):016x}" for _ in range(50)]
    assert all(distance(looks[0], each) > LOOK_DISTANCE for each in looks[1:])


@pytest.mark.parametrize(
    ("one", "other"),
    [("A red fox", "a  RED, fox!"), ("ｆｏｘ", "fox"), ("狐狸！", "狐狸"), ("***", "")],
)
def test_words_are_the_same_whatever_their_case_and_signs(one: str, other: str) -> None:
    assert folded(one) == folded(other)
