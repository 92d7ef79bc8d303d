"""Words refusals: which rule, which value, and what would pass."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

import discord

from bot.errors import (
    AppealOverCeiling,
    InvalidRequest,
    InvalidTemplate,
    NotAllowed,
    QuotaExceeded,
    UserError,
)
from bot.rules.media import MediaKind
from bot.rules.violation import Violation
from bot.ui.formatting import CONTENT_LIMIT, mention, setting_name, within
from bot.ui.markdown import code, shorten
from bot.ui.texts import Localised

SHOWN_AT_ONCE: Final = 10
"""As many violations as a phone's screen holds; the rest is counted."""

FAULTS_LIMIT: Final = 1400
"""Characters for violations, so that the lines around them fit."""

NAME_SHOWN: Final = 60

CHANNEL_NOT_ALLOWED: Final = "refused-channel"
UNSEEN: Final = "refused-channel-unseen"

_LISTED: Final = frozenset({"ratio-not-taken", "resolution-not-taken"})
_KINDS: Final = frozenset(MediaKind)


def explain(error: UserError, t: Localised, currency: str = "") -> str:
    """The text of a refusal, at most as long as a message may be."""
    if isinstance(error, InvalidRequest):
        lines = fault_lines(error.violations, t, error.model)
        suggestion = t("suggestion", model=code(error.suggestion)) if error.suggestion else ""
        model = error.model
        head = t("refused-rules", model=code(model)) if model else t("refused-rules-any")
        return within((head, within(lines, FAULTS_LIMIT), suggestion))
    if isinstance(error, QuotaExceeded):
        return _quota(error, t, currency)
    if isinstance(error, AppealOverCeiling):
        return within((t(error.key), _quota(error.quota, t, currency)))
    if isinstance(error, InvalidTemplate):
        head = t(error.key, holder=code(str(error.params["holder"])))
        return within((head, explain(error.cause, t, currency)))
    params = {name: _shown(name, value, t) for name, value in error.params.items()}
    lists = [value for value in params.values() if isinstance(value, tuple)]
    if lists:
        params["count"] = len(lists[0])
    return shorten(t(error.key, **params), CONTENT_LIMIT)


def fault_lines(faults: Sequence[Violation], t: Localised, model: str = "") -> list[str]:
    """One bullet for each violation; the last one counts those not shown."""
    lines = [f"- {fault_line(fault, t, model)}" for fault in faults[:SHOWN_AT_ONCE]]
    more = len(faults) - SHOWN_AT_ONCE
    if more > 0:
        lines.append(f"- {t('rules-more', count=more)}")
    return lines


def fault_line(fault: Violation, t: Localised, model: str = "") -> str:
    """One violation or warning in a sentence."""
    key = f"rule-{fault.rule}"
    extra: dict[str, str] = {}
    if fault.rule == "wrong-kind":
        extra = {
            "found": fault.value if fault.value in _KINDS else ("other" if fault.value else "none"),
            "wanted": fault.allowed if fault.allowed in _KINDS else "any",
        }
    text = t(
        key if t.has(key) else "rule-other",
        field=_where(fault, t),
        value=code(fault.value) if fault.value else "",
        allowed=_allowed(fault, t),
        model=code(str(fault.params.get("model") or model)),
        count=_whole(fault.value),
        most=_whole(fault.allowed),
        **extra,
    )
    shot = int(fault.params.get("shot") or 0)
    return t("rule-in-shot", shot=shot, fault=text) if shot else text


def _whole(value: str) -> int:
    """A whole number to choose a plural by; 0 for everything else, such as `4–15`."""
    try:
        return int(value)
    except ValueError:
        return 0


def _where(fault: Violation, t: Localised) -> str:
    """The option, and the file in it by the name its member gave it."""
    field, name = field_name(fault.field, t), str(fault.params.get("name") or "")
    return t("field-file", field=field, name=code(name, NAME_SHOWN)) if name else field


