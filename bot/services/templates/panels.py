"""Panels of templates: enqueued, and what they show as the worker reads it."""

import json
from dataclasses import dataclass

from bot.rules.catalogue import Catalogue
from bot.services.caller import Caller
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.templates.content import Offer, offer_of
from storage.engine.transaction import Transaction
from storage.records import MessageKind, OutboxMessage, Request
from storage.requests import requests
from storage.requests.outbox import enqueue
from storage.templates import panels, templates


@dataclass(frozen=True, slots=True)
class PanelSheet:
    """A panel's template as it is now; without an offer it was removed.

    `example` is the request whose video it is to carry, `carried_id` that of the one it carries.
    """

    name: str
    offer: Offer | None
    example: Request | None
    carried_id: str
    language: str
    """As the settings choose it; empty for the server's own."""


async def sheet_of(
    tx: Transaction, catalogue: Catalogue, message: OutboxMessage
) -> PanelSheet | None:
    """Everything the panel of a message shows; None where nothing is known of it any more."""
    panel = await panels.get(tx, message.id)
    template = await templates.get(tx, panel.template_id) if panel is not None else None
    if panel is None or template is None:
        return None
    example = await requests.get(tx, template.example_id) if template.example_id else None
    return PanelSheet(
        name=template.name,
        offer=None if template.removed_at_ms else offer_of(catalogue, template),
        example=example,
        carried_id=panel.example_id,
        language=(await read_settings(tx, message.guild_id)).language,
    )


async def enqueue_panel(
    tx: Transaction,
    settings: ServerSettings,
    caller: Caller,
    template_id: str,
    channel_id: int,
    now_ms: int,
) -> str:
    """Enqueue the panel of a template, one for each interaction; returns the message's id."""
    message = OutboxMessage(
        id=f"panel:{template_id}:{caller.interaction_id}",
        kind=MessageKind.PANEL,
        request_id="",
        guild_id=caller.guild_id,
        channel_id=channel_id,
        user_id=0,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
        body=json.dumps({"locale": settings.language or caller.guild_locale}),
    )
    await enqueue(tx, message)
    return message.id
