"""The forms of Reject and of reports, and the button that takes a rejection back."""

from typing import Annotated, Any, Final

import discord
from discord import ui

from bot.services.moderation.reports import LONGEST_REASON
from bot.services.moderation.reviews import LONGEST_NOTE, REASONS, Verdict
from bot.ui.components import Interaction, RequestComponent, view_of
from bot.ui.custom_ids import Part, RequestId, digits
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised

REASON: Final = "reason"
NOTE: Final = "note"


class RejectForm(Form, custom_id="vb:reject-form:{request_id}:{number}"):
    """Asks for one of the ready-made reasons, the first one chosen, and for an optional note."""

    request_id: RequestId
    number: Annotated[int, digits(6)]

    def build(self, t: Localised) -> ui.Modal:
        """The modal to open."""
        reasons: ui.Select[Any] = ui.Select(
            custom_id=REASON,
            options=[
                discord.SelectOption(
                    label=t(f"reason-{reason}"), value=reason, default=reason == REASONS[0]
                )
                for reason in REASONS
            ],
            required=True,
        )
        note: ui.TextInput[Any] = ui.TextInput(
            custom_id=NOTE,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=LONGEST_NOTE,
        )
        return self.modal(
            t("form-reject"),
            ui.Label(text=t("form-reason"), component=reasons),
            ui.Label(text=t("form-note"), description=t("form-note-help"), component=note),
        )

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Reject."""
        review = await services.reviews.decide(
            caller_of(interaction),
            self.request_id,
            self.number,
            Verdict.REJECT,
            reason=first(values, REASON),
            note=first(values, NOTE),
        )
        undo = Undo(self.request_id, self.number, label=answer.t("button-undo"))
        await answer.send(answer.t(f"review-done-reject-{review.subject}"), view=view_of(undo))


class Undo(RequestComponent, custom_id="vb:undo:{request_id}:{number}"):
    """Takes one's own rejection back, before it takes effect."""

    is_update = True
    emoji = "↩️"

    number: Annotated[int, digits(6)]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Open the review again."""
        await services.reviews.undo(caller_of(interaction), self.request_id, self.number)
        await answer.send(answer.t("review-undone"))


class ReportForm(Form, custom_id="vb:report-form:{video}"):
    """Asks what is wrong with a posted video: `r:` and its request's id, or `m:` and a message's.

    Whether the message is a video's is found out on submission.
    """

    video: Annotated[str, Part(r"r:[a-z0-9]{6,20}|m:[0-9]{1,20}")]

    def build(self, t: Localised) -> ui.Modal:
        """The modal to open."""
        reason: ui.TextInput[Any] = ui.TextInput(
            custom_id=REASON,
            style=discord.TextStyle.paragraph,
            required=True,
            max_length=LONGEST_REASON,
        )
        label = ui.Label(text=t("form-reason"), description=t("form-report-help"), component=reason)
        return self.modal(t("form-report"), label)

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Report the video."""
        kind, _, video_id = self.video.partition(":")
        await services.reports.report(
            caller_of(interaction),
            first(values, REASON),
            request_id=video_id if kind == "r" else "",
            message_id=int(video_id) if kind == "m" else 0,
        )
        await answer.send(answer.t("report-done"))
