"""Private answers to managers: settings, models, channels, permission check. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.services.server_settings import ServerSettings
from bot.services.servers.admin import Change, ServerView
from bot.services.servers.channels import PURPOSES, Place, Purpose
from bot.services.servers.setting_values import ROLE
from bot.ui.formatting import dotted, setting_name, setting_value, within
from bot.ui.markdown import code
from bot.ui.texts import Localised

CHECKED_CHANNELS: Final = 10
"""As many allowed channels as are checked; more would fill a phone's screen."""


def changed_page(view: ServerView, changes: Sequence[Change], t: Localised) -> str:
    """What was changed, and what is still missing for it to work."""
    if not changes:
        return t("settings-same")
    lines = [
        t(
            "setting-changed",
            setting=setting_name(change.name, t),
            old=setting_value(change.old, t),
            new=setting_value(change.new, t),
        )
        for change in changes
    ]
    lacks_place = view.settings.review != "off" and not view.settings.review_channel
    role = view.settings.moderator_role if any(c.name == ROLE for c in changes) else 0
    return within(
        (
            *lines,
            t("check-no-review-channel") if lacks_place else "",
            t("setup-open-videomod", role=f"<@&{role}>") if role else "",
        )
    )


def models_list(view: ServerView, t: Localised) -> str:
    """The models that the server may use."""
    names = [
        dotted((code(name), t("models-default") if name == view.default_model else ""))
        for name in view.models
    ]
    lines = [f"- {name}" for name in names]
    return within((t("admin-models", count=len(names)), *lines, t("admin-models-hint")))


def channels_list(view: ServerView, t: Localised) -> str:
    """The channels in which the bot may be used."""
    channels = view.settings.channels
    if channels is None:
        return within((t("admin-everywhere"), t("admin-channels-hint")))
    lines = [f"- <#{each}>" for each in channels]
    return within((t("admin-channels", count=len(lines)), *lines, t("admin-channels-hint")))


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the permission check: fine, or a problem."""

    is_fine: bool
    text: str


def findings(
    settings: ServerSettings, here: Place | None, places: Mapping[int, Place], t: Localised
) -> list[Finding]:
    """The bot's missing permissions in each relevant channel, and how to fix them."""
    found = []
    for name, purpose in PURPOSES.items():
        if channel_id := getattr(settings, name):
            place = places.get(channel_id, Place(channel_id))
            found += _of_place(place, purpose, setting_name(name, t), t)
    if settings.review != "off" and not settings.review_channel:
        found.append(Finding(is_fine=False, text=t("check-no-review-channel")))
    chosen = settings.channels
    if chosen is None and here is not None:
        found += _of_place(here, Purpose.USE, t("check-here"), t)
    for channel_id in (chosen or ())[:CHECKED_CHANNELS]:
        place = places.get(channel_id, Place(channel_id))
        found += _of_place(place, Purpose.USE, t("check-allowed"), t)
    more = len(chosen or ()) - CHECKED_CHANNELS
    if more > 0:
        found.append(Finding(is_fine=True, text=t("check-more", count=more)))
    return found


def _of_place(place: Place, purpose: Purpose, what: str, t: Localised) -> list[Finding]:
    if not place.kind:
        return [Finding(is_fine=False, text=t("check-gone", what=what))]
    missing = place.missing_for(purpose)
    if missing:
        names = tuple(t(f"permission-{name}") for name in missing)
        text = t("check-missing", place=place.mention, what=what, missing=names)
        found = [Finding(is_fine=False, text=text)]
    else:
        found = [Finding(is_fine=True, text=t("check-well", place=place.mention, what=what))]
    if place.is_public and purpose is Purpose.REVIEW:
        found.append(Finding(is_fine=False, text=t("check-public", place=place.mention)))
    return found
