"""Per-user locales for SimCord, which reports `en-US` for everybody.

Patches one SimCord environment, not the package.
"""

from collections.abc import Mapping
from typing import Any

from simcord import Env

Spec = dict[str, Any]


def set_locales(env: Env, locales: Mapping[int, str]) -> None:
    """Set each user's locale, by user id, on interactions and in the command picker.

    Other users have en-US. A server's locale is its preferred one.
    """
    backend: Any = env.backend
    emit, visible_commands = backend.emit, backend.visible_commands

    def emit_in_language(event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            payload = _in_language(payload, locales) | _of_server(backend, payload)
        emit(event, payload)

    def visible_in_language(*, user_id: int, **place: Any) -> list[Spec]:
        found: list[Spec] = visible_commands(user_id=user_id, **place)
        locale = locales.get(user_id)
        return [_described(spec, locale) for spec in found] if locale else found

    backend.emit = emit_in_language
    backend.visible_commands = visible_in_language


def _in_language(payload: Mapping[str, Any], locales: Mapping[int, str]) -> Spec:
    user = payload["member"]["user"] if "member" in payload else payload["user"]
    return dict(payload) | {"locale": locales.get(int(user["id"]), payload["locale"])}


def _of_server(backend: Any, payload: Mapping[str, Any]) -> Spec:
    if "guild_id" not in payload:
        return {}
    return {"guild_locale": backend.get_guild(int(payload["guild_id"])).preferred_locale}


def _described(spec: Spec, locale: str) -> Spec:
    """Localise the description of a command or option; its name stays, as it is the key."""
    description = (spec.get("description_localizations") or {}).get(locale) or spec.get(
        "description", ""
    )
    changed = spec | {"description": description}
    if spec.get("options"):
        changed["options"] = [_described(option, locale) for option in spec["options"]]
    return changed
