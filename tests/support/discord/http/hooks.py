"""The routes that a bot answers interactions with: callback and webhook messages."""

from typing import Any

from aiohttp import web

from tests.support.discord import errors, payloads
from tests.support.discord.http.body import answer
from tests.support.discord.http.rest import checked_body
from tests.support.discord.interactions import (
    CHOICES,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    FORM,
    REPLY,
    UPDATE,
    Interaction,
    Interactions,
)
from tests.support.discord.messages import Messages
from tests.support.discord.records import Message, MessageFlag, Payload, StoredFile
from tests.support.discord.rules import check_modal
from tests.support.discord.world import World, monotonic

MAX_CHOICES = 25


class Hooks:
    """Answers to interactions, taken as Discord takes them."""

    def __init__(self, world: World, messages: Messages, interactions: Interactions) -> None:
        self._world = world
        self._messages = messages
        self._interactions = interactions

    def routes(self, prefix: str) -> list[web.AbstractRouteDef]:
        token = f"{prefix}/webhooks/{{webhook_id}}/{{webhook_token}}"
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        return [
            web.post(prefix + callback, self.callback),
            web.post(token, self.follow_up),
            web.get(f"{token}/messages/@original", self.read_original),
            web.patch(f"{token}/messages/@original", self.edit_original),
            web.delete(f"{token}/messages/@original", self.delete_original),
            web.get(f"{token}/messages/{{message_id}}", self.read_message),
            web.patch(f"{token}/messages/{{message_id}}", self.edit_message),
            web.delete(f"{token}/messages/{{message_id}}", self.delete_message),
        ]

    async def callback(self, request: web.Request) -> web.StreamResponse:
        arrived_at = monotonic()
        body, files = await checked_body(request, self._world)
        interaction = self._interactions.find(request.match_info["interaction_token"])
        if interaction is None or str(interaction.id) != request.match_info["interaction_id"]:
            raise errors.unknown_interaction()
        try:
            message = await self._acknowledge(interaction, body, files)
        except errors.ApiError as error:
            interaction.refused.append(str(error))
            raise
        interaction.answered_at = arrived_at
        if request.query.get("with_response") not in {"1", "true"}:
            return web.Response(status=204)
        return answer(self._callback_json(interaction, message))

    async def _acknowledge(
        self, interaction: Interaction, body: Payload, files: list[StoredFile]
    ) -> Message | None:
        if interaction.answer_type:
            raise errors.already_acknowledged()
        if self._interactions.is_too_late(interaction):
            raise errors.unknown_interaction()
        kind, data = body["type"], body.get("data") or {}
        _check_kind(interaction, kind, data)
        interaction.answer_type = kind  # at once: a second answer may be on its way
        try:
            interaction.message = await self._show(interaction, kind, data, files)
        except errors.ApiError:
            interaction.answer_type = 0
            raise
        interaction.take_answer(kind, data)
        await self._world.notify()
        return interaction.message

    async def _show(
        self, interaction: Interaction, kind: int, data: Payload, files: list[StoredFile]
    ) -> Message | None:
        """The message that an answer makes or changes, if it is one."""
        channel = self._world.require_channel(interaction.channel_id)
        if kind == REPLY:
            return await self._messages.create(channel, self._world.bot, data, files)
        if kind == DEFER:
            return self._thinking(interaction, data)
        if kind == UPDATE and interaction.source is not None:
            return await self._messages.edit(interaction.source, data, files)
        return interaction.source if kind == DEFER_UPDATE else None

    def _thinking(self, interaction: Interaction, data: Payload) -> Message:
        world = self._world
        flags = MessageFlag(int(data.get("flags") or 0)) & MessageFlag.EPHEMERAL
        message = Message(
            world.new_id(),
            interaction.channel_id,
            world.bot,
            int(world.now() * 1000),
            monotonic(),
            flags=flags | MessageFlag.LOADING,
        )
        world.add_message(message)
        return message

    def _callback_json(self, interaction: Interaction, message: Message | None) -> Payload:
        about: Payload = {"id": str(interaction.id), "type": interaction.kind}
        resource: Payload = {"type": interaction.answer_type}
        if message is not None:
            about["response_message_id"] = str(message.id)
            about["response_message_loading"] = message.is_loading
            about["response_message_ephemeral"] = message.is_ephemeral
            resource["message"] = payloads.message_json(self._world, message)
        return {"interaction": about, "resource": resource}

    async def follow_up(self, request: web.Request) -> web.StreamResponse:
        interaction = self._acknowledged(request)
        body, files = await checked_body(request, self._world)
        original = interaction.message
        if original is not None and original.is_loading:
            # the first follow-up takes the place of "thinking", as Discord has it
            message = await self._messages.edit(original, body, files)
        else:
            channel = self._world.require_channel(interaction.channel_id)
            message = await self._messages.create(channel, self._world.bot, body, files)
            interaction.followups.append(message)
        interaction.note_shown()
        await self._world.notify()
        return answer(payloads.message_json(self._world, message))

    def _acknowledged(self, request: web.Request) -> Interaction:
        """The interaction of a token that may still be used. Raises: ApiError."""
        interaction = self._interactions.find(request.match_info["webhook_token"])
        if interaction is None or not interaction.answer_type:
            raise errors.unknown_webhook()
        if self._interactions.is_expired(interaction):
            raise errors.token_expired()
        return interaction

    def _original(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._acknowledged(request)
        if interaction.message is None or interaction.message.is_deleted:
            raise errors.unknown_message()
        return interaction, interaction.message

    def _of_token(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._acknowledged(request)
        own = [*interaction.followups, *filter(None, [interaction.message])]
        for message in own:
            if str(message.id) == request.match_info["message_id"] and not message.is_deleted:
                return interaction, message
        raise errors.unknown_message()

    async def read_original(self, request: web.Request) -> web.StreamResponse:
        return answer(payloads.message_json(self._world, self._original(request)[1]))

    async def edit_original(self, request: web.Request) -> web.StreamResponse:
        return await self._edit(request, *self._original(request))

    async def delete_original(self, request: web.Request) -> web.StreamResponse:
        await self._messages.remove(self._original(request)[1])
        return web.Response(status=204)

    async def read_message(self, request: web.Request) -> web.StreamResponse:
        return answer(payloads.message_json(self._world, self._of_token(request)[1]))

    async def edit_message(self, request: web.Request) -> web.StreamResponse:
        return await self._edit(request, *self._of_token(request))

    async def delete_message(self, request: web.Request) -> web.StreamResponse:
        await self._messages.remove(self._of_token(request)[1])
        return web.Response(status=204)

    async def _edit(
        self, request: web.Request, interaction: Interaction, message: Message
    ) -> web.StreamResponse:
        body, files = await checked_body(request, self._world)
        await self._messages.edit(message, body, files)
        interaction.note_shown()
        await self._world.notify()
        return answer(payloads.message_json(self._world, message))


def _check_kind(interaction: Interaction, kind: int, data: dict[str, Any]) -> None:
    """Refuse an answer that does not fit what the member did. Raises: ApiError 50035."""
    if kind == FORM:
        check_modal(data)
    if kind == CHOICES and len(data.get("choices") or []) > MAX_CHOICES:
        raise errors.invalid_form([f"data.choices: more than {MAX_CHOICES}"])
    from_message = interaction.source is not None
    if kind in {UPDATE, DEFER_UPDATE} and not from_message:
        raise errors.invalid_form([f"type: {kind} needs a message to update"])
    if kind == DEFER_UPDATE and interaction.kind == COMPONENT and data:
        raise errors.invalid_form(["data: nothing belongs to a deferred update"])
