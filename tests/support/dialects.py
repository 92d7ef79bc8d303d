"""Tests that run on one database where both would say the same; the rule is in CONTRIBUTING.md."""

import pytest

on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""For what the database has no part in."""

on_postgres = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)
"""For what several processes do, and for PostgreSQL's own ways."""


def on_sqlite_and(name: str, cases: list[str], *, postgres: set[str]) -> pytest.MarkDecorator:
    """Every case on SQLite, and on PostgreSQL those that its locks or its clock have a part in."""
    pairs = [("sqlite", case) for case in cases]
    pairs += [("postgres", case) for case in cases if case in postgres]
    return pytest.mark.parametrize(("dialect", name), pairs, indirect=["dialect"])
