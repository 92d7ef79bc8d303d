"""The buttons, the menu and the form of `/owner uncertain`; everything is in their custom_ids."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final, Self

import discord
from discord import ui

from bot.services.operations.uncertain import PAGE_SIZE, Choice, UncertainPage, Verdict
from bot.ui.components import RequestButton, view_of
from bot.ui.interactions import caller_of
from bot.ui.owner import pages
from bot.ui.owner.pages import NameOf
from bot.ui.responses import Answer, answer_failure, answering
from bot.ui.services import Services, services_of
from bot.ui.texts import Localised
from storage.errors import StorageError

Interaction = discord.Interaction[Any]

ALL: Final = "all"
LONGEST_CUSTOM_ID: Final = 100
FORM_TIMEOUT_S: Final = 15 * 60.0
PREFILL_S: Final = 1.2
"""A form can't be put off: rather an empty one in time."""

RAN, NOT, AGAIN, SURE_NOT, SURE_AGAIN = "ran", "not", "again", "sure-not", "sure-again"
_LABELS: Final = {
    RAN: ("button-uncertain-ran", discord.ButtonStyle.success),
    NOT: ("button-uncertain-not", discord.ButtonStyle.secondary),
    AGAIN: ("button-uncertain-again", discord.ButtonStyle.secondary),
    SURE_NOT: ("button-confirm", discord.ButtonStyle.danger),
    SURE_AGAIN: ("button-confirm", discord.ButtonStyle.danger),
}
_DONE: Final = {
    Verdict.NOT_RUN: "uncertain-done-not",
    Verdict.AGAIN: "uncertain-done-again",
}


def _packed(choice: Choice) -> str:
    ids = ALL if choice.ids is None else ".".join(choice.ids)
    return f"{choice.as_of_ms}:{ids}"


def _unpacked(as_of: str, ids: str) -> Choice:
    return Choice(int(as_of), None if ids == ALL else tuple(ids.split(".")))


_CHOICE: Final = r"(?P<as_of>[0-9]{1,16}):(?P<ids>all|[a-z0-9]{6,20}(?:\.[a-z0-9]{6,20}){0,9})"


