"""`/videoadmin template`: add, list, remove, export, import and post templates."""

import io
from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_rest.channels import place_of
from bot.services.templates.content import (
    NAME_LIMIT,
    PROMPT_LIMIT,
    TemplateContent,
    write_file,
)
from bot.services.templates.service import require_manager
from bot.ui.command_names import English
from bot.ui.interactions import caller_of
from bot.ui.markdown import inline
from bot.ui.responses import answering
from bot.ui.services import Services
from bot.ui.templates import pages
from cogs.admin_settings import Talking
from cogs.video_autocomplete import Choices, OptionChoices

Interaction = discord.Interaction[Any]
Name = app_commands.Range[str, 1, NAME_LIMIT]
Prompt = app_commands.Range[str, 1, PROMPT_LIMIT]
Seconds = app_commands.Range[int, 1, 3600]

_en = English()
_ADD = "videoadmin template add"


class TemplateCommands(commands.Cog):
    """A mixin of the group's cog."""

    _services: Services
    _choices: OptionChoices

    template = app_commands.Group(name="template", description=_en.command("videoadmin template"))

    @template.command(name="add", description=_en.command(_ADD))
    @app_commands.describe(
        name=_en.option("name", _ADD),
        prompt=_en.option("prompt", _ADD),
        **_en.options("picture", "model", "duration", "ratio", "resolution", "example"),
    )
    async def template_add(
        self,
        interaction: Interaction,
        name: Name,
        prompt: Prompt,
        picture: Literal["required", "optional", "none"] = "none",
        model: str = "",
        duration: Seconds | None = None,
        ratio: str | None = None,
        resolution: str | None = None,
        example: str = "",
    ) -> None:
        """Add a template, or change the one of that name with its panels."""
        async with answering(interaction) as answer:
            content = TemplateContent(
                name=name,
                prompt=prompt,
                picture=picture,
                model=model,
                duration=duration,
                ratio=ratio,
                resolution=resolution,
            )
            written = await self._services.templates.write(
                caller_of(interaction), (content,), example_id=example.strip().lower()
            )
            await answer.send(pages.written_page(written, self._services.currency, answer.t))

    @template.command(name="list", description=_en.command("videoadmin template list"))
    async def template_list(self, interaction: Interaction) -> None:
        """List the server's templates."""
        async with answering(interaction) as answer:
            caller = caller_of(interaction)
            require_manager(caller)
            offers = await self._services.templates.of_server(caller)
            await answer.send(pages.list_page(offers, self._services.currency, answer.t))

    @template.command(name="remove", description=_en.command("videoadmin template remove"))
    @app_commands.describe(name=_en.option("name", "videoadmin template remove"))
    async def template_remove(self, interaction: Interaction, name: str) -> None:
        """Remove a template; its panels then say so."""
        async with answering(interaction) as answer:
            removed = await self._services.templates.remove(caller_of(interaction), name)
            await answer.send(answer.t("template-removed", name=inline(removed.name, NAME_LIMIT)))

    @template.command(name="export", description=_en.command("videoadmin template export"))
    async def template_export(self, interaction: Interaction) -> None:
        """Give all templates as a file."""
        async with answering(interaction) as answer:
            contents = await self._services.templates.export(caller_of(interaction))
            file = discord.File(io.BytesIO(write_file(contents)), filename="templates.json")
            await answer.send(answer.t("templates-exported", count=len(contents)), files=[file])

    @template.command(name="import", description=_en.command("videoadmin template import"))
    @app_commands.describe(**_en.options("file"))
    async def template_import(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Add the templates of a file, all or none."""
        async with answering(interaction) as answer:
            caller, services = caller_of(interaction), self._services
            require_manager(caller)
            contents = await services.template_files.read(file.url)
            written = await services.templates.write(caller, contents)
            await answer.send(pages.written_page(written, services.currency, answer.t))

    @template.command(name="post", description=_en.command("videoadmin template post"))
    @app_commands.describe(
        name=_en.option("name", "videoadmin template post"), channel=_en.option("channel")
    )
    async def template_post(self, interaction: Interaction, name: str, channel: Talking) -> None:
        """Post a template's panel in a channel."""
        async with answering(interaction) as answer:
            caller = caller_of(interaction)
            require_manager(caller)
            place = await place_of(interaction.client, caller.guild_id, channel.id)
            await self._services.templates.post(caller, name, place)
            await answer.send(answer.t("template-posted", place=place.mention))

    @template_remove.autocomplete("name")
    @template_post.autocomplete("name")
    async def _template_names(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.templates(interaction, typed)

    @template_add.autocomplete("model")
    async def _template_models(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.models(interaction, typed)
