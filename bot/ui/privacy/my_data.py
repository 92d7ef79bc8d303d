"""`/video mydata`: what is stored of a member, and its two buttons."""

import io
from typing import Annotated

import discord

from bot.services.privacy.my_data import MyData
from bot.ui.components import Component, Interaction, view_of
from bot.ui.custom_ids import Part
from bot.ui.formatting import dotted
from bot.ui.interactions import caller_of
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised


class ExportData(Component, custom_id="vb:mydata:export"):
    """Sends whoever presses it all that is stored of them, as a file, in private."""

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Send the file."""
        made, t = await services.my_data.export(caller_of(interaction)), answer.t
        file = discord.File(io.BytesIO(made.data), filename=made.name)
        left_out = made.left_out
        text = t("mydata-exported-part", count=left_out) if left_out else t("mydata-exported")
        await answer.send(text, files=[file])


class DeleteData(Component, custom_id="vb:mydata:{step}"):
    """Asks whoever presses it once, then deletes what is stored of them."""

    is_update = True
    style = discord.ButtonStyle.danger

    step: Annotated[str, Part("delete|sure")]

    async def pressed(self, interaction: Interaction, services: Services, answer: Answer) -> None:
        """Ask for confirmation, or delete."""
        t, caller = answer.t, caller_of(interaction)
        if self.step == "sure":
            cancelled = await services.my_data.delete(caller)
            await answer.send(t("mydata-deleted", count=cancelled))
            return
        found = await services.my_data.show(caller)
        await answer.send(
            t("mydata-sure", unfinished=found.counts.unfinished),
            view=view_of(DeleteData("sure", label=t("button-confirm"))),
        )


async def send_mydata(services: Services, interaction: Interaction, answer: Answer) -> None:
    """Answer with what is stored of the caller."""
    found, t = await services.my_data.show(caller_of(interaction)), answer.t
    buttons = view_of(
        ExportData(label=t("button-export")), DeleteData("delete", label=t("button-delete"))
    )
    await answer.send(embed=mydata_page(found, services, t), view=buttons)


def mydata_page(found: MyData, services: Services, t: Localised) -> discord.Embed:
    """How much is stored, for what purpose and how long."""
    counts = found.counts
    stored = (
        t(
            "mydata-stored",
            requests=counts.requests,
            files=counts.files,
            videos=counts.videos,
            servers=counts.servers,
            ms=counts.since_ms,
        )
        if counts.requests
        else t("mydata-nothing")
    )
    links = (
        t("help-privacy", url=services.privacy_url) if services.privacy_url else "",
        t("help-terms", url=services.terms_url) if services.terms_url else "",
    )
    parts = (
        stored,
        t("mydata-kept", count=counts.kept) if counts.kept else "",
        t("mydata-cast", count=counts.names) if counts.names else "",
        t("mydata-retention", days=found.retention_days),
        t("mydata-buttons"),
        dotted(links),
    )
    text = "\n\n".join(part for part in parts if part)
    return discord.Embed(title=t("mydata-title"), description=text)
