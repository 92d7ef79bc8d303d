"""Records and services for tests of what people read."""

from dataclasses import MISSING, Field, fields
from typing import Any

from bot.rules.catalogue import load_catalogue
from bot.rules.request import VideoRequest
from bot.ui.services import Services
from bot.ui.texts import Texts
from storage.records import MessageKind, OutboxMessage, Request, State

NOW_MS = 1_790_000_000_000
ID = "abc2defghj"

catalogue = load_catalogue()
texts = Texts(strict=True)
english, chinese = texts.of("en-US"), texts.of("zh-CN")


def services(**services: Any) -> Services:
    """Services whose services are what is given, for what asks none."""
    nothing: dict[str, Any] = {each.name: None for each in fields(Services) if _is_needed(each)}
    known = {"texts": texts, "catalogue": catalogue, "clock": lambda: NOW_MS}
    return Services(**{**nothing, **known, **services})


def _is_needed(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def request(state: State = State.QUEUED, prompt: str = "a red fox", **changes: Any) -> Request:
    """A request of member 7 in channel 5 of server 1."""
    video = VideoRequest(prompt=prompt, model="seedance2.0-fast-i2v", duration=5, ratio="16:9")
    values: dict[str, Any] = {
        "id": ID,
        "interaction_id": 1000,
        "guild_id": 1,
        "channel_id": 5,
        "user_id": 7,
        "state": state,
        "model": video.model,
        "seconds": 5,
        "spec": video.model_dump_json(exclude_none=True),
        "created_at_ms": NOW_MS,
        "updated_at_ms": NOW_MS,
    }
    return Request(**{**values, **changes})


def post(kind: MessageKind = MessageKind.CARD, **changes: Any) -> OutboxMessage:
    """A message owed for that request."""
    values: dict[str, Any] = {
        "id": f"{ID}:{kind}",
        "kind": kind,
        "request_id": ID,
        "guild_id": 1,
        "channel_id": 5,
        "user_id": 7,
        "created_at_ms": NOW_MS,
        "nonce": "v0123456789abcdef01234567",
    }
    return OutboxMessage(**{**values, **changes})
