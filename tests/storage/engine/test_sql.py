import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.engine.sql import render, statements
from storage.engine.transaction import Database, Dialect

KEPT = ["'a :b'", "'it''s %'", '"odd :name"', "-- :not %\n", "/* :neither % */", "::BIGINT", " x "]


def test_names_become_psycopgs_parameters() -> None:
    sql = render("SELECT :a_1, b FROM c WHERE d=:d AND e > :a_1", "postgres")
    assert sql == "SELECT %(a_1)s, b FROM c WHERE d=%(d)s AND e > %(a_1)s"


def test_sqlite_keeps_its_names() -> None:
    assert render("SELECT :a % 2", "sqlite") == "SELECT :a % 2"


@given(st.lists(st.sampled_from(KEPT)))
def test_quotes_comments_and_casts_keep_their_words(parts: list[str]) -> None:
    sql = "".join(parts)
    assert render(sql, "postgres").replace("%%", "%") == sql


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [("sqlite", "SELECT 1  "), ("postgres", "SELECT 1 FOR UPDATE SKIP LOCKED FOR UPDATE")],
)
def test_only_the_locks_differ(dialect: Dialect, expected: str) -> None:
    assert render("SELECT 1 {skip_locked} {for_update}", dialect) == expected


def test_a_script_is_cut_at_semicolons_outside_quotes() -> None:
    script = "-- first; not yet\nINSERT 'a;b';\n/* ; */ SELECT \";\" ;\n ; -- the end;\n"
    assert list(statements(script)) == [
        "-- first; not yet\nINSERT 'a;b'",
        '/* ; */ SELECT ";"',
    ]


@pytest.mark.parametrize(
    ("values", "inside", "outside"), [(["a", "b"], 1, 1), ([], 0, 2), (["a", "c"], 2, 0)]
)
async def test_a_list_is_one_parameter_and_may_be_empty(
    database: Database, values: list[str], inside: int, outside: int
) -> None:
    rows = "FROM (SELECT 'a' AS id UNION ALL SELECT 'c') AS two WHERE id"
    async with database.reading() as tx:
        found = await tx.fetch_all(f"SELECT id {rows} IN {{each:values}}", {"values": values})
        others = await tx.fetch_all(f"SELECT id {rows} NOT IN {{each:values}}", {"values": values})
    assert (len(found), len(others)) == (inside, outside)


async def test_a_list_of_numbers_matches_numbers(database: Database) -> None:
    sql = "SELECT id FROM (SELECT 2 AS id UNION ALL SELECT 3) AS two WHERE id IN {each:ids}"
    async with database.reading() as tx:
        assert [row["id"] for row in await tx.fetch_all(sql, {"ids": [3, 4]})] == [3]
