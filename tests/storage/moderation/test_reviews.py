"""Reviews, decisions, words, blocks and reports, on both databases."""

import asyncio

import pytest

from storage.engine.transaction import Database, Transaction
from storage.errors import LeaseLost
from storage.moderation import audit_log, blocks, reports, reviews, visibility, words
from storage.moderation.audit_log import Action, Decision
from storage.moderation.blocks import Block
from storage.moderation.reports import Report
from storage.moderation.reviews import Review, ReviewState, Stage, review_id
from storage.moderation.visibility import Display, VisibilityChange
from storage.moderation.words import Word
from storage.records import NEVER_DUE
from storage.requests import due_work
from tests.conftest import OpenAnother


def review(number: int = 1, **more: int) -> Review:
    return Review(
        id=review_id("abc234", number),
        request_id="abc234",
        number=number,
        guild_id=1,
        user_id=2,
        stage=Stage.PROMPT,
        why="mode",
        opened_at_ms=10,
        due_at_ms=more.get("due_at_ms", 50),
        ends_at_ms=more.get("ends_at_ms", 90),
    )


async def test_of_many_who_decide_at_once_exactly_one_does(open_another: OpenAnother) -> None:
    databases = [await open_another() for _ in range(2)]
    async with databases[0].transaction() as tx:
        assert await reviews.add(tx, review())
        assert not await reviews.add(tx, review())

    async def decide(by_id: int) -> Review | None:
        async with databases[by_id % 2].transaction() as tx:
            state = ReviewState.APPROVED if by_id % 3 else ReviewState.REJECTED
            return await reviews.decide(
                tx, review_id("abc234", 1), state=state, by_id=by_id, now_ms=60
            )

    found = await asyncio.gather(*(decide(number) for number in range(1, 13)))
    (winner,) = [each for each in found if each is not None]
    async with databases[0].reading() as tx:
        assert await reviews.get(tx, winner.id) == winner
        assert not await reviews.due(tx, NEVER_DUE - 1, limit=5)


async def test_a_review_is_reminded_of_once_and_due_again_at_its_end(database: Database) -> None:
    async with database.transaction() as tx:
        await reviews.add(tx, review())
        assert not await reviews.due(tx, 49, limit=5)
        (due,) = await reviews.due(tx, 50, limit=5)
        assert await reviews.remind(tx, due.id, 50)
        assert not await reviews.remind(tx, due.id, 51)
        assert not await reviews.due(tx, 89, limit=5)
        assert len(await reviews.due(tx, 90, limit=5)) == 1


async def test_withdrawing_closes_only_what_is_open(database: Database) -> None:
    async with database.transaction() as tx:
        await reviews.add(tx, review())
        await reviews.decide(
            tx, review_id("abc234", 1), state=ReviewState.SPOILER, by_id=5, now_ms=1
        )
        await reviews.add(tx, review(2))
        assert await reviews.withdraw(tx, "abc234", 7) == 1
        states = [each.state for each in await reviews.of_request(tx, "abc234")]
    assert states == [ReviewState.SPOILER, ReviewState.WITHDRAWN]


