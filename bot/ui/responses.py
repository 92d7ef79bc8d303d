"""Ephemeral answers to interactions: deferred in time, sent once, every exception answered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import discord

from bot.errors import UserError
from bot.services.privacy.first_use_notice import FirstUseNotice
from bot.ui.error_messages import explain, for_reader
from bot.ui.formatting import CONTENT_LIMIT, subtext
from bot.ui.markdown import shorten
from bot.ui.services import Services, services_of
from bot.ui.texts import Localised
from storage.errors import BotError

logger = logging.getLogger(__name__)

_NOBODY: Final = discord.AllowedMentions.none()
_SETTLED_ELSEWHERE: Final = frozenset({40060, 10062, 10015, 50027})
"""Acknowledged already, unknown or expired: answered by another process, or too late."""
_FOR_ITS_CONTENT: Final = frozenset({400, 413})
"""Malformed or too large: certainly not shown, and other words would be."""

AnyInteraction = discord.Interaction[Any]


class Answer:
    """The ephemeral answer to an interaction; `is_seen` once Discord has taken it."""

    def __init__(
        self,
        interaction: AnyInteraction,
        t: Localised,
        *,
        is_update: bool,
        first_use_notice: FirstUseNotice,
    ) -> None:
        self._interaction = interaction
        self._first_use_notice = first_use_notice
        self._is_update = is_update
        self._lock = asyncio.Lock()
        self._is_settled = False
        self._timer: asyncio.TimerHandle | None = None
        self._deferring: asyncio.Task[None] | None = None
        self.t = t
        self.is_seen = False

    def defer_after(self, delay_s: float) -> None:
        """Defer the interaction after a delay, unless it was answered or `end` called by then."""
        # most are answered before: a timer costs less than a task that sleeps
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._begin_to_defer)

    def _begin_to_defer(self) -> None:
        name = f"defer {self._interaction.id}"
        self._deferring = asyncio.create_task(self._defer(), name=name)

    async def end(self) -> None:
        """Stop deferring: the command is through."""
        if self._timer is not None:
            self._timer.cancel()
        if self._deferring is not None:
            # one that is on its way may have reached Discord, and what answers a failure must know:
            # cancelled, it would leave "thinking" and refuse the words that follow
            self._is_settled = True
            await asyncio.gather(self._deferring, return_exceptions=True)

    async def _defer(self) -> None:
        async with self._lock:
            if self._is_settled or self._interaction.response.is_done():
                return
            async with _tolerated(self._interaction):
                if self._is_update:
                    await self._interaction.response.defer()
                else:
                    await self._interaction.response.defer(ephemeral=True, thinking=True)

    async def send(
        self,
        content: str | None = None,
        *,
        embed: discord.Embed | None = None,
        view: discord.ui.View | discord.ui.LayoutView | None = None,
        files: Sequence[discord.File] | None = None,
        is_first: bool = False,
    ) -> bool:
        """Answer, in place of the deferral if there was one; returns whether Discord took it.

        A layout is the whole answer, without content or embed. `files` take the place of what a
        changed message had attached; None leaves that as it is. An interaction that another
        process has answered, or whose time is over, raises nothing. In place of an answer that
        Discord refuses for what is in it, the member is told that something went wrong.
        `is_first`: it is about the member's first request, and says besides where prompts and
        pictures go.
        """
        if is_first:
            line = subtext([self.t("taken-first")])
            room = CONTENT_LIMIT - len(line) - 1
            content = f"{shorten(content, room)}\n{line}" if content else line
        async with self._lock:
            self._is_settled = True
            async with _tolerated(self._interaction, is_explained=True):
                await self._deliver(content, embed, view, files)
                self.is_seen = True
        if is_first and not self.is_seen:
            member = self._interaction.guild_id or 0, self._interaction.user.id
            await self._first_use_notice.not_seen(*member)
        return self.is_seen

    async def _deliver(
        self,
        content: str | None,
        embed: discord.Embed | None,
        view: discord.ui.View | discord.ui.LayoutView | None,
        files: Sequence[discord.File] | None,
    ) -> None:
        response = self._interaction.response
        embeds = [embed] if embed is not None else []
        extra: dict[str, Any] = {"attachments": files} if files is not None else {}
        if response.is_done():
            await self._interaction.edit_original_response(
                content=content, embeds=embeds, view=view, allowed_mentions=_NOBODY, **extra
            )
        elif self._is_update:
            await response.edit_message(
                content=content, embeds=embeds, view=view, allowed_mentions=_NOBODY, **extra
            )
        else:
            extra = {"view": view} if view is not None else {}
            if files:
                extra["files"] = files
            await response.send_message(
                content, embeds=embeds, ephemeral=True, allowed_mentions=_NOBODY, **extra
            )


@asynccontextmanager
async def answering(
    interaction: AnyInteraction, *, is_update: bool = False
) -> AsyncIterator[Answer]:
    """Yields the answer to send; defers by itself while the body runs, and explains UserErrors.

    With `is_update` the message a button belongs to is changed instead of a new one made.
    """
    services = services_of(interaction)
    t = services.texts.of(str(interaction.locale))
    notice = services.first_use_notice
    answer = Answer(interaction, t, is_update=is_update, first_use_notice=notice)
    answer.defer_after(services.crowd.enter())
    try:
        yield answer
    except UserError as error:
        logger.info("Refused", extra={"action": "response.refused", "key": error.key})
        await answer.send(explain(for_reader(interaction, error), t, services.currency))
    finally:
        try:
            await answer.end()
        finally:
            services.crowd.leave()


@asynccontextmanager
async def failures_answered(interaction: AnyInteraction) -> AsyncIterator[Services]:
    """Yields the services; answers every exception of the body."""
    try:
        yield services_of(interaction)
    except Exception as error:  # noqa: BLE001 - the last handler of components and forms
        await answer_failure(interaction, error)


async def answer_failure(interaction: AnyInteraction, error: BaseException) -> None:
    """Tell the member what went wrong, whatever was answered before; log it once."""
    services = services_of(interaction)
    # an answer in progress as well: a stop waits for it
    services.crowd.enter()
    try:
        await say(interaction, _failure(interaction, error, services))
    finally:
        services.crowd.leave()


def _failure(interaction: AnyInteraction, error: BaseException, services: Services) -> str:
    t = services.texts.of(str(interaction.locale))
    about = {"action": "interaction.failed", "interaction_id": interaction.id}
    if isinstance(error, UserError):
        return explain(for_reader(interaction, error), t, services.currency)
    if isinstance(error, BotError) and error.retryable:
        logger.warning("An interaction met an outage", extra={**about, "error": repr(error)})
        return t("refused-try-again")
    logger.error("An interaction failed unexpectedly", extra=about, exc_info=error)
    return _unexpected(interaction, services)


def _unexpected(interaction: AnyInteraction, services: Services) -> str:
    t = services.texts.of(str(interaction.locale))
    return t("refused-unexpected", number=str(interaction.id))


async def open_form(interaction: AnyInteraction, making: Awaitable[discord.ui.Modal]) -> None:
    """Open a form, or answer why it can't be opened."""
    async with failures_answered(interaction):
        await send_form(interaction, await making)


