"""Every column that may hold what a person typed is known, with what erases it."""

import pytest

from bot.services.log_lines import enqueue_log
from bot.services.privacy.erasure import erase_ownerless, forget_member, forget_server
from bot.services.requests import lifecycle
from bot.services.server_settings import read_settings
from storage.cast import entries
from storage.cast.entries import CastEntry, CastPicture, CastState
from storage.engine.transaction import Database, Transaction
from storage.moderation import (
    audit_log,
    blocks,
    imported_rules,
    reports,
    reviews,
    safety_checks,
    words,
)
from storage.moderation.audit_log import Action, Decision
from storage.moderation.blocks import Block
from storage.moderation.imported_rules import ImportedRule
from storage.moderation.reports import Report
from storage.moderation.reviews import Review, Stage, review_id
from storage.moderation.safety_checks import Outcome, SafetyCheck
from storage.moderation.words import Word
from storage.privacy import typed_text
from storage.records import Input, SavedForm, State
from storage.requests import inputs, requests, saved_forms
from storage.templates import templates
from storage.templates.templates import Template
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, GUILD, NOW_MS, Counter, caller

SAID = "something-that-was-typed"
OF_TEMPLATES = {"templates.name", "templates.folded", "templates.prompt"}
OF_WORDS = {
    *("words.word", "words.folded"),
    *("imported_rules.name", "imported_rules.keywords", "imported_rules.allowed"),
}
OF_SERVER = {*OF_WORDS, "servers.settings", *OF_TEMPLATES}
"""Not a member's: they go with the server's data."""


async def text_columns(database: Database) -> list[str]:
    """Every TEXT column of the schema as the database itself tells it."""
    async with database.reading() as tx:
        if tx.dialect == "sqlite":
            rows = await tx.fetch_all(
                "SELECT m.name AS t, c.name AS c FROM sqlite_master AS m"
                " JOIN pragma_table_info(m.name) AS c"
                " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.type = 'TEXT'"
            )
        else:
            rows = await tx.fetch_all(
                "SELECT table_name AS t, column_name AS c FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND data_type = 'text'"
            )
    found = [f"{row['t']}.{row['c']}" for row in rows]
    return [name for name in found if not name.startswith("migrations.")]


async def test_every_text_column_is_listed_with_what_erases_it(database: Database) -> None:
    listed = [*typed_text.TYPED, *typed_text.NEVER_TYPED]
    assert len(set(listed)) == len(listed)
    assert sorted(listed) == sorted(await text_columns(database))


async def where_it_stands(database: Database, what: str) -> set[str]:
    """The columns in which a text still stands somewhere."""
    found = set()
    columns = await text_columns(database)
    async with database.reading() as tx:
        for name in columns:
            table, column = name.split(".")
            row = await tx.fetch_one(
                f"SELECT COUNT(*) AS n FROM {table} WHERE {column} LIKE :what",
                {"what": f"%{what}%"},
            )
            if row is not None and row["n"]:
                found.add(name)
    return found


async def fill(tx: Transaction, counter: Counter, request_id: str, *, state: str) -> None:
    """Everything that can be typed about a request of Alice's, by her and by Bob; both ways."""
    request = await requests.require(tx, request_id)
    review = Review(
        id=review_id(request_id, 1),
        request_id=request_id,
        number=1,
        guild_id=GUILD,
        user_id=request.user_id,
        stage=Stage.REPORT,
        why="reported",
        opened_at_ms=NOW_MS,
        due_at_ms=NOW_MS,
        ends_at_ms=NOW_MS,
    )
    await reviews.add(tx, review)
    await reports.add(tx, Report(request_id, BOB, GUILD, review.id, SAID, NOW_MS))
    for action, user_id, actor_id in (
        (Action.REPORTED, ALICE, BOB),
        (Action.REJECTED, ALICE, BOB),
        (Action.BLOCKED, ALICE, BOB),
    ):
        done = Decision(GUILD, user_id, actor_id, action, NOW_MS, request_id)
        await audit_log.add(tx, done)
        log = {"user": str(user_id), "by": str(actor_id), "note": SAID}
        await enqueue_log(
            tx,
            await read_settings(tx, GUILD),
            GUILD,
            f"{request_id}:{action}",
            "log-x",
            log,
            now_ms=NOW_MS,
            request_id=request_id,
        )
    await tx.execute(
        "UPDATE audit_log SET note = :said, reason = CASE WHEN action = 'rejected' THEN reason"
        " ELSE :said END",
        {"said": SAID},
    )
    decided = {"said": SAID, "state": state, "by": 0 if state == "open" else BOB}
    await tx.execute(
        "UPDATE reviews SET note = :said, appeal = :said, state = :state, decided_by = :by", decided
    )
    ready = CastState.READY
    await entries.add(
        tx,
        CastEntry("cast2", 0, ALICE, SAID, SAID, ready, NOW_MS, note=SAID),
        [CastPicture("cast2", 0, "attachment", SAID, SAID)],
    )
    await blocks.put(tx, Block(GUILD, 777, BOB, SAID, NOW_MS))
    await words.add(tx, Word(GUILD, SAID, SAID, BOB, NOW_MS))
    said = f'["{SAID}"]'
    rule = ImportedRule(GUILD, 1, SAID, said, said, "[]", "[]", BOB, NOW_MS)
    await imported_rules.replace(tx, GUILD, [rule])
    await templates.put(
        tx, Template("t2", GUILD, SAID, SAID, SAID, "none", "m", by_id=BOB, changed_at_ms=NOW_MS)
    )
    findings = f'[{{"label": "{SAID}", "score": 97, "position": 0, "at_ms": -1}}]'
    await safety_checks.put(
        tx,
        SafetyCheck(
            request_id,
            Stage.PROMPT,
            GUILD,
            "nudenet",
            "d",
            Outcome.FLAGGED,
            NOW_MS,
            findings=findings,
        ),
    )
    for user_id in (ALICE, BOB):
        await saved_forms.put(
            tx, SavedForm(f"sketch{user_id}", GUILD, user_id, f'["{SAID}"]', NOW_MS), kept=9
        )


