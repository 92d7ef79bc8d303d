"""Prefills forms, and saves what a member entered until the form comes back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from bot.errors import TooLate, UserError
from bot.rules.catalogue import Catalogue, ModelSpec
from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.services.request_ids import is_id, new_id
from bot.services.requests.admission import Admission
from bot.services.server_settings import read_settings
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.transaction import Database
from storage.errors import BotError, StorageError, StorageUnavailable
from storage.records import SavedForm
from storage.requests import requests, saved_forms

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

SAVED_FORM_MS: Final = 15 * 60_000
"""How long a form can stay open: Discord's links to its files live longer than that."""

MOST_SAVED_FORMS: Final = 10
"""Of a member; the newest stay."""

FORM_WAIT_S: Final = 1.0
"""A form can't be deferred: it opens with what is known after this time."""

MOST_KNOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class Prefill:
    """What a form may offer and begin with; `last` is the member's last request here."""

    models: tuple[ModelSpec, ...]
    default: str = ""
    last: VideoRequest | None = None
    shares_pictures: bool = False
    """Whether the server lets members use each other's pictures; False where that isn't known."""


@dataclass(frozen=True, slots=True)
class LoadedForm:
    """A saved form as it was found again."""

    video_request: VideoRequest
    suggestion: str
    origin: str


class SavedFormService:
    """Answers in time, from memory where the database is slow; keeps what was given."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: AllowedModelService,
        admission: Admission,
        *,
        clock: Callable[[], int],
        draw: Callable[[int], int],
        wait_s: float = FORM_WAIT_S,
    ) -> None:
        self._wait_s = wait_s
        self._database = database
        self._catalogue = catalogue
        self._models = models
        self._admission = admission
        self._clock = clock
        self._draw = draw
        self._known: dict[int, Prefill] = {}
        self._writing: set[asyncio.Task[bool]] = set()

    def check_place(self, caller: Caller) -> None:
        """Refuse before a form is filled in for nothing. Raises: UserError."""
        self._admission.check_place(caller)

    async def in_time(self, looking: Awaitable[Found]) -> Found | None:
        """What is found in time for a form; None where the database is slower or away."""
        try:
            async with asyncio.timeout(self._wait_s):
                return await looking
        except (TimeoutError, StorageError):
            return None

    async def prefill(self, caller: Caller) -> Prefill:
        """What the server and the member chose last; within a second, or what was known before."""
        try:
            async with asyncio.timeout(self._wait_s):
                found = await self._look(caller)
        except (BotError, TimeoutError) as error:
            logger.warning(
                "A form opens without its prefill",
                extra={"action": "form.not_prefilled", "error": repr(error)},
            )
            return self._known.get(caller.guild_id) or Prefill(tuple(self._catalogue))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[caller.guild_id] = replace(found, last=None)
        return found

    async def shares_pictures(self, caller: Caller) -> bool:
        """Whether members may use each other's pictures here; as far as is known in a second."""
        return (await self.prefill(caller)).shares_pictures

    async def _look(self, caller: Caller) -> Prefill:
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            last = await requests.last_of_member(tx, caller.guild_id, caller.user_id)
        names = self._models.allowed_names(caller.guild_id, settings)
        default = self._models.default_name(caller.guild_id, settings)
        models = tuple(self._catalogue.require(name) for name in names)
        video = VideoRequest.model_validate_json(last.spec) if last is not None else None
        return Prefill(models, default, video, settings.remix == "everyone")

    async def keep(
        self, caller: Caller, video_request: VideoRequest, *, suggestion: str = "", origin: str = ""
    ) -> str:
        """Keep a request for the form that comes back; returns its id within a second.

        Where the database is slower than that, it is written while the member fills in the form.
        """
        saved_form = SavedForm(
            id=new_id(self._draw),
            guild_id=caller.guild_id,
            user_id=caller.user_id,
            video_request=video_request.model_dump_json(exclude_none=True),
            created_at_ms=self._clock(),
            suggestion=suggestion,
            origin=origin,
        )
        writing = asyncio.create_task(self._write(saved_form), name=f"sketch {saved_form.id}")
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.wait({writing}, timeout=self._wait_s)
        return saved_form.id

    async def _write(self, saved_form: SavedForm) -> bool:
        try:
            async with self._database.transaction() as tx:
                await saved_forms.drop_old(tx, self._clock() - SAVED_FORM_MS)
                await saved_forms.put(tx, saved_form, kept=MOST_SAVED_FORMS)
        except BotError as error:
            logger.warning(
                "A form's content could not be saved",
                extra={"action": "form.not_saved", "error": repr(error)},
            )
            return False
        return True

    async def find(self, caller: Caller, saved_form_id: str) -> LoadedForm:
        """What the caller gave before. Raises: TooLate when its time is over; UserError."""
        try:
            async with self._database.reading() as tx:
                saved_form = (
                    await saved_forms.get(tx, saved_form_id) if is_id(saved_form_id) else None
                )
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        is_own = saved_form is not None and (saved_form.guild_id, saved_form.user_id) == (
            caller.guild_id,
            caller.user_id,
        )
        if (
            saved_form is None
            or not is_own
            or saved_form.created_at_ms < self._clock() - SAVED_FORM_MS
        ):
            raise TooLate("refused-form-gone")
        video_request = VideoRequest.model_validate_json(saved_form.video_request)
        return LoadedForm(video_request, saved_form.suggestion, saved_form.origin)

    async def close(self) -> None:
        """Wait for writes in progress."""
        if self._writing:
            await asyncio.gather(*self._writing, return_exceptions=True)


def likeliest(
    models: Sequence[ModelSpec], wanted: Sequence[str], most: int
) -> tuple[ModelSpec, ...]:
    """The models a member most likely wants, at most `most`: those named first, in that order.

    Those that take no plain files come last, as a form's files are such.
    """
    places = {name: place for place, name in reversed(list(enumerate(wanted)))}
    ranked = sorted(
        enumerate(models),
        key=lambda each: (
            places.get(each[1].name, len(wanted)),
            not each[1].sources.https,
            each[0],
        ),
    )
    return tuple(spec for _, spec in ranked[:most])
