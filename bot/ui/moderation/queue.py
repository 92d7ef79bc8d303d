"""`/videomod queue`: one review card after the other in a private message that changes in place."""

from collections.abc import Awaitable, Sequence
from contextlib import suppress
from mimetypes import guess_type
from typing import Annotated, Any, ClassVar, Final

import discord
from discord import ui

from bot.discord_rest.attachments import attachments_of
from bot.errors import DeliveryError, UserError
from bot.services.moderation.queue import QueueCard
from bot.services.moderation.reviews import Verdict
from bot.services.outbox import sent_url
from bot.ui.components import Interaction, NextPage, RequestComponent
from bot.ui.custom_ids import digits
from bot.ui.error_messages import explain, for_reader
from bot.ui.formatting import subtext
from bot.ui.forms import Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.moderation import review_cards
from bot.ui.moderation.review_forms import NOTE, REASON, RejectForm
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised
from storage.moderation.reviews import Review

MOST_MEDIA: Final = 10
"""Discord's limit of one gallery."""
ALT_LIMIT: Final = 256


class _OfQueue(RequestComponent):
    """A button of the private message. `number`: which of the request's reviews it shows."""

    is_update = True

    number: Annotated[int, digits(6)]


class _QueueDecision(_OfQueue):
    """A button that decides and shows the next card."""

    verdict: ClassVar[Verdict]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Decide, and go on."""
        decision = services.reviews.decide(
            caller_of(interaction), self.request_id, self.number, self.verdict
        )
        await _decide_and_go_on(services, interaction, answer, decision, self.verdict)


class QueueApprove(_QueueDecision, custom_id="vb:queue-approve:{request_id}:{number}"):
    """Approves like the card's own button."""

    verdict = Verdict.APPROVE
    style = discord.ButtonStyle.success
    emoji = "✅"


class QueueSpoiler(_QueueDecision, custom_id="vb:queue-spoiler:{request_id}:{number}"):
    """Approves behind a spoiler, like the card's own button."""

    verdict = Verdict.SPOILER
    emoji = "🙈"


class QueueReject(_OfQueue, custom_id="vb:queue-reject:{request_id}:{number}"):
    """Opens the form that asks for the reason."""

    style = discord.ButtonStyle.danger
    emoji = "🚫"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form. Whoever writes it has the card to themselves for two more minutes."""
        renewal = services.queue.renew(caller_of(interaction), self.request_id, self.number)
        await services.forms.in_time(renewal)
        t = services.texts.of(str(interaction.locale))
        return QueueRejectForm(self.request_id, self.number).build(t)


class QueueRejectForm(RejectForm, custom_id="vb:queue-reject-form:{request_id}:{number}"):
    """The same form; its answer is the next card."""

    is_update = True

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Reject, and go on."""
        decision = services.reviews.decide(
            caller_of(interaction),
            self.request_id,
            self.number,
            Verdict.REJECT,
            reason=first(values, REASON),
            note=first(values, NOTE),
        )
        await _decide_and_go_on(services, interaction, answer, decision, Verdict.REJECT)


class QueueNext(_OfQueue, custom_id="vb:queue-next:{request_id}:{number}"):
    """Leaves the card to others and shows the next one."""

    emoji = "▶️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the next card."""
        after = (self.request_id, self.number)
        card = services.queue.next(caller_of(interaction), after=after)
        await _show(services, interaction, answer, card)


class QueueUndo(_OfQueue, custom_id="vb:queue-undo:{request_id}:{number}"):
    """Takes one's own rejection back, and shows its card again."""

    emoji = "↩️"

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Open it again."""
        caller = caller_of(interaction)
        try:
            await services.reviews.undo(caller, self.request_id, self.number)
        except UserError as error:
            told = explain(for_reader(interaction, error), answer.t, services.currency)
            await _show(services, interaction, answer, services.queue.next(caller), told)
            return
        card = services.queue.again(caller, self.request_id, self.number)
        await _show(services, interaction, answer, card, answer.t("review-undone"))


class NextQueue(NextPage, custom_id="vb:queue:{skip}"):
    """The button of the list that `/videomod queue` was before: it shows the first card."""

    skip: Annotated[int, digits(6)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Show the first card."""
        await _show(services, interaction, answer, services.queue.next(caller_of(interaction)))