def field_name(field: str, t: Localised) -> str:
    """An option's name as its member sees it in the command, such as `image3`."""
    word = field.rstrip("0123456789")
    number = field[len(word) :]
    if t.has(f"option-{word}"):
        return code(t(f"option-{word}", number=int(number)) if number else t(f"option-{word}"))
    return t(f"field-{field}") if t.has(f"field-{field}") else code(field)


def _allowed(fault: Violation, t: Localised) -> str:
    if fault.rule in _LISTED:
        return t.listed(fault.allowed.split(), "or")
    return fault.allowed


def _quota(error: QuotaExceeded, t: Localised, currency: str) -> str:
    params = error.params
    unit, scope = str(params["unit"]), str(params["scope"])
    limit, used, needed = (_number(params[name]) for name in ("limit", "used", "needed"))
    about: dict[str, str | int] = {
        "scope": scope,
        "period": str(params["period"]),
        "limit": _amount(limit, unit, t, currency),
        "role": f"<@&{params['role']}>",
    }
    if limit == 0:
        return t("refused-quota-none", **about)
    if needed > limit:
        takes = _amount(needed, unit, t, currency)
        return t("refused-quota-needs", **about, needed=takes, unit=unit)
    refused = t(
        "refused-quota",
        **about,
        used=t.money(used, currency) if unit == "cost" else t.number(used),
        frees_ms=int(params["frees_ms"]),
    )
    if unit != "videos" or needed == 1:
        return refused
    return within((t("refused-quota-together", count=int(needed)), refused))


def _number(value: str | int) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        return Decimal(0)


def _amount(value: Decimal, unit: str, t: Localised, currency: str) -> str:
    if unit == "cost":
        return t.money(value, currency)
    return t("amount-seconds" if unit == "seconds" else "amount-videos", count=int(value))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _codes(value: str, _: Localised) -> str | tuple[str, ...]:
    return tuple(code(part) for part in _split(value))


def _permissions(value: str, t: Localised) -> str | tuple[str, ...]:
    return tuple(t(f"permission-{part}") for part in _split(value))


_FORMS: Final[Mapping[str, Callable[[str, Localised], str | tuple[str, ...]]]] = MappingProxyType(
    {
        "id": lambda value, _: code(value),
        "holder": lambda value, _: code(value),
        "model": lambda value, _: code(value),
        "guild": lambda value, _: code(value),
        "value": lambda value, _: code(value),
        "setting": setting_name,
        "user": lambda value, _: mention(int(value)),
        "by": lambda value, _: mention(int(value)),
        "name": lambda value, _: code(value),
        "word": lambda value, _: code(value),
        "models": _codes,
        "missing": _permissions,
        "channels": lambda value, _: tuple(value.split()),
    }
)
"""Formatters of parameters that hold names or lists; texts select by the others."""


def _shown(name: str, value: str | int, t: Localised) -> str | int | tuple[str, ...]:
    form = _FORMS.get(name)
    return form(str(value), t) if form is not None else value


def for_reader(interaction: discord.Interaction[Any], error: UserError) -> UserError:
    """The refusal with only those channels that the member can see; others show as `#unknown`."""
    named = str(error.params.get("channels", ""))
    if error.key != CHANNEL_NOT_ALLOWED or not named:
        return error
    seen = [each for each in named.split() if _sees(interaction, each)]
    if not seen:
        return NotAllowed(UNSEEN)
    return NotAllowed(error.key, {**error.params, "channels": " ".join(seen)})


def _sees(interaction: discord.Interaction[Any], mentioned: str) -> bool:
    """By the roles and channels in the gateway's cache, and the roles in the interaction."""
    guild, member = interaction.guild, interaction.user
    number = re.fullmatch(r"<#([0-9]+)>", mentioned)
    if guild is None or number is None or not isinstance(member, discord.Member):
        return False
    channel = guild.get_channel(int(number[1]))
    return channel is not None and channel.permissions_for(member).view_channel