async def send_form(interaction: AnyInteraction, form: discord.ui.Modal) -> None:
    """Open a form; an interaction that was answered elsewhere raises nothing."""
    async with _tolerated(interaction, is_explained=True):
        await interaction.response.send_modal(form)


async def say(interaction: AnyInteraction, text: str) -> None:
    """Send an ephemeral text as answer, edit or follow-up, whichever is still possible."""
    async with _tolerated(interaction):
        if not interaction.response.is_done():
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=_NOBODY)
        elif interaction.response.type in _WAITING:
            await interaction.edit_original_response(content=text, allowed_mentions=_NOBODY)
        else:
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=_NOBODY)


_WAITING: Final = frozenset({discord.InteractionResponseType.deferred_channel_message})


@asynccontextmanager
async def _tolerated(
    interaction: AnyInteraction, *, is_explained: bool = False
) -> AsyncIterator[None]:
    """Logs an answer that can't be sent: the work behind it is done all the same.

    `is_explained`: in place of one that Discord refuses for what is in it, a text says so.
    """
    try:
        yield
    except discord.InteractionResponded:
        return
    except discord.HTTPException as error:
        about = {"action": "response.lost", "interaction_id": interaction.id, "code": error.code}
        if error.code in _SETTLED_ELSEWHERE:
            logger.info("An interaction was answered elsewhere or has expired", extra=about)
        else:
            logger.warning("Discord refused an answer", extra={**about, "status": error.status})
            if is_explained and error.status in _FOR_ITS_CONTENT:
                await say(interaction, _unexpected(interaction, services_of(interaction)))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        about = {"action": "response.lost", "interaction_id": interaction.id}
        logger.warning("An answer was lost", extra={**about, "error": repr(error)})
