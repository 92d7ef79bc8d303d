"""Judges request bodies by Discord's own API description (`discord_api.json` beside this file).

Only the part of JSON Schema that the description uses is here. Two things are taken more gently
than they are written, as Discord does: a snowflake may come as a number, and fields that the
description does not name (it is older than some of them) are no fault.
"""

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

Schema = dict[str, Any]

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@cache
def _description() -> Schema:
    text = Path(__file__).with_name("discord_api.json").read_text(encoding="utf-8")
    description: Schema = json.loads(text)
    return description


def problems_of(route: str, body: Any) -> list[str]:
    """Everything the description says against a body, as `path: reason`; empty where it is silent.

    `route` is Discord's own name of it: `POST /channels/{channel_id}/messages`.
    """
    schema = _description()["bodies"].get(route)
    return [] if schema is None else list(_problems(schema, body, "body"))


def _problems(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _problems(_described(schema), value, path)
        return
    if schema.get("format") == "snowflake" and _is(value, "integer"):
        value = str(value)
    kinds = schema.get("type")
    if kinds is not None and not any(
        _is(value, kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    ):
        yield f"{path}: {value!r:.60} is not of type {kinds}"
        return
    yield from _value_problems(schema, value, path)
    yield from _union_problems(schema, value, path)
    if isinstance(value, str):
        yield from _text_problems(schema, value, path)
    elif isinstance(value, list):
        yield from _list_problems(schema, value, path)
    elif isinstance(value, dict):
        yield from _object_problems(schema, value, path)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _KINDS[kind])


def _value_problems(schema: Schema, value: Any, path: str) -> Iterator[str]:
    allowed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if allowed is not None and value is not None and value not in allowed:
        yield f"{path}: {value!r:.60} is none of {allowed}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        if schema.get("format") == "int32":
            low, high = max(low, -(2**31)), min(high, 2**31 - 1)
        if not low <= value <= high:
            yield f"{path}: {value} is not within {low} and {high}"


def _union_problems(schema: Schema, value: Any, path: str) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from _problems(part, value, path)
    for word in ("oneOf", "anyOf"):
        if word not in schema:
            continue
        options = _of_its_kind(schema[word], value)
        answers = [list(_problems(option, value, path)) for option in options]
        fitting = sum(not answer for answer in answers)
        if fitting == 0:
            yield from max(answers, key=lambda answer: _closeness(answer, path))
        elif fitting > 1 and word == "oneOf":
            yield f"{path}: fits {fitting} descriptions where it must fit one"


def _of_its_kind(options: list[Schema], value: Any) -> list[Schema]:
    """The options that take an object of this `type`; all of them where that tells nothing."""
    if not isinstance(value, dict) or "type" not in value:
        return options
    fitting = []
    for option in options:
        meant = _described(option).get("properties", {}).get("type", {})
        if not meant or value["type"] in _described(meant).get("enum", (value["type"],)):
            fitting.append(option)
    return fitting or options


def _described(schema: Schema) -> Schema:
    """The schema itself, or the one that it refers to."""
    if "$ref" not in schema:
        return schema
    found: Schema = _description()["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _closeness(answer: list[str], path: str) -> tuple[bool, int]:
    """How near an option came: of the right kind at all, and then wrong only deep inside."""
    wrong_kind = (f"{path}: ", f"{path}.type: ")
    same = not any(line.startswith(wrong_kind) and "character" not in line for line in answer)
    return same, max(line.partition(": ")[0].count(".") for line in answer)


def _text_problems(schema: Schema, value: str, path: str) -> Iterator[str]:
    # Discord counts UTF-16 nowhere in these bodies: lengths are code points.
    if len(value) > schema.get("maxLength", math.inf):
        yield f"{path}: {len(value)} characters are more than {schema['maxLength']}"
    if len(value) < schema.get("minLength", 0):
        yield f"{path}: {len(value)} characters are fewer than {schema['minLength']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r:.60} does not match {schema['pattern']}"
    if schema.get("format") == "uri" and not re.match(r"(https?|attachment|discord)://.", value):
        yield f"{path}: {value!r:.60} is no address"


def _list_problems(schema: Schema, value: list[Any], path: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
        bounds = f"{schema.get('minItems', 0)} to {schema.get('maxItems', 'any')}"
        yield f"{path}: {len(value)} items where {bounds} are allowed"
    if schema.get("uniqueItems") and len({json.dumps(item) for item in value}) < len(value):
        yield f"{path}: an item stands there twice"
    for number, item in enumerate(value):
        yield from _problems(schema.get("items", {}), item, f"{path}[{number}]")


def _object_problems(schema: Schema, value: dict[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: missing"
    if len(value) > schema.get("maxProperties", math.inf):
        yield f"{path}: more than {schema['maxProperties']} fields"
    others = schema.get("additionalProperties")
    for name, item in value.items():
        if name in properties:
            yield from _problems(properties[name], item, f"{path}.{name}")
        elif isinstance(others, dict):
            yield from _problems(others, item, f"{path}.{name}")
        elif others is False:
            yield f"{path}.{name}: not a field of this"
