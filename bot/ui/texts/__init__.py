"""Localised texts by key: Fluent files, one folder for each language.

Texts may call these functions beside Fluent's own: `RELATIVE($ms)` and `MOMENT($ms)` make Discord
timestamps, which each reader's client shows in local time, and `COMMAND("video create")` makes a
command that can be tapped. A parameter that is a tuple of texts becomes a list as the language
writes one.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, Literal

from babel import Locale
from babel.core import get_global
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_precision
from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser
from fluent.syntax.ast import Resource

from storage.errors import BotError

_log = logging.getLogger(__name__)

DEFAULT: Final = "en-US"

Parameter = str | int | Decimal | Sequence[str]

REMEMBERED: Final = 512
"""So many texts of a language are kept as they were filled in; none with a long parameter."""
_SHORT: Final = 32
"""Characters; what members typed is longer, and different each time."""


class MissingText(BotError):
    """A missing key or parameter; raised in tests, logged in production."""


class Texts:
    """All languages, loaded once.

    `strict` raises MissingText where production shows the English text, or else the key, and logs.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._command_ids: dict[str, int] = {}
        self._languages = {locale: Localised(self, locale, strict=strict) for locale in _locales()}

    @property
    def languages(self) -> tuple[str, ...]:
        """The available locales, such as `en-US`."""
        return tuple(self._languages)

    def of(self, locale: str) -> "Localised":
        """The best match for a Discord locale: itself, else its language, else English."""
        if locale in self._languages:
            return self._languages[locale]
        tongue = locale.partition("-")[0]
        for name, localised in self._languages.items():
            if name.partition("-")[0] == tongue:
                return localised
        return self._languages[DEFAULT]

    def name_commands(self, ids: Mapping[str, int]) -> None:
        """Set the ids that Discord gave to the commands (by first word), for clickable mentions."""
        self._command_ids = dict(ids)
        for language in self._languages.values():
            language.forget()

    def command_mention(self, name: str) -> str:
        """`</video create:id>`, or plain `/video create` while its id is unknown."""
        command_id = self._command_ids.get(name.partition(" ")[0])
        return f"</{name}:{command_id}>" if command_id else f"`/{name}`"


class Localised:
    """The texts of one language."""

    def __init__(self, texts: Texts, locale: str, *, strict: bool) -> None:
        self._texts = texts
        self._strict = strict
        self.locale = locale
        self._babel = Locale.parse(locale, sep="-")
        functions: dict[str, Callable[[Any], Any]] = {
            "RELATIVE": _relative,
            "MOMENT": _moment,
            "COMMAND": texts.command_mention,
        }
        # isolation marks would end up inside timestamps and code spans
        self._bundle = FluentBundle([locale], functions=functions, use_isolating=False)
        for resource in _parsed(locale):
            self._bundle.add_resource(resource)
        # a receipt and a card are made of a few texts that are the same again and again
        self._filled = lru_cache(REMEMBERED)(self._fill)
        self._amounts = lru_cache(REMEMBERED)(self._money)

    def forget(self) -> None:
        """Fill texts in anew: the commands that they name have other ids now."""
        self._filled.cache_clear()

    def __call__(self, key: str, /, **params: Parameter) -> str:
        """The text of a key; `name.attribute` reads an attribute of a message."""
        name, _, attribute = key.partition(".")
        pattern = self._pattern(name, attribute)
        if pattern is None:
            return self._missing(key, params)
        if all(_is_short(value) for value in params.values()):
            return self._filled(key, *params.items())
        return self._fill(key, *params.items())

    def _fill(self, key: str, *params: tuple[str, Parameter]) -> str:
        values = {word: self._value(value) for word, value in params}
        name, _, attribute = key.partition(".")
        text, errors = self._bundle.format_pattern(self._pattern(name, attribute), values)
        if errors:
            if self._strict:
                raise MissingText(f"{self.locale} {key}: {errors[0]}")
            _log.error(
                "A text could not be filled in.",
                extra={"action": "texts.unfilled", "key": key, "locale": self.locale},
            )
        return str(text)

    def has(self, key: str) -> bool:
        """Whether the language itself has this key."""
        name, _, attribute = key.partition(".")
        return self._pattern(name, attribute) is not None

    def number(self, value: Decimal | int) -> str:
        """A number as the language writes it."""
        return str(format_decimal(value, locale=self._babel, decimal_quantization=False))

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount of money; a currency that is not an ISO code follows the number."""
        return self._amounts(amount, currency)

    def _money(self, amount: Decimal, currency: str) -> str:
        code = currency.upper()
        if code not in get_global("all_currencies"):
            return self("amount-other", amount=self.number(amount), currency=currency).strip()
        exponent = amount.normalize().as_tuple().exponent
        # prices below a cent exist and must not be rounded away
        places = max(get_currency_precision(code), -int(exponent))
        pattern = self._babel.currency_formats["standard"].pattern
        pattern = pattern.replace(".00", "." + "0" * places if places else "")
        return str(
            format_currency(amount, code, pattern, locale=self._babel, currency_digits=False)
        )

    def listed(self, items: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
        """Items as the language lists them: “a, b, and c” or “a, b, or c”."""
        return str(format_list(list(items), style=style, locale=self._babel)) if items else ""

    def _value(self, value: Parameter) -> str | int | Decimal:
        return value if isinstance(value, str | int | Decimal) else self.listed(value)

    def _pattern(self, name: str, attribute: str) -> Any:
        if not self._bundle.has_message(name):
            return None
        message = self._bundle.get_message(name)
        return message.attributes.get(attribute) if attribute else message.value

    def _missing(self, key: str, params: Mapping[str, Parameter]) -> str:
        if self._strict:
            raise MissingText(f"{self.locale} has no text {key}")
        _log.error(
            "A text is missing.",
            extra={"action": "texts.missing", "key": key, "locale": self.locale},
        )
        english = self._texts.of(DEFAULT)
        return english(key, **params) if self is not english and english.has(key) else key


@cache
def sources_of(locale: str) -> Mapping[str, str]:
    """One language's files by name, for tests and for English command names."""
    files = resources.files(__name__).joinpath(locale).iterdir()
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".ftl")
    }


@cache
def digest_of(locale: str) -> str:
    """Changes with any of a language's texts."""
    written = json.dumps(dict(sources_of(locale)), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


@cache
def _parsed(locale: str) -> tuple[Resource, ...]:
    # takes 0.3 s and some megabytes: done once a process, without source positions
    parser = FluentParser(with_spans=False)
    return tuple(parser.parse(source) for source in sources_of(locale).values())


def _locales() -> list[str]:
    return sorted(
        entry.name
        for entry in resources.files(__name__).iterdir()
        if entry.is_dir() and not entry.name.startswith("_")
    )


def _is_short(value: Parameter) -> bool:
    return type(value) is int or (isinstance(value, str) and len(value) <= _SHORT)


def _relative(ms: int) -> str:
    return f"<t:{int(ms) // 1000}:R>"


def _moment(ms: int) -> str:
    return f"<t:{int(ms) // 1000}:f>"
