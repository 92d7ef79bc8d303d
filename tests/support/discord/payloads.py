"""Discord's JSON of what the recording Discord remembers."""

from datetime import UTC, datetime
from typing import Any, Final

from tests.support.discord.records import (
    MEMBER_PERMISSIONS,
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    Payload,
    Permission,
    Role,
    User,
)
from tests.support.discord.world import World

_GUILD_NULLS: Final = (
    "icon",
    "splash",
    "discovery_splash",
    "banner",
    "description",
    "vanity_url_code",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "rules_channel_id",
    "public_updates_channel_id",
)
_GUILD_ZEROS: Final = (
    "verification_level",
    "default_message_notifications",
    "explicit_content_filter",
    "mfa_level",
    "nsfw_level",
    "system_channel_flags",
    "premium_subscription_count",
)


def iso(moment_ms: int) -> str:
    """A moment as Discord writes it."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC).isoformat()


def user_json(user: User) -> Payload:
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0000" if user.is_bot else "0",
        "global_name": None if user.is_bot else user.name,
        "avatar": None,
        "bot": user.is_bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def role_json(role: Role) -> Payload:
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": 0,
        "color": 0,
        "colors": colors,
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def member_json(member: Member, *, with_user: bool = True) -> Payload:
    payload: Payload = {
        "roles": [str(role.id) for role in member.roles],
        "nick": None,
        "avatar": None,
        "banner": None,
        "joined_at": iso(member.joined_at_ms),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    if with_user:
        payload["user"] = user_json(member.user)
    return payload


def channel_json(world: World, channel: Channel) -> Payload:
    payload: Payload = {
        "id": str(channel.id),
        "type": int(channel.type),
        "flags": 0,
        "last_message_id": str(next(reversed(channel.messages), 0)) or None,
    }
    if channel.type is ChannelType.DIRECT:
        recipients = [user_json(channel.recipient)] if channel.recipient else []
        return payload | {"recipients": recipients}
    payload |= {"guild_id": str(channel.guild_id), "name": channel.name, "rate_limit_per_user": 0}
    payload["parent_id"] = str(channel.parent_id) if channel.parent_id else None
    if channel.is_thread:
        return payload | _thread_json(world, channel)
    denied = int(MEMBER_PERMISSIONS) & ~int(channel.bot_permissions)
    own = {"id": str(world.bot.id), "type": 1, "allow": "0", "deny": str(denied)}
    overwrites = [own] if denied else []
    if channel.is_hidden:
        view = int(Permission.VIEW_CHANNEL)
        seen = view & int(channel.bot_permissions)
        everyone = {"id": str(channel.guild_id), "type": 0, "allow": "0", "deny": str(view)}
        overwrites = [everyone, own | {"allow": str(seen)}]
    return payload | {
        "position": 0,
        "nsfw": channel.nsfw,
        "topic": None,
        "permission_overwrites": overwrites,
    }


def _thread_json(world: World, channel: Channel) -> Payload:
    created = iso(int(world.now() * 1000))
    return {
        "owner_id": str(world.bot.id),
        "message_count": len(channel.messages),
        "member_count": 1,
        "total_message_sent": len(channel.messages),
        "thread_metadata": {
            "archived": channel.is_archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": created,
            "locked": channel.is_locked,
            "create_timestamp": created,
        },
    }


def guild_json(world: World, guild: Guild) -> Payload:
    """A guild as `GUILD_CREATE` brings it to a bot without the members intent."""
    channels = list(guild.channels.values())
    return guild_base_json(guild) | {
        "joined_at": iso(guild.members[world.bot.id].joined_at_ms),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(guild.members[world.bot.id])],
        "channels": [channel_json(world, c) for c in channels if not c.is_thread],
        "threads": [channel_json(world, c) for c in channels if c.is_thread],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def guild_base_json(guild: Guild) -> Payload:
    """A guild as REST gives it."""
    payload: Payload = dict.fromkeys(_GUILD_NULLS) | dict.fromkeys(_GUILD_ZEROS, 0)
    return payload | {
        "id": str(guild.id),
        "name": guild.name,
        "system_channel_id": str(guild.system_channel_id) if guild.system_channel_id else None,
        "owner_id": str(guild.owner.id),
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "afk_timeout": 300,
        "premium_tier": guild.premium_tier,
        "preferred_locale": guild.locale,
        "premium_progress_bar_enabled": False,
    }


IS_SPOILER = 1 << 3


def attachment_json(attachment: Attachment, *, is_ephemeral: bool = False) -> Payload:
    payload: Payload = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": attachment.url,
        "proxy_url": attachment.url,
    }
    optional = {
        "content_type": attachment.content_type,
        "width": attachment.width,
        "height": attachment.height,
        "duration_secs": attachment.duration_s,
        "description": attachment.description,
        "ephemeral": is_ephemeral or None,
        "flags": IS_SPOILER if attachment.is_spoiler else None,
    }
    return payload | {key: value for key, value in optional.items() if value is not None}


def message_json(world: World, message: Message, *, nonce: bool = False) -> Payload:
    """A message; its nonce only in the answer to whoever created it."""
    payload: Payload = {
        "id": str(message.id),
        "type": 19 if message.reply_to else 0,
        "channel_id": str(message.channel_id),
        "author": user_json(message.author),
        "content": message.content,
        "timestamp": iso(message.created_ms),
        "edited_timestamp": iso(message.edited_ms) if message.edited_ms else None,
        "tts": False,
        "mention_everyone": message.pinged_everyone,
        "mentions": [user_json(world.users[i]) for i in message.pinged if i in world.users],
        "mention_roles": [],
        "attachments": [
            attachment_json(a, is_ephemeral=message.is_ephemeral) for a in message.attachments
        ],
        "embeds": message.embeds,
        "components": message.components,
        "pinned": False,
        "flags": message.flags,
    }
    if message.forwarded is not None:
        payload["message_snapshots"] = [{"message": _snapshot_json(world, message.forwarded)}]
        payload["message_reference"] = {
            "type": 1,
            "channel_id": str(message.forwarded.channel_id),
            "message_id": str(message.forwarded.id),
        }
    if message.reply_to:
        reference: dict[str, Any] = {"type": 0, "channel_id": str(message.channel_id)}
        payload["message_reference"] = reference | {"message_id": str(message.reply_to)}
    if message.is_ephemeral:
        payload["application_id"] = payload["webhook_id"] = str(world.application_id)
    if nonce and message.nonce is not None:
        payload["nonce"] = message.nonce
    return payload


def _snapshot_json(world: World, message: Message) -> Payload:
    """What a forward shows of a message: without who wrote it and where."""
    kept = ("type", "content", "timestamp", "edited_timestamp", "mentions", "mention_roles")
    shown = ("attachments", "embeds", "components", "flags")
    whole = message_json(world, message)
    return {key: whole[key] for key in (*kept, *shown)}


def application_json(world: World) -> Payload:
    return {
        "id": str(world.application_id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "summary": "",
        "bot": user_json(world.bot),
        "bot_public": world.is_public,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "rpc_origins": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(world.owner),
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "integration_types_config": {"0": {}},
    }
