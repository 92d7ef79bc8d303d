import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.engine.sql import render, statements
from storage.engine.transaction import Dialect

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
