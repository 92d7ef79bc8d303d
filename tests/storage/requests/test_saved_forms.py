"""What waits for a form: found again, dropped with its time or its member."""

from storage.engine.transaction import Database
from storage.records import SavedForm
from storage.requests import requests, saved_forms
from tests.storage.make import make_request, renamed


def saved_form(number: int, user_id: int = 7) -> SavedForm:
    return SavedForm(f"sketch{number}", 1, user_id, "{}", 1000 + number, origin="edit:abc2defghj")


async def test_the_newest_of_a_member_stay(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(5):
            await saved_forms.put(tx, saved_form(number), kept=3)
        await saved_forms.put(tx, saved_form(9, user_id=8), kept=3)
        there = [await saved_forms.get(tx, f"sketch{number}") for number in (0, 1, 2, 3, 4, 9)]
    assert there == [
        None,
        None,
        saved_form(2),
        saved_form(3),
        saved_form(4),
        saved_form(9, user_id=8),
    ]


async def test_they_go_with_their_time_and_with_their_member(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(3):
            await saved_forms.put(tx, saved_form(number), kept=10)
        await saved_forms.put(tx, saved_form(9, user_id=8), kept=10)
        assert await saved_forms.drop_old(tx, 1001) == 1
        await renamed(tx, 7)
        there = [await saved_forms.get(tx, f"sketch{number}") for number in (0, 1, 2, 9)]
    assert there == [None, None, None, saved_form(9, user_id=8)]


async def test_a_second_tap_finds_the_newest_of_its_origin(database: Database) -> None:
    async with database.transaction() as tx:
        for number, user_id in enumerate((7, 7, 8)):
            made = make_request(
                id=f"made{number}",
                interaction_id=number + 1,
                user_id=user_id,
                origin="again:abc2defghj",
                created_at_ms=1000 + number,
                host="here" if number else "",
            )
            assert await requests.add(tx, made)
        found = await requests.made_from(tx, "again:abc2defghj", 7, since_ms=1001)
        assert found is not None
        assert found.id == "made1"
        assert await requests.made_from(tx, "again:abc2defghj", 7, since_ms=1002) is None
        assert await requests.made_from(tx, "again:other", 7, since_ms=0) is None
        last = await requests.last_of_member(tx, found.guild_id, 7)
        assert last is not None
        assert last.id == "made1"
        assert await requests.host_of(tx, "made1") == "here"
        assert await requests.host_of(tx, "made1", is_result=True) == ""
        assert await requests.host_of(tx, "nobody") == ""