async def send_queue(services: Services, interaction: Interaction, answer: Answer) -> None:
    """Answer with the oldest review that is free. Raises: NotAllowed."""
    card = await services.queue.next(caller_of(interaction))
    await _send(services, interaction, answer, card)


async def _decide_and_go_on(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    decision: Awaitable[Review],
    verdict: Verdict,
) -> None:
    """Say what became of a decision, above the next card; a refusal doesn't end the queue."""
    undo = None
    try:
        review = await decision
    except UserError as error:
        told = explain(for_reader(interaction, error), answer.t, services.currency)
    else:
        told = answer.t(f"review-done-{verdict}-{review.subject}")
        undo = review if verdict is Verdict.REJECT else None
    card = services.queue.next(caller_of(interaction))
    await _show(services, interaction, answer, card, told, undo=undo)


async def _show(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    finding: Awaitable[QueueCard],
    told: str = "",
    *,
    undo: Review | None = None,
) -> None:
    """Put a card in place of the last one; a layout can't give way to a plain text."""
    try:
        card = await finding
    except UserError as error:
        text = explain(for_reader(interaction, error), answer.t, services.currency)
        await answer.send(view=_layout(ui.TextDisplay(text)))
        return
    await _send(services, interaction, answer, card, told, undo=undo)


async def _send(
    services: Services,
    interaction: Interaction,
    answer: Answer,
    card: QueueCard,
    told: str = "",
    *,
    undo: Review | None = None,
) -> None:
    t, media = answer.t, await _media(interaction.client, card)
    text = t("queue-claimed", count=card.total) if card.total else t("queue-empty")
    if card.sheet is not None:
        text = review_cards.card(card.sheet, services.catalogue, services.currency, t)
    items: list[ui.Item[Any]] = [ui.TextDisplay(told)] if told else []
    items.append(ui.TextDisplay(text))
    if media:
        items.append(ui.MediaGallery(*media))
    if card.sheet is not None:
        items += [ui.TextDisplay(_foot(card, t)), _decisions(card.sheet.review, t)]
    if row := _row(card, undo, t):
        items.append(ui.ActionRow(*row))
    await answer.send(view=_layout(*items))


def _is_seen(file: discord.Attachment) -> bool:
    kind = guess_type(file.filename)[0] or file.content_type or ""
    return kind.startswith(("image/", "video/"))


def _layout(*items: ui.Item[Any]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def _foot(card: QueueCard, t: Localised) -> str:
    url = sent_url(card.card)
    link = t("queue-card", url=url) if url else t("queue-no-card")
    return subtext([t("queue-total", count=card.total), link])


def _decisions(review: Review, t: Localised) -> ui.ActionRow[Any]:
    place = (review.request_id, review.number)
    approve = QueueApprove(*place, label=t("button-approve"))
    spoiler = QueueSpoiler(*place, label=t("button-spoiler"))
    reject = QueueReject(*place, label=t("button-reject"))
    return ui.ActionRow(*((approve, reject) if review.appeal_of else (approve, spoiler, reject)))


def _row(card: QueueCard, undo: Review | None, t: Localised) -> list[RequestComponent]:
    row: list[RequestComponent] = []
    if card.sheet is not None and card.total > 1:
        review = card.sheet.review
        row.append(QueueNext(review.request_id, review.number, label=t("button-next")))
    if undo is not None:
        row.append(QueueUndo(undo.request_id, undo.number, label=t("button-undo")))
    return row


async def _media(client: discord.Client, card: QueueCard) -> Sequence[discord.MediaGalleryItem]:
    """The pictures and videos of a card in the review channel, behind spoilers."""
    if card.card is None:
        return ()
    found: list[discord.Attachment] = []
    with suppress(DeliveryError):
        # without them the link to the card is left
        found = await attachments_of(client, card.card.sent_channel_id, card.card.message_id)
    seen = [file for file in found if _is_seen(file)]
    return [
        discord.MediaGalleryItem(
            file.url, description=(file.description or "")[:ALT_LIMIT] or None, spoiler=True
        )
        for file in seen[:MOST_MEDIA]
    ]
