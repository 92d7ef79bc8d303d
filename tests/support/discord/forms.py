"""Builds the `data` of interactions: options of commands, values of forms."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.support.discord import payloads
from tests.support.discord.commands import find_command
from tests.support.discord.records import Channel, Guild, Payload, Role, Upload, User
from tests.support.discord.rules import ACTION_ROW, LABEL, TEXT_DISPLAY, TEXT_INPUT
from tests.support.discord.world import World

ATTACHMENT: Final = 11
FILE_UPLOAD: Final = 19
RADIO_GROUP: Final = 21
CHECKBOX: Final = 23
_RANGES: Final = (("min_value", "max_value"), ("min_length", "max_length"))


class Resolver:
    """Collects the things that ids in an interaction stand for."""

    def __init__(self, world: World, guild: Guild | None) -> None:
        self._world = world
        self._guild = guild
        self.found: dict[str, dict[str, Payload]] = {}

    def put(self, value: Any) -> Any:
        """The wire form of a value: uploads, users, roles and channels become ids."""
        if isinstance(value, Upload):
            attachment = self._world.take_upload(value)
            payload = payloads.attachment_json(attachment, is_ephemeral=True)
            return self._note("attachments", attachment.id, payload)
        if isinstance(value, User):
            member = self._guild.members.get(value.id) if self._guild is not None else None
            if member is not None:
                payload = payloads.member_json(member, with_user=False)
                payload["permissions"] = str(int(member.permissions))
                self._note("members", value.id, payload)
            return self._note("users", value.id, payloads.user_json(value))
        if isinstance(value, Role):
            return self._note("roles", value.id, payloads.role_json(value))
        if isinstance(value, Channel):
            payload = payloads.channel_json(self._world, value)
            payload["permissions"] = str(int(value.bot_permissions))
            return self._note("channels", value.id, payload)
        return value

    def _note(self, kind: str, number: int, payload: Payload) -> str:
        self.found.setdefault(kind, {})[str(number)] = payload
        return str(number)

    def resolved(self) -> dict[str, dict[str, Payload]]:
        """The `resolved` part; files in another order than they were given, as Discord does."""
        files = self.found.get("attachments", {})
        if len(files) > 1:
            return self.found | {"attachments": dict(reversed(files.items()))}
        return self.found


def command_data(
    world: World,
    guild: Guild,
    path: str,
    options: Mapping[str, Any],
    *,
    focused: str | None = None,
) -> Payload:
    """The data of a slash command (or, with `focused`, of its autocomplete).

    Raises: LookupError for what is not registered, ValueError for what a client would not let
    a member send.
    """
    registered = [*world.commands.get(guild.id, []), *world.commands[0]]
    command, chain = find_command(registered, path)
    leaf = chain[-1] if chain else command
    specs = {option["name"]: option for option in leaf.get("options") or []}
    resolver = Resolver(world, guild)
    sent: list[Payload] = []
    for name, value in options.items():
        if name not in specs:
            message = f"/{path} has no option {name!r}, only {sorted(specs)}"
            raise LookupError(message)
        if focused is None:
            _check_option(specs[name], value)
        item = {"name": name, "type": specs[name]["type"], "value": resolver.put(value)}
        sent.append(item | ({"focused": True} if name == focused else {}))
    missing = [n for n, spec in specs.items() if spec.get("required") and n not in options]
    if missing and focused is None:
        message = f"/{path} requires {missing}"
        raise ValueError(message)
    for node in reversed(chain):
        sent = [{"name": node["name"], "type": node["type"], "options": sent}]
    data = {"id": command["id"], "name": command["name"], "type": 1, "options": sent}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    return data | ({"resolved": resolver.resolved()} if resolver.found else {})


def _check_option(spec: Payload, value: Any) -> None:
    """Refuse what Discord's client refuses to send."""
    name = spec["name"]
    if (spec["type"] == ATTACHMENT) != isinstance(value, Upload):
        message = f"option {name!r} and {type(value).__name__} do not fit"
        raise ValueError(message)
    if spec.get("choices") and value not in [choice["value"] for choice in spec["choices"]]:
        message = f"{value!r} is no choice of option {name!r}"
        raise ValueError(message)
    measure = len(value) if isinstance(value, str) else value
    for low, high in _RANGES:
        if isinstance(measure, int | float) and not (
            spec.get(low, measure) <= measure <= spec.get(high, measure)
        ):
            message = f"{value!r:.40} is out of the range of option {name!r}"
            raise ValueError(message)


def form_data(
    world: World, guild: Guild | None, form: Payload, values: Mapping[str, Any]
) -> Payload:
    """The data of a submitted form; fields by custom_id or label, prefilled where not given.

    Raises: LookupError for a field that the form does not have.
    """
    resolver = Resolver(world, guild)
    left = dict(values)
    rows = []
    for row in form["components"]:
        if row["type"] == TEXT_DISPLAY:
            rows.append({"type": TEXT_DISPLAY, "id": row.get("id", 0)})
            continue
        inner = row["component"] if row["type"] == LABEL else row["components"][0]
        label = row.get("label") or inner.get("label") or ""
        key = next((k for k in (inner["custom_id"], label) if k in left), None)
        value = left.pop(key) if key is not None else _prefilled(inner)
        field = _field_data(resolver, inner, value)
        body = {"component": field} if row["type"] == LABEL else {"components": [field]}
        kind = LABEL if row["type"] == LABEL else ACTION_ROW
        rows.append({"type": kind, "id": row.get("id", 0), **body})
    if left:
        message = f"the form has no field {sorted(left)}"
        raise LookupError(message)
    data = {"custom_id": form["custom_id"], "components": rows}
    return data | ({"resolved": resolver.resolved()} if resolver.found else {})


def _prefilled(spec: Payload) -> Any:
    if spec["type"] in {TEXT_INPUT, CHECKBOX}:
        return spec.get("value") or spec.get("default") or ""
    chosen = [option["value"] for option in spec.get("options") or [] if option.get("default")]
    chosen += [default["id"] for default in spec.get("default_values") or []]
    return chosen


def _field_data(resolver: Resolver, spec: Payload, value: Any) -> Payload:
    field = {"type": spec["type"], "id": spec.get("id", 0), "custom_id": spec["custom_id"]}
    if spec["type"] in {TEXT_INPUT, CHECKBOX}:
        return field | {"value": value}
    several = isinstance(value, Sequence) and not isinstance(value, str)
    items = [resolver.put(item) for item in (value if several else [value])]
    if spec["type"] == RADIO_GROUP:
        return field | {"value": items[0] if items else None}
    required = spec.get("required", spec["type"] != FILE_UPLOAD)
    if required and not items:
        message = f"field {spec['custom_id']!r} must have a value"
        raise ValueError(message)
    return field | {"values": items}
