"""What a member does with the bot, and what came of it."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.discord.records import Message, Payload, User
from tests.support.discord.world import World, monotonic

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
"""What a member did."""

REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9
"""How a bot answered."""

ACKNOWLEDGE_S: Final = 3.0
TOKEN_LIFE_S: Final = 15 * 60.0


@dataclass(eq=False)
class Interaction:
    """One interaction, from the press to the answer. Times are monotonic seconds.

    `sent_at` is the moment before the event was written to the gateway; 0 means that no gateway
    was there to hear it. `answer_type` is one of REPLY … FORM once the bot has answered.
    """

    id: int
    token: str
    kind: int
    user: User
    guild_id: int
    channel_id: int
    payload: Payload
    born_s: float
    """Wall-clock seconds of the world."""
    source: Message | None = None
    """The message whose button was pressed."""
    sent_at: float = 0.0
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    shown: asyncio.Event = field(default_factory=asyncio.Event)
    """The member sees words, a form or choices; not only "thinking"."""
    answered_at: float = 0.0
    shown_at: float = 0.0
    answer_type: int = 0
    answer: Payload = field(default_factory=dict)
    message: Message | None = None
    followups: list[Message] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Answers that Discord did not take: too late, a second one, malformed."""

    @property
    def modal(self) -> Payload:
        """The form that the bot opened. Raises: LookupError when it opened none."""
        if self.answer_type != FORM:
            message = f"answered with type {self.answer_type}, not with a form"
            raise LookupError(message)
        return self.answer

    @property
    def choices(self) -> list[Payload]:
        """What autocomplete offers; empty before the answer."""
        return list(self.answer.get("choices") or [])

    @property
    def acknowledged_after_s(self) -> float:
        """Seconds from the event to the answer's arrival; infinite while there is none."""
        return self.answered_at - self.sent_at if self.answered_at else float("inf")

    @property
    def is_late(self) -> bool:
        """Whether Discord has told the member that the application did not respond."""
        if self.answered_at:
            return self.acknowledged_after_s > ACKNOWLEDGE_S
        return bool(self.sent_at) and monotonic() - self.sent_at > ACKNOWLEDGE_S

    @property
    def text(self) -> str:
        """Everything the answer says: content, embeds and text components, joined by newlines."""
        return "" if self.message is None else text_of(self.message)

    async def wait_answered(self, timeout_s: float = 5.0) -> "Interaction":
        """Return once the bot has acknowledged it; TimeoutError otherwise."""
        async with asyncio.timeout(timeout_s):
            await self.answered.wait()
        return self

    async def wait_shown(self, timeout_s: float = 30.0) -> Message:
        """The answer's message once it says more than "thinking"; TimeoutError otherwise."""
        async with asyncio.timeout(timeout_s):
            await self.shown.wait()
        if self.message is None:
            message = f"answered with type {self.answer_type}, which is no message"
            raise LookupError(message)
        return self.message

    def take_answer(self, kind: int, data: Payload) -> None:
        """Note the bot's answer."""
        self.answered_at = monotonic()
        self.answer_type = kind
        self.answer = data
        self.answered.set()
        if kind not in {DEFER, DEFER_UPDATE}:
            self.note_shown()

    def note_shown(self) -> None:
        """Note that the member sees something now."""
        self.shown_at = self.shown_at or monotonic()
        self.shown.set()


class Interactions:
    """All interactions, by token; judges which answers come in time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_token: dict[str, Interaction] = {}
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self._by_token.values())

    def begin(self, kind: int, user: User, guild_id: int, channel_id: int) -> Interaction:
        """A new interaction without its payload."""
        world = self._world
        token = f"token-{next(self._numbers)}-{'x' * 40}"
        interaction = Interaction(
            world.new_id(), token, kind, user, guild_id, channel_id, {}, world.now()
        )
        self._by_token[token] = interaction
        return interaction

    def find(self, token: str) -> Interaction | None:
        """The interaction of a token, or None."""
        return self._by_token.get(token)

    def is_too_late(self, interaction: Interaction) -> bool:
        """Whether an acknowledgement would now come after Discord has given up."""
        aged_s = self._world.now() - interaction.born_s
        return interaction.is_late or aged_s > ACKNOWLEDGE_S

    def is_expired(self, interaction: Interaction) -> bool:
        """Whether the token is dead: after 15 minutes it is."""
        return self._world.now() - interaction.born_s > TOKEN_LIFE_S

    def late(self) -> list[Interaction]:
        """Those that were not acknowledged within three seconds, or not at all."""
        return [interaction for interaction in self if interaction.is_late]


def text_of(message: Message) -> str:
    """All words of a message, as a reader finds them from top to bottom."""
    words: list[str | None] = [message.content]
    for embed in message.embeds:
        words += [embed.get("title"), embed.get("description")]
        for part in embed.get("fields") or ():
            words += [part.get("name"), part.get("value")]
        words.append((embed.get("footer") or {}).get("text"))
    words += list(_component_words(message.components))
    return "\n".join(word for word in words if word)


def _component_words(components: list[Payload]) -> Iterator[str]:
    for component in components:
        for word in ("label", "content", "description", "placeholder"):
            if isinstance(component.get(word), str):
                yield component[word]
        yield from _component_words(component.get("components") or [])
        if component.get("accessory"):
            yield from _component_words([component["accessory"]])


def components_where(
    components: list[Payload], holds: Callable[[Payload], Any]
) -> Iterator[Payload]:
    """The interactive components for which `holds` says yes, at any depth."""
    for component in components:
        if component.get("custom_id") is not None and holds(component):
            yield component
        inner = [*(component.get("components") or [])]
        inner += [component[key] for key in ("accessory", "component") if component.get(key)]
        yield from components_where(inner, holds)
