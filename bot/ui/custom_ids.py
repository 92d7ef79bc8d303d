"""Declares custom_ids once: template, regular expression, parser and formatter from one place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import get_annotations
from string import Formatter
from typing import Annotated, Any, ClassVar, Final, Self, dataclass_transform, get_args


@dataclass(frozen=True, slots=True)
class Part:
    """One variable part of a custom_id: the pattern of its text, and the way there and back."""

    pattern: str
    parse: Callable[[str], Any] = str
    format: Callable[[Any], str] = str


def digits(most: int) -> Part:
    """A whole number of at most so many digits."""
    return Part(rf"[0-9]{{1,{most}}}", int)


RequestId = Annotated[str, Part(r"[a-z0-9]{6,20}")]
"""The id of a request or of a saved form."""


class CustomIdTemplate:
    """A template such as `vb:confirm:{request_id}:{micros}`, with the declaration of each part."""

    def __init__(self, text: str, declared: Mapping[str, Part]) -> None:
        self.text = text
        names = [name for _, name, _, _ in Formatter().parse(text) if name]
        self.parts = {name: declared[name] for name in names}
        groups = {name: f"(?P<{name}>{part.pattern})" for name, part in self.parts.items()}
        self.regex: Final = re.compile(text.format_map(groups))

    def parse(self, match: re.Match[str]) -> dict[str, Any]:
        """The value of each part."""
        return {name: part.parse(match[name]) for name, part in self.parts.items()}

    def format(self, source: object) -> str:
        """The custom_id for an object that has each part as an attribute."""
        values = {name: part.format(getattr(source, name)) for name, part in self.parts.items()}
        return self.text.format_map(values)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class FromCustomId:
    """Base of what is rebuilt from its custom_id, so that it works after a restart.

    A subclass gives its template in the class statement and annotates each part as a field:

        class Confirm(Component, custom_id="vb:confirm:{request_id}:{micros}"):
            request_id: RequestId
            micros: Annotated[int, digits(18)]

    It becomes a dataclass of its fields. Without a template of its own it has its parent's.
    Posted messages live for years: a template that was released must never change.
    """

    custom_id_template: ClassVar[CustomIdTemplate] = CustomIdTemplate("", {})

    def __init_subclass__(cls, *, custom_id: str = "", **options: Any) -> None:
        if custom_id:
            cls.custom_id_template = CustomIdTemplate(custom_id, _declared_parts(cls))
        super().__init_subclass__(**options)
        dataclass(eq=False, repr=False)(cls)

    @classmethod
    def from_match(cls, match: re.Match[str], **fields: Any) -> Self:
        """Rebuild it from a match of its template."""
        return cls(**cls.custom_id_template.parse(match), **fields)

    def to_custom_id(self) -> str:
        """The custom_id that it is rebuilt from."""
        return self.custom_id_template.format(self)


def _declared_parts(cls: type) -> dict[str, Part]:
    hints = {
        name: hint for base in reversed(cls.__mro__) for name, hint in get_annotations(base).items()
    }
    return {
        name: part
        for name, hint in hints.items()
        for part in get_args(hint)[1:]
        if isinstance(part, Part)
    }
