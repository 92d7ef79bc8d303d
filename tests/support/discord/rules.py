"""What Discord demands of messages and forms beyond the shapes in its API description."""

from collections.abc import Iterator
from typing import Any, Final

from tests.support.discord import errors
from tests.support.discord.records import MessageFlag, Payload

ACTION_ROW: Final = 1
BUTTON: Final = 2
TEXT_INPUT: Final = 4
TEXT_DISPLAY: Final = 10
LABEL: Final = 18
LINK_STYLE: Final = 5
PREMIUM_STYLE: Final = 6
FREE_ROWS: Final = frozenset({ACTION_ROW})


def check_forward(body: Payload, files: int) -> None:
    """Refuse a forward that says something itself. Raises: ApiError 50035."""
    said = [name for name in ("content", "embeds", "components", "poll") if body.get(name)]
    if said or files:
        raise errors.invalid_form([f"{name}: not with a forward" for name in said or ["files"]])


def check_message(body: Payload, files: int, *, was: Payload | None = None) -> None:
    """Refuse what Discord refuses of a new message, or of an edit of the message `was`.

    Raises: ApiError 50006 for an empty message, 50035 with every other fault.
    """
    whole = {**(was or {}), **{key: value for key, value in body.items() if key != "flags"}}
    flags = int(body.get("flags") or 0) | int((was or {}).get("flags") or 0)
    found = list(_message_faults(whole, body, flags))
    if found:
        raise errors.invalid_form(found)
    # an edit's list of attachments says what stays and what is new, in one
    has_files = bool(whole.get("attachments")) if was else bool(files)
    parts = ("content", "embeds", "components", "sticker_ids", "poll")
    if not has_files and not any(whole.get(part) for part in parts):
        raise errors.empty_message()


def _message_faults(whole: Payload, body: Payload, flags: int) -> Iterator[str]:
    if len(whole.get("content") or "") > 2000:
        yield "content: Must be 2000 or fewer in length."
    embeds = whole.get("embeds") or []
    if sum(_embed_length(embed) for embed in embeds) > 6000:
        yield "embeds: Embed size exceeds maximum size of 6000"
    components = whole.get("components") or []
    if flags & MessageFlag.COMPONENTS_V2:
        if whole.get("content") or embeds:
            yield "content: cannot be used with MessageFlags.IS_COMPONENTS_V2"
        parts = list(every_component(components))
        if len(parts) > 40:
            yield f"components: {len(parts)} where 40 are allowed"
        if sum(len(part.get("content") or "") for part in parts) > 4000:
            yield "components: texts of more than 4000 characters together"
    elif any(part.get("type") not in FREE_ROWS for part in components):
        yield "components: this type needs MessageFlags.IS_COMPONENTS_V2"
    elif len(components) > 5:
        yield f"components: {len(components)} rows where 5 are allowed"
    yield from _component_faults(components)
    yield from _mention_faults(body.get("allowed_mentions") or {})


def _embed_length(embed: Payload) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or ():
        texts += [field.get("name"), field.get("value")]
    return sum(len(text or "") for text in texts)


def every_component(components: list[Payload]) -> Iterator[Payload]:
    """The components themselves and all that is inside them, in reading order."""
    for component in components:
        yield component
        yield from every_component(component.get("components") or [])
        if component.get("component"):
            yield from every_component([component["component"]])
        if component.get("accessory"):
            yield from every_component([component["accessory"]])


def _component_faults(components: list[Payload]) -> Iterator[str]:
    seen: set[str] = set()
    for part in every_component(components):
        custom_id = part.get("custom_id")
        if custom_id is not None:
            if custom_id in seen:
                yield f"components: Component custom id cannot be duplicated: {custom_id}"
            seen.add(custom_id)
        if part.get("type") == ACTION_ROW and not 1 <= len(part.get("components") or []) <= 5:
            yield "components: a row holds 1 to 5 components"
        if part.get("type") == BUTTON:
            yield from _button_faults(part)


def _button_faults(button: Payload) -> Iterator[str]:
    style = button.get("style")
    wanted = {LINK_STYLE: "url", PREMIUM_STYLE: "sku_id"}.get(int(style or 0), "custom_id")
    for name in ("url", "sku_id", "custom_id"):
        if (name == wanted) != bool(button.get(name)):
            yield f"components: a button of style {style} and its {name}"
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        yield "components: a button must have a label or an emoji"


def _mention_faults(mentions: Payload) -> Iterator[str]:
    parse = mentions.get("parse") or []
    for word in ("users", "roles"):
        if word in parse and mentions.get(word):
            yield f"allowed_mentions: parse:[{word!r}] and {word}: [ids...] are mutually exclusive"


def check_modal(form: Payload) -> None:
    """Refuse a form that Discord would not open. Raises: ApiError 50035."""
    found = []
    rows = form.get("components") or []
    if not 1 <= len(rows) <= 5:
        found.append(f"components: {len(rows)} where 1 to 5 are allowed")
    for row in rows:
        if row.get("type") not in {ACTION_ROW, LABEL, TEXT_DISPLAY}:
            found.append(f"components: type {row.get('type')} cannot stand in a form")
        inner: Payload = row.get("component") or next(iter(row.get("components") or []), {})
        if inner.get("type") == TEXT_INPUT and len(inner.get("value") or "") > 4000:
            found.append("components: a text of more than 4000 characters")
        options = inner.get("options") or []
        if len({option["value"] for option in options}) < len(options):
            found.append("components: two options of one value")
    found += _component_faults(rows)
    if found:
        raise errors.invalid_form(found)


def number_components(components: list[Payload], links: dict[str, str]) -> list[Payload]:
    """Components as Discord keeps them: each with an id, `attachment://` resolved to a link."""
    counter = iter(range(1, 1000))

    def keep(part: Any) -> Any:
        if isinstance(part, list):
            return [keep(item) for item in part]
        if not isinstance(part, dict):
            return part
        kept = {key: keep(value) for key, value in part.items() if value is not None}
        url = kept.get("url")
        if isinstance(url, str) and url.startswith("attachment://"):
            kept["url"] = links.get(url.removeprefix("attachment://"), url)
        if isinstance(kept.get("type"), int):
            kept["id"] = kept.get("id") or next(counter)
        return kept

    return [keep(component) for component in components]
