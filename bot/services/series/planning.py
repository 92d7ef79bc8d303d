"""Plans a series: the request that each shot is, checked by every rule, with all that is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import InvalidRequest
from bot.rules.catalogue import Catalogue
from bot.rules.check import is_blank, settle, violations
from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.model_spec import ModelSpec
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.reused_media import shot_url
from bot.rules.suggest import suggest
from bot.rules.violation import Violation, span
from bot.services.caller import Caller
from bot.services.cast.resolve import with_cast
from bot.services.moderation.hold_policy import text_of
from bot.services.requests.admission import Admission
from bot.services.series.views import FEWEST_SHOTS, MOST_SHOTS, SeriesWish
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.transaction import Database

_FRAME_RULES = frozenset({"frames-not-taken", "frames-pair-needed"})


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A series that keeps the rules: its own request, which is never sent, and its shots'.

    The series' prompt has all prompts, one a line, so that whoever reads it reads all of them.
    """

    series_id: str
    whole: VideoRequest
    shots: tuple[VideoRequest, ...]

    @property
    def text(self) -> str:
        """All that is scanned for listed words."""
        return text_of_all(self.shots)

    @property
    def seen(self) -> VideoRequest:
        """The series as the hold policy sees it: all prompts, and the files that were given."""
        return seen_as(self.whole, self.shots)


def text_of_all(shots: Iterable[VideoRequest]) -> str:
    """All that is scanned of a series' shots."""
    return "\n".join(text_of(shot) for shot in shots)


def seen_as(whole: VideoRequest, shots: Sequence[VideoRequest]) -> VideoRequest:
    """A series' request with the files of its first shot."""
    return whole.model_copy(update={"media": shots[0].media})


def frame_before(series_id: str, number: int) -> MediaRef:
    """What a shot begins with: the last frame of the one before it."""
    return MediaRef(
        source=MediaSource.SHOT,
        url=shot_url(series_id, number - 1),
        kind=MediaKind.IMAGE,
        role=MediaRole.FIRST,
        field=MediaRole.FIRST.value,
        name=f"shot-{number - 1}.png",
    )


def takes_frame_alone(spec: ModelSpec) -> bool:
    """Whether the model makes a video from a first frame and words alone."""
    frame = VideoRequest(prompt="x", model=spec.name, media=(frame_before("series1", 2),))
    return not violations(spec, settle(spec, frame))


class SeriesPlanner:
    """Turns what the form gave into a plan, or refuses it with every violation at once."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: AllowedModelService,
        admission: Admission,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._models = models
        self._admission = admission

    async def plan(
        self, wish: SeriesWish, series_id: str, caller: Caller, faults: Sequence[Violation]
    ) -> SeriesPlan:
        """The plan. Raises: UserError for a model that is not known; InvalidRequest."""
        prompts = tuple(each.strip() for each in wish.prompts if not is_blank(each))
        model = wish.model or await self._models.default_model(caller.guild_id)
        spec = await self._admission.require_model(model, caller)
        found = [*faults, *_count_faults(len(prompts))]
        asked = [
            _asked(wish, spec, series_id, number, prompt)
            for number, prompt in enumerate(prompts[:MOST_SHOTS], start=1)
        ]
        shots = []
        of_shots: list[list[Violation]] = []
        for number, each in enumerate(asked, start=1):
            video, wrong = await self.check(spec, each, number, caller)
            shots.append(video)
            of_shots.append(wrong)
        found += await self._with_frames(spec, _gathered(of_shots), caller)
        if found:
            other = None if faults else await self._suggested(asked, caller)
            raise InvalidRequest(found, model=spec.name, suggestion=other)
        whole = shots[0].model_copy(
            update={"prompt": "\n".join(prompts), "typed": None, "media": (), "cast": ()}
        )
        return SeriesPlan(series_id, whole, tuple(shots))

    async def checked_shot(self, video: VideoRequest, number: int, caller: Caller) -> VideoRequest:
        """One shot by itself, as it is tried again. Raises: UserError, InvalidRequest."""
        spec = await self._admission.require_model(video.model, caller)
        video, wrong = await self.check(spec, video, number, caller)
        if number > 1:
            wrong = await self._with_frames(spec, wrong, caller)
        if wrong:
            raise InvalidRequest([in_shot(each, number) for each in wrong], model=spec.name)
        return video

    async def check(
        self, spec: ModelSpec, video: VideoRequest, number: int, caller: Caller
    ) -> tuple[VideoRequest, list[Violation]]:
        """A shot with the pictures of its names, and everything that is wrong with it."""
        async with self._database.reading() as tx:
            video, wrong = await with_cast(tx, spec, video, caller)
        video = settle(spec, video)
        named = [
            each.model_copy(update={"rule": "series-cast"})
            if number > 1 and each.rule == "cast-in-frames"
            else each
            for each in wrong
        ]
        return video, [*named, *violations(spec, video)]

    async def _with_frames(
        self, spec: ModelSpec, found: Sequence[Violation], caller: Caller
    ) -> list[Violation]:
        """The faults, with one in place of all that say that the model takes no first frame."""
        others = [each for each in found if each.rule not in _FRAME_RULES]
        if takes_frame_alone(spec):
            return list(found)
        allowed = await self._models.allowed(caller.guild_id)
        taking = ", ".join(each.name for each in allowed if takes_frame_alone(each)) or "–"
        params = {"model": spec.name}
        wrong = Violation(field="model", rule="series-no-frame", allowed=taking, params=params)
        return [wrong, *others]

    async def _suggested(self, asked: Sequence[VideoRequest], caller: Caller) -> str | None:
        """The closest model that takes every shot as it was asked for."""
        if not FEWEST_SHOTS <= len(asked) <= MOST_SHOTS:
            return None
        names = [
            spec.name
            for spec in await self._models.allowed(caller.guild_id)
            if not any(violations(spec, settle(spec, each)) for each in asked)
        ]
        other = suggest(self._catalogue, asked[-1], names)
        return other.name if other is not None else None


def _asked(
    wish: SeriesWish, spec: ModelSpec, series_id: str, number: int, prompt: str
) -> VideoRequest:
    return VideoRequest(
        prompt=prompt,
        model=spec.name,
        duration=wish.duration,
        ratio=wish.ratio,
        resolution=wish.resolution,
        media=wish.files if number == 1 else (frame_before(series_id, number),),
    )


def _count_faults(count: int) -> list[Violation]:
    if FEWEST_SHOTS <= count <= MOST_SHOTS:
        return []
    allowed = span(FEWEST_SHOTS, MOST_SHOTS)
    return [Violation(field="shots", rule="series-shots", value=str(count), allowed=allowed)]


def in_shot(fault: Violation, number: int) -> Violation:
    """A violation that says in which shot it is."""
    return fault.model_copy(update={"params": {**fault.params, "shot": number}})


def _gathered(of_shots: Sequence[Sequence[Violation]]) -> list[Violation]:
    """All violations: what is wrong with every shot is said once, of the others which shot it is.

    A model that takes no first frame is wrong from the second shot on.
    """
    common = [
        each
        for each in (of_shots[0] if of_shots else ())
        if all(each in wrong for wrong in of_shots)
    ]
    return [
        *common,
        *(
            in_shot(each, number)
            for number, wrong in enumerate(of_shots, start=1)
            for each in wrong
            if each not in common
        ),
    ]
