"""`/owner uncertain`: the buttons, the menu and the form that settle uncertain requests."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import discord
from discord import ui

from bot.services.operations.uncertain import PAGE_SIZE
from bot.services.operations.uncertain_views import Choice, UncertainPage, Verdict
from bot.ui.components import Component, Interaction, Menu, NextPage, chosen_values, view_of
from bot.ui.custom_ids import Part, digits
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.owner import pages
from bot.ui.owner.pages import NameOf
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

ALL: Final = "all"
LONGEST_CUSTOM_ID: Final = 100

RESTORED: Final = "restored"
RAN, NOT, AGAIN, SURE_NOT, SURE_AGAIN = "ran", "not", "again", "sure-not", "sure-again"
GO, GO_ALL = "go", "go-all"
"""For what a restore parked: it goes on where it was, and may never have been sent."""
_LABELS: Final = {
    GO: ("button-uncertain-go", discord.ButtonStyle.secondary),
    GO_ALL: ("button-uncertain-go-all", discord.ButtonStyle.secondary),
    RAN: ("button-uncertain-ran", discord.ButtonStyle.success),
    NOT: ("button-uncertain-not", discord.ButtonStyle.secondary),
    AGAIN: ("button-uncertain-again", discord.ButtonStyle.secondary),
    SURE_NOT: ("button-confirm", discord.ButtonStyle.danger),
    SURE_AGAIN: ("button-confirm", discord.ButtonStyle.danger),
}
_AGAIN: Final = (AGAIN, GO, GO_ALL)
_DONE: Final = {
    Verdict.NOT_RUN: "uncertain-done-not",
    Verdict.AGAIN: "uncertain-done-again",
}


def _packed(choice: Choice) -> str:
    every = RESTORED if choice.is_restored else ALL
    ids = every if choice.ids is None else ".".join(choice.ids)
    return f"{choice.as_of_ms}:{ids}"


def _unpacked(text: str) -> Choice:
    as_of, ids = text.split(":")
    is_every = ids in (ALL, RESTORED)
    return Choice(int(as_of), None if is_every else tuple(ids.split(".")), ids == RESTORED)


_CHOICE: Final = Part(
    r"[0-9]{1,16}:(?:all|restored|[a-z0-9]{6,20}(?:\.[a-z0-9]{6,20}){0,9})",
    _unpacked,
    _packed,
)


class UncertainTurn(Component, custom_id="vb:uncertain-page:{after_ms}:{after_id}"):
    """Shows the page after a request; -1 and empty: the first page."""

    is_update = True

    after_ms: Annotated[int, Part(r"-?[0-9]{1,16}", int)]
    after_id: Annotated[str, Part(r"[a-z0-9]{0,20}")]

    def build(self) -> ui.Item[Any]:
        """Next has an arrow, Back has none."""
        return self.button(self.style, NextPage.emoji if self.after_id else None)

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the page in place of the one before."""
        after = (self.after_ms, self.after_id)
        await send_uncertain(services, interaction, answer, after=after)


