"""Parses, validates and formats the values of `/videoadmin settings`. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from bot.errors import UserError
from bot.services.server_settings import ServerSettings
from bot.services.servers.channels import PURPOSES

UNLIMITED: Final = "unlimited"
OF_SERVER: Final = "server"
"""The language setting's word for the server's own."""

Given = str | int | float | bool
"""What somebody typed or chose."""
Stored = str | int | float | bool | None
"""What is kept; None is the default."""


@dataclass(frozen=True, slots=True)
class RoleGiven:
    """A role that somebody chose; `is_everyone` for the one that all members have."""

    role_id: int
    is_everyone: bool


MOST_VIDEOS: Final = 1_000_000
DEAREST: Final = Decimal(1_000_000)

CHANNELS: Final = tuple(PURPOSES)
ROLE: Final = "moderator_role"
MODEL: Final = "default_model"
SWITCHES: Final = ("hold_links", "hold_flagged", "showcase_monthly")

_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"review": ("off", "prompt", "result"), "remix": ("own", "everyone")}
)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `least` to `most`; with `can_be_unlimited` also that word."""

    least: int
    most: int
    can_be_unlimited: bool = False
    is_whole: bool = True

    @property
    def text(self) -> str:
        """What would pass, in no language."""
        span = f"{self.least}–{self.most}"
        return f"{span}, {UNLIMITED}" if self.can_be_unlimited else span


RANGES: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "server_daily": Range(0, MOST_VIDEOS, can_be_unlimited=True),
        "at_once": Range(1, 1000, can_be_unlimited=True),
        "cooldown": Range(0, 86_400),
        "review_timeout_hours": Range(1, 720, is_whole=False),
        "hold_first": Range(0, 1000),
        "hold_younger_days": Range(0, 3650),
        "hold_after_rejections": Range(0, 1000),
        "safety_threshold": Range(0, 100),
        "report_threshold": Range(1, 1000),
        "retention_days": Range(1, 365),
        "showcase_votes": Range(1, 1000),
    }
)

NAMES: Final = (
    "review",
    "review_channel",
    "log_channel",
    "moderator_role",
    "default_model",
    "language",
    "remix",
    "server_daily",
    "at_once",
    "cooldown",
    "confirm_above",
    "review_timeout_hours",
    "hold_first",
    "hold_links",
    "hold_younger_days",
    "hold_after_rejections",
    "hold_flagged",
    "safety_threshold",
    "report_threshold",
    "retention_days",
    "showcase_channel",
    "showcase_votes",
    "showcase_monthly",
)
"""Every setting in the order in which people see them."""


def read_value(name: str, given: Given, *, languages: tuple[str, ...]) -> Stored:
    """A plain setting's value as it is kept. Raises: UserError with what would pass."""
    if name in RANGES:
        return _number(name, given, RANGES[name])
    if name in SWITCHES:
        return bool(given)
    if name == "confirm_above":
        return _price(str(given))
    words = (*languages, OF_SERVER) if name == "language" else _WORDS[name]
    return _word(name, str(given), words)


def _word(name: str, given: str, words: tuple[str, ...]) -> Stored:
    known = {word.lower(): word for word in words}
    word = known.get(given.strip().lower())
    if word is None:
        raise _refused(name, given, ", ".join(words))
    return None if word == OF_SERVER else word


def _number(name: str, given: Given, limits: Range) -> Stored:
    word = str(given).strip().lower()
    if limits.can_be_unlimited and word == UNLIMITED:
        return None
    try:
        number = Decimal(word)
        is_fit = number.is_finite() and limits.least <= number <= limits.most
        is_fit = is_fit and not (limits.is_whole and number != int(number))
    except InvalidOperation:
        is_fit = False
    if not is_fit:
        raise _refused(name, str(given), limits.text)
    return int(number) if number == int(number) else float(number)


def _price(given: str) -> Stored:
    word = given.strip().lower().replace(",", ".")
    if word == UNLIMITED:
        return None
    try:
        price = Decimal(word)
        is_fit = price.is_finite() and 0 <= price <= DEAREST and price * 10**6 == int(price * 10**6)
    except InvalidOperation:
        is_fit = False
    if not is_fit:
        raise _refused("confirm_above", given, f"0–{DEAREST}, {UNLIMITED}")
    return f"{price.normalize():f}"


def _refused(name: str, given: str, allowed: str) -> UserError:
    told = {"setting": name, "value": given[:50], "allowed": allowed}
    return UserError("refused-setting", told)


_PLAIN: Final[Mapping[str, Callable[[ServerSettings], str]]] = MappingProxyType(
    {
        "review_channel": lambda settings: _mention("#", settings.review_channel),
        "log_channel": lambda settings: _mention("#", settings.log_channel),
        "showcase_channel": lambda settings: _mention("#", settings.showcase_channel),
        "showcase_monthly": lambda settings: "on" if settings.showcase_monthly else "off",
        "moderator_role": lambda settings: _mention("@&", settings.moderator_role),
        "language": lambda settings: settings.language or OF_SERVER,
        "server_daily": lambda settings: _limit(settings.server_daily),
        "at_once": lambda settings: _limit(settings.at_once),
        "confirm_above": lambda settings: settings.confirm_above or UNLIMITED,
        "hold_links": lambda settings: _switch(on=settings.hold_links),
        "hold_flagged": lambda settings: _switch(on=settings.hold_flagged),
        "review_timeout_hours": lambda settings: f"{settings.review_timeout_hours:g}",
    }
)


def in_words(name: str, settings: ServerSettings) -> str:
    """A setting's value as its option takes it; mentions for ids, empty for what is not set."""
    tell = _PLAIN.get(name)
    return tell(settings) if tell is not None else str(getattr(settings, name))


def _switch(*, on: bool) -> str:
    return "on" if on else "off"


def _mention(sign: str, number: int) -> str:
    return f"<{sign}{number}>" if number else ""


def _limit(number: int | None) -> str:
    return UNLIMITED if number is None else str(number)
