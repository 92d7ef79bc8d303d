"""Adds names: the command, and the form of the menu **Add to cast**."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import discord
from discord import ui

from bot.errors import UserError
from bot.rules.cast import LONGEST, SHORTEST, as_name
from bot.rules.request import MediaRef, VideoRequest
from bot.services.caller import Caller
from bot.services.cast.checks import MOST_PICTURES
from bot.services.cast.service import Owner
from bot.ui.cast import pages
from bot.ui.components import Interaction
from bot.ui.custom_ids import RequestId
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.requests.message_attachments import are_anothers, own_id, pictures_of
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

NAME: Final = "name"
FOR: Final = "for"
OWNERS: Final[tuple[Owner, ...]] = ("me", "server")
_OTHERS: Final = "cast:others"
_OWN: Final = "cast:own"


class CastForm(Form, custom_id="vb:cast-form:{form_id}"):
    """Asks for the name of a message's pictures, which are kept in a saved form."""

    form_id: Annotated[str, *RequestId.__metadata__]

    def build(self, t: Localised, count: int) -> ui.Modal:
        """The modal to open; `count` is how many pictures the message has."""
        name: ui.TextInput[Any] = ui.TextInput(
            custom_id=NAME, min_length=SHORTEST, max_length=LONGEST + 1, required=True
        )
        owners: ui.Select[Any] = ui.Select(
            custom_id=FOR,
            options=[
                discord.SelectOption(
                    label=t(f"choice-cast-{each}"), value=each, default=each == "me"
                )
                for each in OWNERS
            ],
            required=True,
        )
        if count > MOST_PICTURES:
            note = t("form-cast-name-first", limit=MOST_PICTURES, count=count)
        else:
            note = t("form-cast-name-help")
        return self.modal(
            t("form-title-cast"),
            ui.Label(text=t("form-name"), description=note, component=name),
            ui.Label(text=t("form-for"), component=owners),
        )

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Add the name."""
        caller = caller_of(interaction)
        kept = await services.forms.find(caller, self.form_id)
        await add(
            services,
            answer,
            caller,
            first(values, NAME),
            kept.video_request.media,
            first(values, FOR),
            is_others=kept.origin == _OTHERS,
        )


async def cast_form(
    services: Services, interaction: Interaction, message: discord.Message
) -> ui.Modal:
    """The form for the pictures of a message.

    Raises: UserError where it has none, or where the server leaves others' pictures to them.
    """
    caller = caller_of(interaction)
    pictures = pictures_of(message)
    if not pictures:
        raise UserError("refused-cast-none")
    is_others = are_anothers(message, caller.user_id, own_id(interaction))
    # where the database is slow, the same is checked when the form comes back
    await services.forms.in_time(services.cast.check(caller, is_others=is_others))
    kept = VideoRequest(prompt="", model="", media=pictures[:MOST_PICTURES])
    form_id = await services.forms.keep(caller, kept, origin=_OTHERS if is_others else _OWN)
    return CastForm(form_id).build(services.texts.of(caller.locale), len(pictures))


async def add(
    services: Services,
    answer: Answer,
    caller: Caller,
    name: str,
    pictures: Sequence[MediaRef],
    owner: str,
    *,
    is_others: bool = False,
) -> None:
    """Add a name, and answer once its pictures are there or refused."""
    whose: Owner = "server" if owner == "server" else "me"
    begun = await services.cast.add(caller, name, pictures, whose, is_others=is_others)
    view = await services.cast.outcome(begun.entry.id)
    await answer.send(pages.added(view, as_name(name), answer.t))
