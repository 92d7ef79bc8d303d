"""`/video`: create videos, manage one's own requests, statistics, data and help."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VideoBot
from bot.services.stats.statistics import MOST_DAYS
from bot.ui.command_names import English
from bot.ui.interactions import Options, References, caller_of, read_create, read_frames
from bot.ui.messages import can_cancel
from bot.ui.privacy.my_data import send_mydata
from bot.ui.requests import pages
from bot.ui.requests.create import create_request
from bot.ui.requests.form_open import new_form
from bot.ui.requests.list import cancel_view, send_list
from bot.ui.requests.models import send_models
from bot.ui.responses import answering, open_form
from bot.ui.series.create import series_form
from bot.ui.services import Services
from bot.ui.showcase.top import send_top
from bot.ui.stats.statistics import send_stats
from bot.ui.templates.make import create_with_template
from cogs.cast_autocomplete import CastChoices
from cogs.video_autocomplete import Choices, OptionChoices, offer_choices

Interaction = discord.Interaction[Any]
File = discord.Attachment | None
Prompt = app_commands.Range[str, None, 5000]

_en = English()
_SETTINGS = ("prompt", "duration", "ratio", "model", "resolution")
_IMAGES = tuple(f"image{number}" for number in range(1, 10))
_VIDEOS = tuple(f"video{number}" for number in range(1, 4))
_AUDIOS = tuple(f"audio{number}" for number in range(1, 4))


class Video(commands.GroupCog, group_name="video", group_description=_en.command("video")):
    """Commands for everyone."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._choices = OptionChoices(services)
        self._cast_choices = CastChoices(services)

    @app_commands.command(name="create", description=_en.command("video create"))
    @app_commands.describe(
        **_en.options(*_SETTINGS, *_IMAGES, *_VIDEOS, *_AUDIOS, "cast", "template", "links")
    )
    async def create(
        self,
        interaction: Interaction,
        prompt: Prompt | None = None,
        image1: File = None,
        image2: File = None,
        duration: int | None = None,
        ratio: str | None = None,
        model: str | None = None,
        resolution: str | None = None,
        image3: File = None,
        image4: File = None,
        image5: File = None,
        image6: File = None,
        image7: File = None,
        image8: File = None,
        image9: File = None,
        video1: File = None,
        video2: File = None,
        video3: File = None,
        audio1: File = None,
        audio2: File = None,
        audio3: File = None,
        cast: str | None = None,
        template: str | None = None,
        links: str | None = None,
    ) -> None:
        """Create a video from a prompt and references, or with a template."""
        images = (image1, image2, image3, image4, image5, image6, image7, image8, image9)
        clips, sounds = (video1, video2, video3), (audio1, audio2, audio3)
        services = self._services
        options = Options(prompt, duration, ratio, model, resolution)
        read = read_create(options, References(images, clips, sounds, links, cast))
        if template is not None:
            await create_with_template(services, interaction, template, read)
            return
        if prompt is None:
            await open_form(interaction, new_form(services, interaction, read))
            return
        async with answering(interaction) as answer:
            await create_request(services, answer, caller_of(interaction), read)

    @app_commands.command(name="frames", description=_en.command("video frames"))
    @app_commands.describe(**_en.options(*_SETTINGS, "first", "last", "first_link", "last_link"))
    async def frames(
        self,
        interaction: Interaction,
        prompt: Prompt | None = None,
        first: File = None,
        last: File = None,
        first_link: str | None = None,
        last_link: str | None = None,
        duration: int | None = None,
        ratio: str | None = None,
        model: str | None = None,
        resolution: str | None = None,
    ) -> None:
        """Create a video that begins or ends with a picture."""
        services = self._services
        options = Options(prompt, duration, ratio, model, resolution)
        if prompt is None:
            read = read_frames(options, first, last, first_link, last_link)
            form = new_form(services, interaction, read, with_frames=True)
            await open_form(interaction, form)
            return
        async with answering(interaction) as answer:
            read = read_frames(options, first, last, first_link, last_link)
            await create_request(services, answer, caller_of(interaction), read)

    @app_commands.command(name="series", description=_en.command("video series"))
    async def series(self, interaction: Interaction) -> None:
        """Open the form of a series: shots that continue each other, as one film."""
        await open_form(interaction, series_form(self._services, interaction))

    @app_commands.command(name="list", description=_en.command("video list"))
    async def list(self, interaction: Interaction) -> None:
        """Show the caller's own requests."""
        async with answering(interaction) as answer:
            await send_list(self._services, interaction, answer)

    @app_commands.command(name="show", description=_en.command("video show"))
    @app_commands.describe(request_id=_en.option("id"))
    @app_commands.rename(request_id="id")
    async def show(self, interaction: Interaction, request_id: str) -> None:
        """Show everything about one request."""
        async with answering(interaction) as answer:
            caller, wanted = caller_of(interaction), request_id.strip().lower()
            found = await self._services.requests.show(caller, wanted)
            services, request = self._services, found.request
            page = pages.show_page(found, services.catalogue, services.currency, answer.t)
            view = cancel_view(request.id, answer.t) if can_cancel(request) else None
            await answer.send(embed=page, view=view)

    @app_commands.command(name="cancel", description=_en.command("video cancel"))
    @app_commands.describe(request_id=_en.option("id"))
    @app_commands.rename(request_id="id")
    async def cancel(self, interaction: Interaction, request_id: str) -> None:
        """Cancel a request."""
        async with answering(interaction) as answer:
            caller, wanted = caller_of(interaction), request_id.strip().lower()
            request, was_running = await self._services.requests.cancel(caller, wanted)
            await answer.send(pages.cancelled(request, was_running, answer.t))

    @app_commands.command(name="models", description=_en.command("video models"))
    async def models(self, interaction: Interaction) -> None:
        """Show what each model takes and costs."""
        async with answering(interaction) as answer:
            await send_models(self._services, caller_of(interaction), answer)

    @app_commands.command(name="stats", description=_en.command("video stats"))
    @app_commands.describe(days=_en.option("days"))
    async def stats(
        self, interaction: Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = 30
    ) -> None:
        """Show a chart of the server's requests, or of the caller's."""
        async with answering(interaction) as answer:
            await send_stats(self._services, caller_of(interaction), answer, days)

    @app_commands.command(name="top", description=_en.command("video top"))
    @app_commands.describe(days=_en.option("days"))
    async def top(
        self, interaction: Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = 30
    ) -> None:
        """Show the server's best-voted videos."""
        async with answering(interaction) as answer:
            await send_top(self._services, caller_of(interaction), answer, days)

    @app_commands.command(name="mydata", description=_en.command("video mydata"))
    async def mydata(self, interaction: Interaction) -> None:
        """Show what is stored of the caller, to export or delete."""
        async with answering(interaction) as answer:
            await send_mydata(self._services, interaction, answer)

    @app_commands.command(name="help", description=_en.command("video help"))
    async def help(self, interaction: Interaction) -> None:
        """Show how it works."""
        async with answering(interaction) as answer:
            default = await self._services.models.default_model(interaction.guild_id or 0)
            rights = interaction.permissions
            moderates = rights.manage_messages or rights.manage_guild
            page = pages.help_page(self._services, default, answer.t, moderates=moderates)
            await answer.send(embed=page)

    @create.autocomplete("model")
    @frames.autocomplete("model")
    async def _models(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.models(interaction, typed)

    @create.autocomplete("template")
    async def _templates(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.templates(interaction, typed)

    @create.autocomplete("cast")
    async def _cast(self, interaction: Interaction, typed: str) -> Choices:
        return await self._cast_choices.several(interaction, typed)

    @show.autocomplete("request_id")
    async def _shown(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.requests(interaction, typed)

    @cancel.autocomplete("request_id")
    async def _cancellable(self, interaction: Interaction, typed: str) -> Choices:
        return await self._choices.requests(interaction, typed, only_active=True)


async def setup(bot: VideoBot) -> None:
    """Add the commands to the bot."""
    offer_choices(bot.services.catalogue, Video.create, Video.frames)
    await bot.add_cog(Video(bot.services))
