"""The REST routes under a bot's own token: itself, commands, channels, messages."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from tests.support.discord import errors, payloads
from tests.support.discord.commands import command_faults
from tests.support.discord.http.body import answer, read_body
from tests.support.discord.http.gateway import Gateway
from tests.support.discord.messages import Messages, check_may_post, check_may_see
from tests.support.discord.records import (
    CURRENT_CALL,
    Channel,
    Message,
    Payload,
    Permission,
    StoredFile,
)
from tests.support.discord.schema import problems_of
from tests.support.discord.world import World


async def checked_body(request: web.Request, world: World) -> tuple[Any, list[StoredFile]]:
    """The body of a call, held against Discord's API description.

    Raises: ApiError 50035 with what the description says against it.
    """
    call = CURRENT_CALL.get()
    call.json, call.files = await read_body(request, world)
    call.problems = problems_of(call.route, call.json)
    if call.problems:
        raise errors.invalid_form(call.problems)
    return call.json, call.files


class Rest:
    """The part of Discord's REST API that needs `Authorization: Bot …`."""

    def __init__(self, world: World, messages: Messages, gateway: Gateway) -> None:
        self._world = world
        self._messages = messages
        self._gateway = gateway

    def routes(self, prefix: str) -> list[web.AbstractRouteDef]:
        channel = f"{prefix}/channels/{{channel_id}}"
        guild = f"{prefix}/guilds/{{guild_id}}"
        application = f"{prefix}/applications/{{application_id}}"
        return [
            web.get(f"{prefix}/users/@me", self.me),
            web.get(f"{prefix}/users/@me/guilds", self.my_guilds),
            web.post(f"{prefix}/users/@me/channels", self.open_direct),
            web.get(f"{prefix}/users/{{user_id}}", self.user),
            web.get(f"{prefix}/applications/@me", self.application),
            web.get(f"{prefix}/oauth2/applications/@me", self.application),
            web.get(f"{prefix}/gateway", self.gateway),
            web.get(f"{prefix}/gateway/bot", self.gateway),
            web.get(f"{application}/commands", self.read_commands),
            web.put(f"{application}/commands", self.write_commands),
            web.get(f"{application}/guilds/{{guild_id}}/commands", self.read_commands),
            web.put(f"{application}/guilds/{{guild_id}}/commands", self.write_commands),
            web.get(guild, self.guild),
            web.get(f"{guild}/channels", self.guild_channels),
            web.get(f"{guild}/roles", self.guild_roles),
            web.get(f"{guild}/auto-moderation/rules", self.automod_rules),
            web.get(f"{guild}/members/{{user_id}}", self.guild_member),
            web.get(channel, self.channel),
            web.patch(channel, self.change_channel),
            web.get(f"{channel}/messages", self.history),
            web.post(f"{channel}/messages", self.send),
            web.post(f"{channel}/typing", self.typing),
            web.get(f"{channel}/messages/{{message_id}}", self.read),
            web.patch(f"{channel}/messages/{{message_id}}", self.edit),
            web.delete(f"{channel}/messages/{{message_id}}", self.delete),
        ]

    async def me(self, _: web.Request) -> web.StreamResponse:
        return answer(
            payloads.user_json(self._world.bot) | {"mfa_enabled": True, "locale": "en-US"}
        )

    async def my_guilds(self, _: web.Request) -> web.StreamResponse:
        return answer([payloads.guild_base_json(guild) for guild in self._world.guilds.values()])

    async def user(self, request: web.Request) -> web.StreamResponse:
        user = self._world.users.get(int(request.match_info["user_id"]))
        if user is None:
            raise errors.ApiError(404, 10013, "Unknown User")
        return answer(payloads.user_json(user))

    async def application(self, _: web.Request) -> web.StreamResponse:
        return answer(payloads.application_json(self._world))

    async def gateway(self, _: web.Request) -> web.StreamResponse:
        sharding = self._gateway.sharding
        limit = {
            "total": 1000,
            "remaining": 999,
            "reset_after": 0,
            "max_concurrency": sharding.max_concurrency,
        }
        shards = sharding.recommended
        return answer({"url": self._gateway.url, "shards": shards, "session_start_limit": limit})

    async def open_direct(self, request: web.Request) -> web.StreamResponse:
        body, _ = await checked_body(request, self._world)
        user = self._world.users.get(int(body.get("recipient_id") or 0))
        if user is None:
            raise errors.ApiError(400, 50033, "Invalid Recipient(s)")
        return answer(payloads.channel_json(self._world, self._world.direct_channel(user)))

    async def read_commands(self, request: web.Request) -> web.StreamResponse:
        return answer(self._world.commands.get(int(request.match_info.get("guild_id", 0)), []))

    async def write_commands(self, request: web.Request) -> web.StreamResponse:
        body, _ = await checked_body(request, self._world)
        faults = command_faults(body)
        if faults:
            CURRENT_CALL.get().problems += faults
            raise errors.invalid_form(faults)
        guild_id = int(request.match_info.get("guild_id", 0))
        self._world.commands[guild_id] = [self._registered(command, guild_id) for command in body]
        return answer(self._world.commands[guild_id])

    def _registered(self, command: Payload, guild_id: int) -> Payload:
        """A command as Discord keeps it: one of the same name and type keeps its id."""
        kind = command.get("type", 1)
        old = [
            known["id"]
            for known in self._world.commands.get(guild_id, [])
            if (known["name"], known["type"]) == (command["name"], kind)
        ]
        kept: Payload = {
            "id": old[0] if old else str(self._world.new_id()),
            "application_id": str(self._world.application_id),
            "version": str(self._world.new_id()),
            "type": kind,
            "description": "",
            "default_member_permissions": None,
            "nsfw": False,
        }
        if guild_id:
            kept["guild_id"] = str(guild_id)
        return kept | command

    async def guild(self, request: web.Request) -> web.StreamResponse:
        return answer(payloads.guild_base_json(self._guild(request)))

    async def guild_channels(self, request: web.Request) -> web.StreamResponse:
        channels = self._guild(request).channels.values()
        return answer([payloads.channel_json(self._world, c) for c in channels if not c.is_thread])

    async def guild_roles(self, request: web.Request) -> web.StreamResponse:
        roles = self._guild(request).roles.values()
        return answer([payloads.role_json(role) for role in roles])

    async def automod_rules(self, request: web.Request) -> web.StreamResponse:
        """Every rule, to who has Manage Server; source: Discord's “List Auto Moderation Rules”."""
        guild = self._guild(request)
        own = guild.members[self._world.bot.id]
        if not own.permissions & (Permission.MANAGE_GUILD | Permission.ADMINISTRATOR):
            raise errors.missing_permissions()
        return answer(guild.automod_rules)

    async def guild_member(self, request: web.Request) -> web.StreamResponse:
        member = self._guild(request).members.get(int(request.match_info["user_id"]))
        if member is None:
            raise errors.ApiError(404, 10007, "Unknown Member")
        return answer(payloads.member_json(member))

    def _guild(self, request: web.Request) -> Any:
        guild = self._world.guilds.get(int(request.match_info["guild_id"]))
        if guild is None:
            raise errors.ApiError(404, 10004, "Unknown Guild")
        return guild

    def _channel(self, request: web.Request) -> Channel:
        channel = self._world.require_channel(request.match_info["channel_id"])
        check_may_see(channel)
        return channel

    def _message(self, request: web.Request) -> tuple[Channel, Message]:
        channel = self._channel(request)
        return channel, self._world.find_message(channel.id, request.match_info["message_id"])

    async def channel(self, request: web.Request) -> web.StreamResponse:
        return answer(payloads.channel_json(self._world, self._channel(request)))

    async def change_channel(self, request: web.Request) -> web.StreamResponse:
        """Reopening a thread, which whoever may write in it may do unless it is locked."""
        channel = self._channel(request)
        body, _ = await checked_body(request, self._world)
        if set(body) != {"archived"} or not channel.is_thread:
            raise errors.missing_permissions()
        if channel.is_locked or not channel.bot_permissions & Permission.SEND_MESSAGES_IN_THREADS:
            raise errors.missing_permissions()
        channel.is_archived = body["archived"]
        return answer(payloads.channel_json(self._world, channel))

    async def typing(self, request: web.Request) -> web.StreamResponse:
        check_may_post(self._channel(request), has_files=False)
        return web.Response(status=204)

    async def history(self, request: web.Request) -> web.StreamResponse:
        channel = self._channel(request)
        may_read = channel.recipient or channel.bot_permissions & Permission.READ_MESSAGE_HISTORY
        # Without the permission Discord answers with an empty list, not with an error.
        found = list(channel.messages.values()) if may_read else []
        chosen = _page(found, request.query)
        return answer([payloads.message_json(self._world, message) for message in chosen])

    async def send(self, request: web.Request) -> web.StreamResponse:
        channel = self._channel(request)
        body, files = await checked_body(request, self._world)
        check_may_post(channel, has_files=bool(files))
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            earlier = self._world.sent_with(self._world.bot, nonce)
            if earlier is not None:
                return answer(payloads.message_json(self._world, earlier, nonce=True))
        message = await self._messages.create(channel, self._world.bot, body, files)
        return answer(payloads.message_json(self._world, message, nonce=True))

    async def read(self, request: web.Request) -> web.StreamResponse:
        channel, message = self._message(request)
        may_read = channel.recipient or channel.bot_permissions & Permission.READ_MESSAGE_HISTORY
        if not may_read:
            raise errors.missing_access()
        return answer(payloads.message_json(self._world, message))

    async def edit(self, request: web.Request) -> web.StreamResponse:
        channel, message = self._message(request)
        if message.author is not self._world.bot:
            raise errors.not_the_author()
        if channel.is_archived:
            raise errors.thread_archived()
        body, files = await checked_body(request, self._world)
        await self._messages.edit(message, body, files)
        return answer(payloads.message_json(self._world, message))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        channel, message = self._message(request)
        own = message.author is self._world.bot
        if not own and not channel.bot_permissions & Permission.MANAGE_MESSAGES:
            raise errors.missing_permissions()
        if channel.is_archived:
            raise errors.thread_archived()
        await self._messages.remove(message)
        return web.Response(status=204)


def _page(found: Iterable[Message], query: Any) -> list[Message]:
    """The messages that `before`, `after`, `around` and `limit` ask for, newest first."""
    messages = list(found)
    limit = min(max(int(query.get("limit", 50)), 1), 100)
    if "after" in query:
        # the ones right after the given id, and yet newest first
        chosen = [m for m in messages if m.id > int(query["after"])][:limit]
    elif "before" in query:
        chosen = [m for m in messages if m.id < int(query["before"])][-limit:]
    elif "around" in query:
        middle = int(query["around"])
        nearest = sorted(messages, key=lambda message: abs(message.id - middle))[:limit]
        chosen = sorted(nearest, key=lambda message: message.id)
    else:
        chosen = messages[-limit:]
    return list(reversed(chosen))
