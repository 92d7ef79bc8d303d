"""Converts between records and rows; a record's fields are columns of its table.

Rows are decoded by name, and columns that a record does not have are left out: older code goes on
working with `SELECT *` beside a newer schema.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Final, TypeVar, get_type_hints

from storage.engine.transaction import Row

Record = TypeVar("Record")

_PLAIN: Final = frozenset({int, str, type(None)})


def names(record_type: type[Any]) -> tuple[str, ...]:
    """The record's fields, which are its table's columns."""
    record: Any = record_type
    return _names(record)


@cache
def _names(record_type: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record_type))


def aliased(record_type: type[Any], table: str) -> str:
    """Columns of one table of a join, as `table.column AS table_column`; see `decode`."""
    return ", ".join(f"{table}.{column} AS {table}_{column}" for column in names(record_type))


@cache
def _converters(record_type: Any) -> Mapping[str, Callable[[Any], Any]]:
    return {
        name: hint
        for name, hint in get_type_hints(record_type).items()
        if isinstance(hint, type) and (hint is bool or issubclass(hint, StrEnum))
    }


def decode(record_type: type[Record], row: Row, table: str = "") -> Record:
    """The record in a row; with `table`, the one whose columns were selected by `aliased`."""
    prefix = f"{table}_" if table else ""
    record: Any = record_type
    values = {name: row[prefix + name] for name in names(record)}
    for name, convert in _converters(record).items():
        values[name] = convert(values[name])
    return record_type(**values)


@cache
def _values(record_type: Any) -> Callable[[object], tuple[Any, ...]]:
    """Reads all fields of a record at once; a record has two of them or more."""
    return attrgetter(*names(record_type))


def encode(record: object) -> dict[str, Any]:
    """The record as parameters, one per field."""
    record_type: Any = type(record)
    # written out, as there are tens of fields in each of many statements
    return {
        name: value if type(value) in _PLAIN else plain(value)
        for name, value in zip(names(record_type), _values(record_type)(record), strict=True)
    }


def plain(value: Any) -> Any:
    """What both drivers take without thinking: truth as 0 or 1, an enum as its word."""
    if isinstance(value, bool):
        return int(value)
    return value.value if isinstance(value, StrEnum) else value


def assignments(
    record_type: type[Any], changes: Mapping[str, Any], fixed: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """`, a = :a, b = :b` and its parameters; nothing for no changes.

    Raises: TypeError for a field the record does not have or that may not be changed this way.
    """
    for name in changes:
        if name in fixed or name not in names(record_type):
            raise TypeError(f"{record_type.__name__}.{name} cannot be changed here")
    return (
        "".join(f", {name} = :{name}" for name in changes),
        {name: plain(value) for name, value in changes.items()},
    )
