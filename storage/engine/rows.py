"""Between records and rows: column lists, parameters and back again.

Columns are always named one by one, never `*`, so that older code goes on working beside a newer
schema with more columns.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_type_hints

from storage.engine.transaction import Row

Record = TypeVar("Record")


def names(record_type: type[Any]) -> tuple[str, ...]:
    """The record's fields, which are its table's columns."""
    return tuple(field.name for field in fields(record_type))


def spell(sql: str, record_type: type[Any]) -> str:
    """Fill in `{columns}` (id, state, …) and `{values}` (:id, :state, …)."""
    columns = names(record_type)
    return sql.replace("{columns}", ", ".join(columns)).replace(
        "{values}", ", ".join(f":{column}" for column in columns)
    )


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


def encode(record: object) -> dict[str, Any]:
    """The record as parameters, one per field."""
    return {name: plain(getattr(record, name)) for name in names(type(record))}


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


def listed(name: str, values: Collection[str]) -> tuple[str, dict[str, str]]:
    """The inside of an `IN (…)` and its parameters.

    Starts with a blank word, which no id is: PostgreSQL refuses an empty list.
    """
    parameters = {f"{name}_{index}": str(value) for index, value in enumerate(values)}
    return ", ".join(["''", *(f":{key}" for key in parameters)]), parameters