async def test_the_log_is_paged_newest_first_by_member_and_by_request(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(5):
            await audit_log.add(
                tx,
                Decision(1, 2, 3, Action.APPROVED, number, request_id=f"abc23{number % 2}"),
            )
        await audit_log.add(tx, Decision(9, 2, 3, Action.BLOCKED, 99))
        first = await audit_log.page(tx, 1, limit=2)
        rest = await audit_log.page(tx, 1, limit=9, before=first[-1].id)
        about = await audit_log.page(tx, 1, limit=9, request_id="abc231")
        nobody = await audit_log.page(tx, 1, limit=9, user_id=77)
    assert [each.at_ms for each in (*first, *rest)] == [4, 3, 2, 1, 0]
    assert [each.at_ms for each in about] == [3, 1]
    assert not nobody


async def test_a_block_holds_until_its_end_and_a_later_one_replaces_it(database: Database) -> None:
    async with database.transaction() as tx:
        await blocks.put(tx, Block(1, 2, 3, "why", 10, until_ms=20))
        assert await blocks.active(tx, 1, 2, 19)
        assert await blocks.active(tx, 1, 2, 20) is None
        assert not await blocks.remove(tx, 1, 2, 20)
        await blocks.put(tx, Block(1, 2, 4, "", 30))
        found = await blocks.active(tx, 1, 2, 10**15)
        assert found == Block(1, 2, 4, "", 30)
        assert await blocks.active(tx, 2, 2, 19) is None
        assert await blocks.remove(tx, 1, 2, 31)


async def test_a_word_stands_on_a_list_once(database: Database) -> None:
    async with database.transaction() as tx:
        assert await words.add(tx, Word(1, "bomb", "Bomb", 3, 0))
        assert not await words.add(tx, Word(1, "bomb", "B o m b", 3, 0))
        assert await words.add(tx, Word(2, "bomb", "bomb", 3, 0))
        assert [word.word for word in await words.of_server(tx, 1)] == ["Bomb"]
        assert await words.remove(tx, 1, "bomb")
        assert not await words.remove(tx, 1, "bomb")


async def test_a_member_reports_a_video_once(database: Database) -> None:
    async with database.transaction() as tx:
        await reviews.add(tx, review())
        report = Report("abc234", 7, 1, review_id("abc234", 1), "bad", 5)
        assert await reports.add(tx, report)
        assert not await reports.add(tx, report)
        counted = await reviews.count_report(tx, report.review_id)
        assert counted is not None
        assert counted.reports == 1
        assert await reports.of_review(tx, report.review_id) == [report]


async def claimed(tx: Transaction, now_ms: int, owner: str = "me") -> VisibilityChange | None:
    """The one that is due, taken."""
    found = await due_work.visibility_due(tx, now_ms=now_ms, exclude=(), share=5, window=5)
    ids = [each.id for each in found]
    rows = await visibility.claim(tx, ids, owner=owner, now_ms=now_ms, lease_ms=1_000)
    return rows[0] if rows else None


async def test_what_is_to_go_stays_gone_whoever_wants_it_back(database: Database) -> None:
    async with database.transaction() as tx:
        await visibility.want(tx, "abc234", Display.SPOILER, was=Display.PLAIN, now_ms=5)
        held = await claimed(tx, 5)
        assert held is not None
        assert (held.wanted, held.shown) == (Display.SPOILER, Display.PLAIN)
        await visibility.want(tx, "abc234", Display.GONE, was=Display.PLAIN, now_ms=6)
        # the message was made a spoiler meanwhile: it is still due, for it must go
        await visibility.is_shown(tx, held, Display.SPOILER)
        assert await claimed(tx, 6) is None
        await visibility.done(tx, held, now_ms=6)
        held = await claimed(tx, 6)
        assert held is not None
        assert (held.wanted, held.shown) == (Display.GONE, Display.SPOILER)
        await visibility.is_shown(tx, held, Display.GONE)
        await visibility.done(tx, held, now_ms=7, is_purged=True)
        assert await claimed(tx, NEVER_DUE - 1) is None
        await visibility.want(tx, "abc234", Display.PLAIN, was=Display.PLAIN, now_ms=7)
        found = await visibility.get(tx, "abc234")
    assert found is not None
    assert found.wanted is Display.GONE


async def test_one_worker_at_a_time_changes_how_a_video_is_shown(database: Database) -> None:
    async with database.transaction() as tx:
        await visibility.want(tx, "abc234", Display.SPOILER, was=Display.PLAIN, now_ms=5)
    taken = await asyncio.gather(*(_take(database, f"worker{n}") for n in range(6)))
    (held,) = [change for change in taken if change is not None]
    async with database.transaction() as tx:
        # asked for anew, it is still that worker's, until the lease ends
        await visibility.want(tx, "abc234", Display.PLAIN, was=Display.PLAIN, now_ms=6)
        assert await claimed(tx, 6) is None
        after = await claimed(tx, 5 + 1_000)
    assert after is not None
    async with database.transaction() as tx:
        with pytest.raises(LeaseLost):
            await visibility.done(tx, held, now_ms=7)
        await visibility.done(tx, after, now_ms=8)
        assert await claimed(tx, NEVER_DUE - 1) is None


async def _take(database: Database, owner: str) -> VisibilityChange | None:
    async with database.transaction() as tx:
        return await claimed(tx, 5, owner)


async def test_a_failure_is_remembered_until_it_is_asked_for_anew(database: Database) -> None:
    async with database.transaction() as tx:
        await visibility.want(tx, "abc234", Display.SPOILER, was=Display.PLAIN, now_ms=5)
        held = await claimed(tx, 5)
        assert held is not None
        await visibility.put_off(
            tx, held, now_ms=5, due_at_ms=50, is_edit_refused=True, limit_bytes=1_000
        )
        assert await claimed(tx, 49) is None
        held = await claimed(tx, 50)
        assert held is not None
        assert (held.attempt, held.is_edit_refused, held.limit_bytes) == (1, True, 1_000)
        await visibility.want(tx, "abc234", Display.PLAIN, was=Display.PLAIN, now_ms=51)
        await visibility.put_off(
            tx, held, now_ms=52, due_at_ms=90, is_edit_refused=True, limit_bytes=500
        )
        held = await claimed(tx, 52)
    assert held is not None
    assert (held.attempt, held.is_edit_refused, held.limit_bytes) == (0, False, 0)
