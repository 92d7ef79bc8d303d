"""A server's word list: edited by moderators, visible to nobody else."""

from collections.abc import Callable
from typing import Final

from bot.errors import UserError
from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.word_filter.matcher import folded
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.moderation import words
from storage.moderation.audit_log import Action, Decision
from storage.moderation.words import Word

MOST_WORDS: Final = 500
LONGEST: Final = 60


class WordListService:
    """Adds, removes and lists; every change is written down."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    @repeated
    async def change(self, caller: Caller, *, add: str = "", remove: str = "") -> list[Word]:
        """Add or remove a word or phrase, or neither; the list as it is then.

        Raises: NotAllowed for who is no moderator; UserError for what has no letters, is there
        already, is not there, or is one too many.
        """
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            listed = await words.of_server(tx, caller.guild_id)
            if add:
                word = self._word(caller, add)
                if len(listed) >= MOST_WORDS:
                    raise UserError("refused-words-full", {"limit": MOST_WORDS})
                if not await words.add(tx, word):
                    raise UserError("refused-word-there", {"word": word.word})
                added = self._decision(caller, Action.WORD_ADDED, word.word)
                await record_decision(tx, settings, added)
            if remove:
                word = self._word(caller, remove)
                if not await words.remove(tx, caller.guild_id, word.folded):
                    raise UserError("refused-word-missing", {"word": word.word})
                removed = self._decision(caller, Action.WORD_REMOVED, word.word)
                await record_decision(tx, settings, removed)
            return await words.of_server(tx, caller.guild_id)

    def _word(self, caller: Caller, typed: str) -> Word:
        text = " ".join(typed.split())[:LONGEST]
        key = folded(text)
        if not key:
            raise UserError("refused-word-empty")
        return Word(caller.guild_id, key, text, caller.user_id, self._clock())

    def _decision(self, caller: Caller, action: Action, word: str) -> Decision:
        # the word itself stays out of the log channel: `reason` is shown there, `note` is not
        return Decision(
            guild_id=caller.guild_id,
            user_id=0,
            actor_id=caller.user_id,
            action=action,
            at_ms=self._clock(),
            note=word,
        )