class UncertainTurn(
    RequestButton, template=r"vb:uncertain-page:(?P<ms>-?[0-9]{1,16}):(?P<id>[a-z0-9]{0,20})"
):
    """Turns the page of what is uncertain, or goes back to the first."""

    is_update = True

    def __init__(self, after: tuple[int, str], label: str = "Next") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.secondary,
                custom_id=f"vb:uncertain-page:{after[0]}:{after[1]}",
                emoji="▶️" if after[1] else None,
            )
        )
        self._after = after

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls((int(match["ms"]), match["id"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        await send_uncertain(services, interaction, answer, after=self._after)


class UncertainMenu(RequestButton, template=r"vb:uncertain:(?P<as_of>[0-9]{1,16})"):
    """Chooses which of a page are settled, or all there are."""

    is_update = True

    def __init__(
        self,
        as_of_ms: int,
        options: Sequence[discord.SelectOption] = (),
        *,
        at_most: int = 1,
        placeholder: str = "",
    ) -> None:
        super().__init__(
            ui.Select(
                custom_id=f"vb:uncertain:{as_of_ms}",
                options=list(options) or [discord.SelectOption(label=ALL)],
                max_values=at_most,
                placeholder=placeholder or None,
            )
        )
        self._as_of_ms = as_of_ms

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu anew from its custom_id."""
        return cls(int(match["as_of"]))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask what became of those that were chosen."""
        payload: Any = interaction.data
        values = tuple(str(value) for value in (payload or {}).get("values", ()))
        ids = None if ALL in values else values[:PAGE_SIZE]
        await _ask(services, interaction, answer, Choice(self._as_of_ms, ids))


class Settle(
    RequestButton,
    template=rf"vb:settle:(?P<verb>ran|not|again|sure-not|sure-again):{_CHOICE}",
):
    """Settles what was chosen; asks once where that spends money, or where it is about all."""

    is_update = True

    def __init__(self, verb: str, choice: Choice, label: str = "Confirm") -> None:
        super().__init__(
            ui.Button(
                label=label,
                style=_LABELS[verb][1],
                custom_id=f"vb:settle:{verb}:{_packed(choice)}",
            )
        )
        self._verb = verb
        self._choice = choice

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the pressed button anew from its custom_id."""
        return cls(match["verb"], _unpacked(match["as_of"], match["ids"]))

    async def callback(self, interaction: Interaction) -> None:
        """Open the form at once, or do what every button does."""
        if self._verb != RAN:
            await super().callback(interaction)
            return
        services = services_of(interaction)
        try:
            await _open_form(services, interaction, self._choice)
        except Exception as error:  # noqa: BLE001 - the last one who can answer
            await answer_failure(interaction, services.texts, error, currency=services.currency)

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask for a confirmation, or settle and show what is left."""
        if self._verb == AGAIN or (self._verb == NOT and self._choice.ids is None):
            await _make_sure(services, interaction, answer, self._verb, self._choice)
            return
        verdict = Verdict.NOT_RUN if self._verb in (NOT, SURE_NOT) else Verdict.AGAIN
        result = await services.uncertain.settle(caller_of(interaction), self._choice, verdict)
        told = pages.settlement(_DONE[verdict], result, services.currency, answer.t)
        await send_uncertain(services, interaction, answer, told=told)


class TaskForm(ui.Modal):
    """Asks for the provider's task id of each chosen request."""

    def __init__(self, choice: Choice, known: dict[str, str], t: Localised) -> None:
        super().__init__(title=t("uncertain-form"), timeout=FORM_TIMEOUT_S)
        self._choice = choice
        self._fields: dict[str, ui.TextInput[Any]] = {}
        for request_id in choice.ids or ():
            field: ui.TextInput[Any] = ui.TextInput(
                custom_id=f"task-{request_id}",
                default=known.get(request_id) or None,
                required=len(choice.ids or ()) == 1,
                max_length=200,
            )
            self._fields[request_id] = field
            self.add_item(ui.Label(text=t("uncertain-form-task", id=request_id), component=field))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Settle those whose task is named, and show what is left."""
        services = services_of(interaction)
        given = {request_id: field.value for request_id, field in self._fields.items()}
        async with answering(interaction, services.texts, currency=services.currency) as answer:
            caller = caller_of(interaction)
            result = await services.uncertain.ran(caller, self._choice, given)
            told = pages.settlement("uncertain-done-ran", result, services.currency, answer.t)
            await send_uncertain(services, interaction, answer, told=told)

    # discord.py itself gives a form's handler no item
    async def on_error(  # type: ignore[override]
        self, interaction: Interaction, error: Exception, /
    ) -> None:
        """Answer whatever happened."""
        services = services_of(interaction)
        await answer_failure(interaction, services.texts, error, currency=services.currency)


OWNER_BUTTONS: Final = (UncertainTurn, UncertainMenu, Settle)
"""Every class that must be registered at start."""


async def send_uncertain(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    *,
    after: tuple[int, str] = (-1, ""),
    told: str = "",
) -> None:
    """Answer with a page of what is uncertain; `told` stands above it."""
    page = await services.uncertain.page(caller_of(interaction), after=after)
    embed = pages.uncertain_page(page, _names(interaction), services.currency, answer.t)
    await answer.send(told or None, embed=embed, view=_page_view(page, answer.t))


def _names(interaction: Interaction) -> NameOf:
    def name_of(guild_id: int) -> str:
        guild = interaction.client.get_guild(guild_id)
        return guild.name if guild is not None else ""

    return name_of


def _page_view(page: UncertainPage, t: Localised) -> ui.View | None:
    if not page.requests:
        return None
    if page.total == 1:
        # one needs no choosing
        only = Choice(page.as_of_ms, (page.requests[0].id,))
        return view_of(*(Settle(verb, only, t(_LABELS[verb][0])) for verb in (RAN, NOT, AGAIN)))
    options = [
        discord.SelectOption(label=row.id, value=row.id, description=row.model[:100])
        for row in page.requests
    ]
    label = t("uncertain-choose-all", count=page.total)
    options.append(discord.SelectOption(label=label, value=ALL))
    menu = UncertainMenu(
        page.as_of_ms, options, at_most=_how_many_fit(page), placeholder=t("uncertain-choose")
    )
    if page.next_after is None:
        return view_of(menu)
    return view_of(menu, UncertainTurn(page.next_after, t("button-next")))


def _how_many_fit(page: UncertainPage) -> int:
    """How many ids one custom_id surely holds; with ids of today's length, a whole page's."""
    room = LONGEST_CUSTOM_ID - len(f"vb:settle:{SURE_AGAIN}:{page.as_of_ms}:")
    longest = max(len(row.id) for row in page.requests) + 1
    return max(1, min(len(page.requests), (room + 1) // longest))


async def _ask(
    services: Services, interaction: Interaction, answer: Answer, choice: Choice
) -> None:
    page = await services.uncertain.chosen(caller_of(interaction), choice)
    if not page.requests:
        late = answer.t("uncertain-late", count=len(choice.ids or ()) or 1)
        await send_uncertain(services, interaction, answer, told=late)
        return
    question = answer.t("uncertain-explain")
    verbs = (NOT, AGAIN) if choice.ids is None else (RAN, NOT, AGAIN)
    await _show_choice(services, interaction, answer, (page, choice), question, verbs)


async def _make_sure(
    services: Services, interaction: Interaction, answer: Answer, verb: str, choice: Choice
) -> None:
    page = await services.uncertain.chosen(caller_of(interaction), choice)
    if verb == AGAIN:
        question, sure = pages.sure_again(page, services.currency, answer.t), SURE_AGAIN
    else:
        question, sure = answer.t("uncertain-sure-not", count=page.total), SURE_NOT
    await _show_choice(services, interaction, answer, (page, choice), question, (sure,))


async def _show_choice(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    chosen: tuple[UncertainPage, Choice],
    question: str,
    verbs: Sequence[str],
) -> None:
    page, choice = chosen
    t = answer.t
    embed = pages.chosen_page(page, _names(interaction), services.currency, t, question=question)
    buttons = [Settle(verb, choice, t(_LABELS[verb][0])) for verb in verbs]
    back = UncertainTurn((-1, ""), t("button-uncertain-back"))
    await answer.send(embed=embed, view=view_of(*buttons, back))


async def _open_form(services: Services, interaction: Interaction, choice: Choice) -> None:
    """Check who asks, and fill in the task ids that are known, if the database is quick enough."""
    known: dict[str, str] = {}
    try:
        async with asyncio.timeout(PREFILL_S):
            page = await services.uncertain.chosen(caller_of(interaction), choice)
        known = {row.id: row.task_id for row in page.requests}
    except (TimeoutError, StorageError):
        pass  # an empty form does as well; who may settle is checked when it comes back
    t = services.texts.of(str(interaction.locale))
    await interaction.response.send_modal(TaskForm(choice, known, t))
