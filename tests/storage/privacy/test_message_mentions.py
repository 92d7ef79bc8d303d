"""Messages that name a member are found without reading all messages."""

from hypothesis import given
from hypothesis import strategies as st

from storage.engine.transaction import Database
from storage.operations import key_values
from storage.privacy import message_mentions
from storage.privacy.message_mentions import ids_in
from storage.requests import outbox
from tests.storage.make import make_message, renamed

ALICE = 123_456_789_012_345_678


@given(st.integers(1, 2**63 - 1), st.sampled_from(['{"user": "%s"}', '{"user": "%s", "n": 1}']))
def test_an_id_in_a_parameter_is_seen(user_id: int, body: str) -> None:
    assert user_id in ids_in(body % user_id)


@given(st.integers(10**14, 2**63 - 1), st.text(alphabet="abc <@>!{}:,."), st.text(alphabet="x <>"))
def test_an_id_in_typed_text_is_seen(user_id: int, before: str, after: str) -> None:
    assert user_id in ids_in(f'{{"note": "{before}{user_id}{after}"}}')


async def test_what_was_pending_before_there_were_notes_is_renamed_too(database: Database) -> None:
    body = f'{{"text": "log-blocked", "params": {{"user": "{ALICE}"}}}}'
    old = make_message(id="old", user_id=0, body=body)
    new = make_message(id="new", user_id=0, body=body)
    other = make_message(id="other", user_id=0, body='{"params": {"user": "77"}}')
    async with database.transaction() as tx:
        for message in (old, other):
            assert await outbox.enqueue(tx, message)
        await tx.execute("DELETE FROM message_mentions")
        assert await outbox.enqueue(tx, new)
    await message_mentions.note_old(database)
    async with database.transaction() as tx:
        pseudonym = await renamed(tx, ALICE)
        for outbox_id in ("old", "new"):
            found = await outbox.get(tx, outbox_id)
            assert found is not None
            assert found.body == body.replace(str(ALICE), str(pseudonym))
        assert await outbox.get(tx, "other") == other
        # all is noted now: nothing is read again
        assert await key_values.get(tx, "mentions-noted") == "all"
