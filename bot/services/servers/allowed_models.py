"""Which models a server may use, and which is its default."""

from collections.abc import Sequence

from bot.rules.catalogue import Catalogue, ModelSpec
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.transaction import Database


class AllowedModelService:
    """Answers which models a server allows; forms and autocomplete use its cache."""

    def __init__(
        self, database: Database, catalogue: Catalogue, *, default: str, for_new: Sequence[str]
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._default = default
        self.for_new = self._names(for_new)
        self._known: dict[int, tuple[str, ...]] = {}

    def _names(self, words: Sequence[str]) -> tuple[str, ...]:
        if tuple(words) == ("all",):
            return tuple(self._catalogue.names)
        if tuple(words) == ("default",):
            return (self._default,)
        return tuple(name for name in self._catalogue.names if name in words)

    async def allowed(self, guild_id: int) -> tuple[ModelSpec, ...]:
        """The server's models in the catalogue's order; from memory when asked before."""
        if guild_id not in self._known:
            async with self._database.reading() as tx:
                self.allowed_names(guild_id, await read_settings(tx, guild_id))
        return tuple(self._catalogue.require(name) for name in self._known[guild_id])

    def allowed_names(self, guild_id: int, settings: ServerSettings) -> tuple[str, ...]:
        """The same by name, from settings just read; refreshes the cache."""
        names = self.for_new
        if settings.models is not None:
            names = tuple(name for name in self._catalogue.names if name in settings.models)
        self._known[guild_id] = names
        return names

    async def default_model(self, guild_id: int) -> str:
        """The model of a request that names none: the server's, else the bot's, else the first."""
        async with self._database.reading() as tx:
            return self.default_name(guild_id, await read_settings(tx, guild_id))

    def default_name(self, guild_id: int, settings: ServerSettings) -> str:
        """The same from settings just read."""
        allowed = self.allowed_names(guild_id, settings)
        for name in (settings.default_model, self._default):
            if name in allowed:
                return name
        return allowed[0] if allowed else self._default
