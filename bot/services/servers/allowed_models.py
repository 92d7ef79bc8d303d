"""Which models a server may use."""

from collections.abc import Sequence

from bot.rules.catalogue import Catalogue, ModelSpec
from bot.services.server_settings import read_settings
from storage.engine.database import Database, Transaction


class AllowedModelService:
    """Answers which models are allowed where; forms and autocomplete live from its cache."""

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
                await self.allowed_names(tx, guild_id)
        return tuple(self._catalogue.require(name) for name in self._known[guild_id])

    async def allowed_names(self, tx: Transaction, guild_id: int) -> tuple[str, ...]:
        """The same by name, asked of the database now: what the recording transaction goes by."""
        chosen = (await read_settings(tx, guild_id)).models
        names = self.for_new
        if chosen is not None:
            names = tuple(name for name in self._catalogue.names if name in chosen)
        self._known[guild_id] = names
        return names

    async def default_model(self, guild_id: int) -> str:
        """The model of a request that names none: the server's, else the bot's, else the first."""
        async with self._database.reading() as tx:
            return await self.default_name(tx, guild_id)

    async def default_name(self, tx: Transaction, guild_id: int) -> str:
        """The same inside a transaction."""
        allowed = await self.allowed_names(tx, guild_id)
        chosen = (await read_settings(tx, guild_id)).default_model
        for name in (chosen, self._default):
            if name in allowed:
                return name
        return allowed[0] if allowed else self._default