class UncertainMenu(Menu, custom_id="vb:uncertain:{as_of_ms}"):
    """Chooses which requests of a page to settle, or all there are."""

    is_update = True

    as_of_ms: Annotated[int, digits(16)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask what became of those that were chosen."""
        values = chosen_values(interaction)
        ids = None if ALL in values else values[:PAGE_SIZE]
        await _ask(services, interaction, answer, Choice(self.as_of_ms, ids))


class Settle(Component, custom_id="vb:settle:{verb}:{choice}"):
    """Settles the chosen requests; asks for confirmation where money is spent or all are meant."""

    is_update = True

    verb: Annotated[str, Part("ran|not|again|go|go-all|sure-not|sure-again")]
    choice: Annotated[Choice, _CHOICE]

    def build(self) -> ui.Item[Any]:
        """A button in the verb's colour."""
        return self.button(_LABELS[self.verb][1])

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal | None:
        """The form for task ids, prefilled with those known in time; None for other verbs.

        Permissions are checked in time where possible, and again on submission.
        """
        if self.verb != RAN:
            return None
        looking = services.uncertain.chosen(caller_of(interaction), self.choice)
        page = await services.forms.in_time(looking)
        known = {row.id: row.task_id for row in page.requests} if page else {}
        return TaskForm(self.choice).build(known, services.texts.of(str(interaction.locale)))

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask for confirmation, or settle and show what is left."""
        if self.verb in _AGAIN or (self.verb == NOT and self.choice.ids is None):
            await _make_sure(services, interaction, answer, self.verb, self.choice)
            return
        verdict = Verdict.NOT_RUN if self.verb in (NOT, SURE_NOT) else Verdict.AGAIN
        result = await services.uncertain.settle(caller_of(interaction), self.choice, verdict)
        told = pages.settlement(_DONE[verdict], result, services.currency, answer.t)
        await send_uncertain(services, interaction, answer, told=told)


class TaskForm(Form, custom_id="vb:task-form:{choice}"):
    """Asks for the provider's task id of each chosen request."""

    choice: Annotated[Choice, _CHOICE]

    def build(self, known: dict[str, str], t: Localised) -> ui.Modal:
        """The modal to open; `known` task ids by request id stand in it already."""
        ids = self.choice.ids or ()
        return self.modal(t("uncertain-form"), *(self._field(each, known, t) for each in ids))

    def _field(self, request_id: str, known: dict[str, str], t: Localised) -> ui.Label[Any]:
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id=f"task-{request_id}",
            default=known.get(request_id) or None,
            required=len(self.choice.ids or ()) == 1,
            max_length=200,
        )
        return ui.Label(text=t("uncertain-form-task", id=request_id), component=text)

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Settle those whose task is named, and show what is left."""
        given = {each: first(values, f"task-{each}") for each in self.choice.ids or ()}
        result = await services.uncertain.ran(caller_of(interaction), self.choice, given)
        told = pages.settlement("uncertain-done-ran", result, services.currency, answer.t)
        await send_uncertain(services, interaction, answer, told=told)


async def send_uncertain(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    *,
    after: tuple[int, str] = (-1, ""),
    told: str = "",
) -> None:
    """Answer with a page of what is uncertain; `told` is shown above it."""
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
        # a single request needs no menu
        only = Choice(page.as_of_ms, (page.requests[0].id,))
        return view_of(*(_settle(verb, only, t) for verb in _verbs(page)), *_go_all(page, t))
    options = [
        discord.SelectOption(label=row.id, value=row.id, description=row.model[:100])
        for row in page.requests
    ]
    label = t("uncertain-choose-all", count=page.total)
    options.append(discord.SelectOption(label=label, value=ALL))
    menu = UncertainMenu(
        page.as_of_ms, options=options, at_most=_how_many_fit(page), label=t("uncertain-choose")
    )
    if page.next_after is None:
        return view_of(menu, *_go_all(page, t))
    turn = UncertainTurn(*page.next_after, label=t("button-next"))
    return view_of(menu, turn, *_go_all(page, t))


def _verbs(page: UncertainPage) -> tuple[str, ...]:
    """What a page's requests may be settled as: what a restore parked alone may "go"."""
    return (RAN, NOT, GO if page.restored == page.total else AGAIN)


def _go_all(page: UncertainPage, t: Localised) -> list[Settle]:
    if not page.restored:
        return []
    return [_settle(GO_ALL, Choice(page.as_of_ms, is_restored=True), t)]


def _settle(verb: str, choice: Choice, t: Localised) -> Settle:
    return Settle(verb, choice, label=t(_LABELS[verb][0]))


def _how_many_fit(page: UncertainPage) -> int:
    """How many ids fit into one custom_id; with ids of today's length, a whole page's."""
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
    question = pages.explanation(page, answer.t)
    verbs = _verbs(page)[1:] if choice.ids is None else _verbs(page)
    await _show_choice(services, interaction, answer, (page, choice), question, verbs)


async def _make_sure(
    services: Services, interaction: Interaction, answer: Answer, verb: str, choice: Choice
) -> None:
    page = await services.uncertain.chosen(caller_of(interaction), choice)
    if verb in _AGAIN:
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
    buttons = [_settle(verb, choice, t) for verb in verbs]
    back = UncertainTurn(-1, "", label=t("button-uncertain-back"))
    await answer.send(embed=embed, view=view_of(*buttons, back))