async def set_up(counter: Counter, *, state: str = "approved") -> str:
    """A rejected request of Alice's about which much was said."""
    await counter.configure(log_channel=5)
    request = (await counter.ask(prompt=SAID)).request
    async with counter.database.transaction() as tx:
        await inputs.put(tx, Input(request.id, 0, "first", "image", "link", SAID, name=SAID))
        now = await requests.move(
            tx, request.id, source=State.QUEUED, target=State.HELD, now_ms=NOW_MS
        )
        await lifecycle.reject(tx, now, NOW_MS, reason="off-topic", note=SAID)
        await tx.execute(
            "UPDATE requests SET provider_text = :said, template = :said", {"said": SAID}
        )
        await fill(tx, counter, request.id, state=state)
    return request.id


async def test_what_a_member_typed_and_what_was_typed_about_them_goes(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await set_up(counter)
    everywhere = await where_it_stands(counter.database, SAID)
    assert everywhere == set(typed_text.TYPED) - {"servers.settings"}
    await forget_member(counter.database, ALICE, lambda: NOW_MS)
    left = await where_it_stands(counter.database, SAID)
    # Bob is still there: his saved form, and why he blocked somebody else
    assert left == {
        *("blocks.reason", "saved_forms.video_request"),
        *OF_WORDS,
        *OF_TEMPLATES,
    }
    await forget_member(counter.database, BOB, lambda: NOW_MS)
    assert await where_it_stands(counter.database, SAID) == OF_SERVER - {"servers.settings"}


async def test_what_a_moderator_typed_goes_with_the_moderators_data(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await set_up(counter)
    await forget_member(counter.database, BOB, lambda: NOW_MS)
    left = await where_it_stands(counter.database, SAID)
    own = {name for name in typed_text.TYPED if name.startswith("cast_")}
    own |= {"requests.spec", "requests.provider_text", "inputs.url", "inputs.name"}
    own |= {"reviews.appeal", "safety_checks.findings"}
    own |= {"requests.template", *OF_TEMPLATES}
    assert left == own | OF_WORDS | {"saved_forms.video_request"}


@pytest.mark.parametrize("who", [ALICE, BOB])
async def test_what_an_open_report_rests_on_stays_until_it_is_closed(
    open_counter: OpenCounter, who: int
) -> None:
    counter = open_counter()
    await set_up(counter, state="open")
    await forget_member(counter.database, who, lambda: NOW_MS)
    evidence = {"reports.reason", "audit_log.reason"}
    assert evidence <= await where_it_stands(counter.database, SAID)
    async with counter.database.transaction() as tx:
        await tx.execute("UPDATE reviews SET state = 'approved'")
    await erase_ownerless(counter.database, lambda: NOW_MS)
    assert not evidence & await where_it_stands(counter.database, SAID)


async def test_deleting_a_server_leaves_nothing_that_was_typed_there(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await set_up(counter)
    async with counter.database.transaction() as tx:
        sql = "UPDATE cast_entries SET guild_id = :guild_id, user_id = 0"
        await tx.execute(sql, {"guild_id": GUILD})
    await forget_server(counter.database, GUILD, lambda: NOW_MS)
    assert not await where_it_stands(counter.database, SAID)


async def test_who_deletes_their_data_and_reports_again_counts_once(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request = (await counter.ask(caller(ALICE))).request
    report = Report(request.id, BOB, GUILD, "r", SAID, NOW_MS)
    async with counter.database.transaction() as tx:
        assert await reports.add(tx, report)
    for _ in range(2):
        await forget_member(counter.database, BOB, lambda: NOW_MS)
        async with counter.database.transaction() as tx:
            assert not await reports.add(tx, report)
