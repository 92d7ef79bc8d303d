"""Base class of the forms (modals): a submission is answered from its custom_id alone."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.ui.custom_ids import FromCustomId
from bot.ui.markdown import shorten
from bot.ui.responses import Answer
from bot.ui.services import Services

Interaction = discord.Interaction[Any]

TITLE_LIMIT: Final = 45
"""Discord's limit of a form's title and of its labels."""

Submitted = Mapping[str, tuple[str, ...]]
"""Each field's custom_id with its values: a text's one, a menu's choices, ids of uploaded files."""


class Form(FromCustomId):
    """A modal without state, so that one opened before a restart is answered after it.

    `is_update`: the submission changes the message whose button opened it.
    """

    is_update: ClassVar[bool] = False

    def modal(self, title: str, *fields: ui.Item[Any]) -> ui.Modal:
        """The modal to open, at most five fields."""
        modal = ui.Modal(
            title=shorten(title, TITLE_LIMIT), custom_id=self.to_custom_id(), timeout=1
        )
        for each in fields:
            modal.add_item(each)
        # a finished modal is not kept by discord.py: `dispatch` answers its submission
        modal.stop()
        return modal

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Do what the submitted form asks for, and answer."""
        raise NotImplementedError


def submitted_values(interaction: Interaction) -> Submitted:
    """The values of a submitted form's fields."""
    data: Any = interaction.data or {}
    return {
        str(each.get("custom_id", "")): tuple(
            str(value) for value in each.get("values") or [each.get("value") or ""]
        )
        for each in _fields(data.get("components") or ())
    }


def first(values: Submitted, custom_id: str) -> str:
    """The text or the choice of one field; empty where nothing was entered."""
    return next(iter(values.get(custom_id, ())), "")


def _fields(rows: Any) -> Iterator[dict[str, Any]]:
    for row in rows:
        if isinstance(row.get("component"), dict):
            yield row["component"]
        yield from row.get("components") or ()
