"""What members do: commands, buttons, forms, messages. Each returns a handle to wait on."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.discord import payloads
from tests.support.discord.commands import find_command
from tests.support.discord.forms import Resolver, command_data, form_data
from tests.support.discord.http.gateway import Gateway
from tests.support.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    Interactions,
    components_where,
)
from tests.support.discord.messages import Messages
from tests.support.discord.records import Channel, Guild, Member, Message, Payload, User
from tests.support.discord.rules import BUTTON
from tests.support.discord.world import World, monotonic


class Members:
    """Acts as the members of the world's guilds."""

    def __init__(
        self, world: World, gateway: Gateway, messages: Messages, interactions: Interactions
    ) -> None:
        self.world = world
        self.gateway = gateway
        self.interactions = interactions
        self._messages = messages

    async def slash(
        self,
        guild: Guild,
        channel: Channel,
        user: User,
        path: str,
        options: Mapping[str, Any] | None = None,
        attachments: Mapping[str, Any] | None = None,
    ) -> Interaction:
        """Use a slash command (`path` as in `video create`) and return at once.

        Options are sent in the order given, attachments (`Upload`) after them.
        Raises: LookupError or ValueError for what Discord's client would not let a member send.
        """
        self._join(guild, user)
        filled = {**(options or {}), **(attachments or {})}
        data = command_data(self.world, guild, path, filled)
        return await self._interact(COMMAND, guild, channel, user, data)

    async def autocomplete(
        self,
        guild: Guild,
        channel: Channel,
        user: User,
        path: str,
        options: Mapping[str, Any],
        focused: str,
    ) -> Interaction:
        """Type into an option that completes; the handle's `choices` are the offers."""
        data = command_data(self.world, guild, path, options, focused=focused)
        return await self._interact(AUTOCOMPLETE, guild, channel, user, data)

    async def menu(
        self, guild: Guild, channel: Channel, user: User, name: str, message: Message
    ) -> Interaction:
        """Pick an entry of a message's menu, such as `Animate`."""
        registered = [*self.world.commands.get(guild.id, []), *self.world.commands[0]]
        command, _ = find_command(registered, name, kind=3)
        target = payloads.message_json(self.world, message)
        data = {
            "id": command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): target}},
        }
        return await self._interact(COMMAND, guild, channel, user, data)

    async def click(self, message: Message, button: str, user: User) -> Interaction:
        """Press a button, named by its custom_id or its label.

        Raises: LookupError when the message has no such button, or it is disabled.
        """
        part = _component(message, button)
        if part.get("disabled") or part["type"] != BUTTON:
            text = f"{button!r} cannot be pressed"
            raise LookupError(text)
        data = {"component_type": BUTTON, "custom_id": part["custom_id"], "id": part["id"]}
        return await self._on_message(message, user, data)

    async def select(
        self, message: Message, custom_id: str, user: User, values: Sequence[Any]
    ) -> Interaction:
        """Choose from a select menu: strings, or users, roles and channels."""
        part = _component(message, custom_id)
        guild = self._guild_of(message.channel_id)
        resolver = Resolver(self.world, guild)
        data = {
            "component_type": part["type"],
            "custom_id": part["custom_id"],
            "id": part["id"],
            "values": [resolver.put(value) for value in values],
        }
        if resolver.found:
            data["resolved"] = resolver.resolved()
        return await self._on_message(message, user, data)

    async def press_stale(self, message: Message, custom_id: str, user: User) -> Interaction:
        """Press a button that the message need not have: a forged or an outdated custom_id."""
        return await self._on_message(
            message, user, {"component_type": BUTTON, "custom_id": custom_id, "id": 1}
        )

    async def submit(
        self, opened: Interaction, values: Mapping[str, Any], user: User | None = None
    ) -> Interaction:
        """Send the form that an interaction opened; fields by custom_id or label.

        Fields that are not given keep what they were prefilled with. Files are lists of `Upload`.
        """
        guild = self.world.guilds.get(opened.guild_id)
        channel = self.world.channels[opened.channel_id]
        data = form_data(self.world, guild, opened.modal, values)
        return await self._interact(
            MODAL_SUBMIT, guild, channel, user or opened.user, data, source=opened.source
        )

    async def say(self, channel: Channel, user: User, content: str) -> Message:
        """Post an ordinary message as a member."""
        return await self._messages.create(channel, user, {"content": content})

    async def delete(self, message: Message) -> None:
        """Delete any message, as a moderator would."""
        await self._messages.remove(message)

    async def replay(self, interaction: Interaction) -> bool:
        """Send the event of an interaction a second time, as a doubled gateway would see it."""
        return await self.gateway.push(
            "INTERACTION_CREATE", interaction.payload, guild_id=interaction.guild_id
        )

    async def _on_message(self, message: Message, user: User, data: Payload) -> Interaction:
        channel = self.world.channels[message.channel_id]
        guild = self.world.guilds.get(channel.guild_id)
        return await self._interact(COMPONENT, guild, channel, user, data, source=message)

    def _join(self, guild: Guild, user: User) -> Member:
        """The user's membership; whoever does something in a guild is in it."""
        return guild.members.get(user.id) or self.world.add_member(guild, user)

    def _guild_of(self, channel_id: int) -> Guild:
        return self.world.guilds[self.world.channels[channel_id].guild_id]

    async def _interact(
        self,
        kind: int,
        guild: Guild | None,
        channel: Channel,
        user: User,
        data: Payload,
        *,
        source: Message | None = None,
    ) -> Interaction:
        """Without a guild it happens in a direct message."""
        guild_id = guild.id if guild is not None else 0
        interaction = self.interactions.begin(kind, user, guild_id, channel.id)
        interaction.source = source
        interaction.payload = self._payload(interaction, channel, data)
        interaction.payload |= (
            self._in_guild(guild, channel, user) if guild is not None else _in_private(user)
        )

        def stamp() -> None:
            interaction.sent_at = monotonic()

        await self.gateway.push(
            "INTERACTION_CREATE", interaction.payload, guild_id=guild_id, stamp=stamp
        )
        return interaction

    def _payload(self, interaction: Interaction, channel: Channel, data: Payload) -> Payload:
        payload: Payload = {
            "id": str(interaction.id),
            "application_id": str(self.world.application_id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": str(channel.id),
            "channel": payloads.channel_json(self.world, channel),
            "locale": interaction.user.locale,
            "app_permissions": str(int(channel.bot_permissions)),
            "entitlements": [],
            "attachment_size_limit": self.world.upload_limit,
        }
        if interaction.source is not None:
            payload["message"] = payloads.message_json(self.world, interaction.source)
        return payload

    def _in_guild(self, guild: Guild, channel: Channel, user: User) -> Payload:
        member = self._join(guild, user)
        permissions = str(int(member.permissions))
        place = payloads.channel_json(self.world, channel) | {"permissions": permissions}
        return {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "channel": place,
            "member": payloads.member_json(member) | {"permissions": permissions},
            "authorizing_integration_owners": {"0": str(guild.id)},
            "context": 0,
        }


def _in_private(user: User) -> Payload:
    return {
        "user": payloads.user_json(user),
        "authorizing_integration_owners": {"0": "0"},
        "context": 1,
    }


def _component(message: Message, name: str) -> Payload:
    """The component of a custom_id or label. Raises: LookupError."""
    found = list(
        components_where(message.components, lambda p: name in {p["custom_id"], p.get("label")})
    )
    if not found:
        known = [p["custom_id"] for p in components_where(message.components, lambda _: True)]
        text = f"no component {name!r} among {known}"
        raise LookupError(text)
    return found[0]
