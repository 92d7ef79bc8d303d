"""Names and descriptions of commands and options: English in the code, translations for Discord."""

from functools import cache
from typing import Any, Final

import discord
from discord import app_commands

from bot.ui.texts import DEFAULT, Localised, Texts

_LANGUAGES_OF: Final = {"zh-CN": ("zh-CN", "zh-TW")}
"""Further Discord locales that a language is used for."""


class English:
    """The English names and descriptions, which the decorators need at import."""

    def __init__(self) -> None:
        self._t = _english()

    def command(self, name: str) -> app_commands.locale_str:
        """A command's or group's description by its qualified name, such as `video create`."""
        key = f"command-{name.replace(' ', '-')}"
        return app_commands.locale_str(self._t(f"{key}.description"))

    def options(self, *names: str) -> dict[str, app_commands.locale_str]:
        """Descriptions of options by their names."""
        return {name: self.option(name) for name in names}

    def option(self, name: str, command: str = "") -> app_commands.locale_str:
        """The description of one option; a command may have one of its own."""
        own = f"option-{name}-{command.replace(' ', '-')}"
        if command and self._t.has(own):
            return app_commands.locale_str(self._t(f"{own}.description"))
        return app_commands.locale_str(describe_option(name, self._t))

    def decision(self, action: str) -> app_commands.locale_str:
        """The name of a choice among the kinds of decisions."""
        return app_commands.locale_str(self._t(f"decision-{action}"), key=f"decision-{action}")


@cache
def _english() -> Localised:
    return Texts(strict=True).of(DEFAULT)


def describe_option(name: str, t: Localised) -> str:
    """An option's description; numbered ones share a text."""
    word, number = _numbered(name)
    key = f"option-{word}.description"
    return t(key, number=number) if number else t(key)


def _numbered(name: str) -> tuple[str, int]:
    word = name.rstrip("0123456789")
    return word, int(name[len(word) :] or 0)


class CommandTranslator(app_commands.Translator):
    """Translates names and descriptions for Discord into every language but English."""

    def __init__(self, texts: Texts) -> None:
        # asked for every text in each of Discord's languages, most of which there are none in
        self._by_locale = {
            locale: texts.of(language)
            for language in texts.languages
            if language != DEFAULT
            for locale in _LANGUAGES_OF.get(language, (language,))
        }

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text for a locale; None to keep the English one."""
        language = self._by_locale.get(locale.value)
        if language is None:
            return None
        place, data = context.location.name, context.data
        if isinstance(data, app_commands.Parameter):
            name = str(data.display_name)
            own = f"option-{name}-{_command_key(data.command).removeprefix('command-')}"
            if language.has(own):
                return language(own if place.endswith("_name") else f"{own}.description")
            return _option(language, name, is_name=place.endswith("_name"))
        if isinstance(data, app_commands.Choice):
            # a word that means something else in another command has a key of its own
            key = str(string.extras.get("key") or f"choice-{str(data.value).lower()}")
            return language(key) if language.has(key) else None
        key = _command_key(data)
        key = key if place.endswith("_name") else f"{key}.description"
        return language(key) if language.has(key) else None


def _option(t: Localised, name: str, *, is_name: bool) -> str | None:
    word, number = _numbered(name)
    key = f"option-{word}"
    if not t.has(key):
        return None
    if not is_name:
        return describe_option(name, t)
    return t(key, number=number) if number else t(key)


def _command_key(command: Any) -> str:
    return f"command-{str(command.qualified_name).replace(' ', '-')}"
