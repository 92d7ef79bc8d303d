"""Make template: a manager's button behind More of a posted video, and its form."""

from typing import Any

import discord
from discord import ui

from bot.errors import UserError
from bot.rules.media import MediaKind
from bot.rules.media_kinds import kind_of
from bot.services.requests.followups import Source
from bot.services.templates.content import NAME_LIMIT, Picture, TemplateContent
from bot.services.templates.service import require_manager
from bot.ui.components import Interaction, RequestComponent
from bot.ui.custom_ids import RequestId
from bot.ui.forms import Form, Submitted, first
from bot.ui.interactions import caller_of
from bot.ui.requests.form_fields import PROMPT_LIMIT, kept_prompt
from bot.ui.requests.form_open import look_in_time
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.templates import pages
from bot.ui.texts import Localised

_PICTURES: tuple[Picture, ...] = ("required", "optional", "none")


class MakeTemplate(RequestComponent, custom_id="vb:template:{request_id}"):
    """Opens the form of a template that is made from a posted video."""

    emoji = "📐"

    async def form(self, interaction: Interaction, services: Services) -> ui.Modal:
        """The form, prefilled with the video's prompt. Raises: UserError."""
        require_manager(caller_of(interaction))
        source = await look_in_time(services, interaction, self.request_id)
        if source is None:
            raise UserError("refused-try-again")
        t = services.texts.of(str(interaction.locale))
        return NewTemplate(self.request_id).build(source, t)


class NewTemplate(Form, custom_id="vb:template-new:{request_id}"):
    """Asks for what a template needs besides the video's settings: name, prompt, picture."""

    request_id: RequestId

    def build(self, source: Source, t: Localised) -> ui.Modal:
        """The modal to open."""
        name: ui.TextInput[Any] = ui.TextInput(
            custom_id="name", min_length=1, max_length=NAME_LIMIT
        )
        prompt: ui.TextInput[Any] = ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            default=source.typed.prompt[:PROMPT_LIMIT] or None,
            max_length=PROMPT_LIMIT,
        )
        had_picture = any(kind_of(media) is MediaKind.IMAGE for media in source.video.media)
        picture: ui.Select[Any] = ui.Select(
            custom_id="picture",
            options=[
                discord.SelectOption(
                    label=t(f"choice-{each}"),
                    value=each,
                    default=each == ("required" if had_picture else "none"),
                )
                for each in _PICTURES
            ],
        )
        return self.modal(
            t("form-title-template"),
            ui.Label(text=t("form-name"), component=name),
            ui.Label(text=t("form-prompt"), description=t("form-prompt-slot"), component=prompt),
            ui.Label(text=t("form-picture"), component=picture),
        )

    async def submitted(
        self, interaction: Interaction, services: Services, answer: Answer, values: Submitted
    ) -> None:
        """Add the template, with the video as its example."""
        caller = caller_of(interaction)
        require_manager(caller)
        source = await services.followups.look(caller, self.request_id)
        video = source.typed
        chosen = first(values, "picture")
        content = TemplateContent(
            name=first(values, "name"),
            prompt=kept_prompt(first(values, "prompt"), video.prompt),
            picture=next((each for each in _PICTURES if each == chosen), "none"),
            model=video.model,
            duration=video.duration,
            ratio=video.ratio,
            resolution=video.resolution,
        )
        written = await services.templates.write(caller, (content,), example_id=self.request_id)
        await answer.send(pages.written_page(written, services.currency, answer.t))
