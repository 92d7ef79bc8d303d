"""All settings of a server in groups, each with the option that changes it. Pure."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

import discord

from bot.services.servers.admin import ServerView
from bot.services.servers.setting_values import UNLIMITED, in_words
from bot.ui.formatting import dotted, setting_name, within
from bot.ui.markdown import code
from bot.ui.texts import Localised

FIELD_LIMIT: Final = 1024
"""Discord's limit of an embed field's value."""

GROUPS: Final = MappingProxyType(
    {
        "review": ("review", "review_channel", "moderator_role", "review_timeout_hours"),
        "held": (
            "hold_first",
            "hold_links",
            "hold_younger_days",
            "hold_after_rejections",
            "hold_flagged",
            "safety_threshold",
            "report_threshold",
        ),
        "limits": ("server_daily", "at_once", "cooldown", "confirm_above"),
        "making": ("default_model", "remix", "language"),
        "showcase": ("showcase_channel", "showcase_votes", "showcase_monthly"),
        "records": ("log_channel", "retention_days"),
    }
)
"""The groups of settings, in the order shown."""

_NUMBERS: Final = frozenset(
    {
        "review_timeout_hours",
        "hold_first",
        "hold_younger_days",
        "hold_after_rejections",
        "safety_threshold",
        "report_threshold",
        "server_daily",
        "at_once",
        "cooldown",
        "retention_days",
        "showcase_votes",
    }
)


def settings_page(view: ServerView, currency: str, t: Localised) -> discord.Embed:
    """Every setting as a sentence with its unit, followed by the name of its option."""
    embed = discord.Embed(title=t("settings-title"), description=t("settings-hint"))
    for group, names in GROUPS.items():
        lines = [_line(name, view, currency, t) for name in names]
        embed.add_field(
            name=t(f"settings-group-{group}"), value=within(lines, FIELD_LIMIT), inline=False
        )
    places = within(_places(view, t), FIELD_LIMIT)
    embed.add_field(name=t("settings-group-places"), value=places, inline=False)
    return embed


def _line(name: str, view: ServerView, currency: str, t: Localised) -> str:
    said = t(f"settings-says-{name.replace('_', '-')}", value=_value(name, view, currency, t))
    return dotted((said, setting_name(name, t)))


def _value(name: str, view: ServerView, currency: str, t: Localised) -> str | int | Decimal:
    """The parameters of a setting's sentence: a number, a choice, or a mention."""
    word = in_words(name, view.settings)
    if name == "default_model":
        return code(view.default_model)
    if name == "confirm_above" and word != UNLIMITED:
        return t.money(Decimal(word), currency)
    if name in _NUMBERS and word != UNLIMITED:
        number = Decimal(word)
        return int(number) if number == int(number) else number
    return word or "none"


def _places(view: ServerView, t: Localised) -> tuple[str, ...]:
    channels = view.settings.channels
    return (
        t("settings-models", count=len(view.models)),
        t("settings-everywhere") if channels is None else t("settings-places", count=len(channels)),
    )
