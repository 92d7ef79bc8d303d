"""Admission checks: the channel and its permissions, the model's rules, the server's settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import InvalidRequest, NotAllowed, UserError
from bot.rules.catalogue import Catalogue
from bot.rules.check import settle, violations
from bot.rules.media import MediaSource
from bot.rules.model_spec import ModelSpec
from bot.rules.request import VideoRequest
from bot.rules.suggest import suggest
from bot.rules.violation import Violation, megabytes
from bot.services.caller import Caller
from bot.services.operations.disk_space import DiskSpace
from bot.services.permissions import missing_of_bot, missing_of_member
from bot.services.server_settings import ServerSettings
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.transaction import Transaction
from storage.privacy import retention
from storage.quotas.ledger import lock_accounts


@dataclass(frozen=True, slots=True)
class AdmissionSettings:
    """What the service needs of the settings."""

    allowed_guilds: frozenset[int] = frozenset()
    max_active: int = 3
    upload_limit_bytes: int = 20 * 1024 * 1024


def announced_bytes(video: VideoRequest) -> int:
    """What the files take by what Discord, or an earlier look, says; links say nothing."""
    return sum(media.size_bytes or 0 for media in video.media if media.source != MediaSource.ASSET)


class Admission:
    """Checks a request before it is recorded, and again when a draft is confirmed."""

    def __init__(
        self,
        catalogue: Catalogue,
        models: AllowedModelService,
        disk: DiskSpace,
        settings: AdmissionSettings,
    ) -> None:
        self._catalogue = catalogue
        self._models = models
        self._disk = disk
        self._settings = settings

    def check_place(self, caller: Caller) -> None:
        """The server, the permissions of bot and member here, and the disk. Raises: UserError."""
        if missing := missing_of_bot(caller):
            raise NotAllowed("refused-bot-permissions", {"missing": ",".join(missing)})
        self.check_served(caller)

    def check_served(self, caller: Caller) -> None:
        """What holds wherever something is stored: the server, the member, the disk.

        Raises: UserError.
        """
        if not caller.guild_id:
            raise UserError("refused-server-only")
        allowed = self._settings.allowed_guilds
        if allowed and caller.guild_id not in allowed:
            raise NotAllowed("refused-server", {"guild": str(caller.guild_id)})
        if missing := missing_of_member(caller):
            raise NotAllowed("refused-member-permissions", {"missing": ",".join(missing)})
        if self._disk.is_nearly_full:
            raise UserError("refused-disk-full", {"limit": self._disk.limit_text})

    def allowed_names(self, caller: Caller, settings: ServerSettings) -> tuple[str, ...]:
        """The models that the server's managers allow, in the catalogue's order."""
        return self._models.allowed_names(caller.guild_id, settings)

    def check_rules(
        self, video_request: VideoRequest, allowed: Sequence[str], faults: Sequence[Violation]
    ) -> VideoRequest:
        """The request with its defaults settled; `allowed` names the server's models.

        Raises: InvalidRequest with every violation.
        """
        spec = self.model_of(video_request.model, allowed)
        found = (*faults, *violations(spec, settle(spec, video_request)))
        if found:
            other = None if faults else suggest(self._catalogue, video_request, allowed)
            raise InvalidRequest(found, model=spec.name, suggestion=other.name if other else None)
        return settle(spec, video_request)

    async def require_model(self, name: str, caller: Caller) -> ModelSpec:
        """The model of a name. Raises: UserError for one that is not known, with those allowed."""
        allowed = await self._models.allowed(caller.guild_id)
        return self.model_of(name, [model.name for model in allowed])

    def model_of(self, name: str, allowed: Sequence[str]) -> ModelSpec:
        """The same, where it is known which are allowed."""
        spec = self._catalogue.get(name)
        if spec is None:
            known = ", ".join(allowed)
            raise UserError("refused-unknown-model", {"model": name[:100], "models": known})
        return spec

    async def check_member_room(self, tx: Transaction, needed: int, caller: Caller) -> None:
        """Raises: UserError where so many bytes more are over the member's share.

        Files count until their request ends without a video or its retention is over.
        """
        limit = self._disk.member_bytes
        # serialises concurrent requests: each would see room that only one of them gets
        await lock_accounts(tx, caller.guild_id, caller.user_id)
        used = await retention.stored_bytes(tx, caller.user_id)
        if used + needed > limit:
            sizes = {"used": used, "limit": limit, "needed": needed, "left": max(0, limit - used)}
            raise UserError(
                "refused-member-room", {name: megabytes(size) for name, size in sizes.items()}
            )

    def check_server(self, settings: ServerSettings, video: VideoRequest, caller: Caller) -> None:
        """Whether the server's managers allow this model in this channel. Raises: NotAllowed."""
        self.check_channel(settings, caller)
        names = self.allowed_names(caller, settings)
        if video.model not in names:
            raise NotAllowed("refused-model", {"model": video.model, "models": ", ".join(names)})

    @staticmethod
    def check_channel(settings: ServerSettings, caller: Caller) -> None:
        """Whether the server's managers allow the bot in this channel. Raises: NotAllowed."""
        channels = settings.channels
        place = caller.parent_channel_id or caller.channel_id
        if channels is not None and place not in channels:
            allowed = " ".join(f"<#{channel}>" for channel in channels)
            raise NotAllowed("refused-channel", {"channels": allowed})
