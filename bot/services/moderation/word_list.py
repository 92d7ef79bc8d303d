"""A server's word list: edited by moderators, visible to nobody else."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import UserError
from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.automod_rules import AutoModRule, RuleOutcome, read_rules
from bot.services.moderation.word_filter.matcher import folded
from bot.services.moderation.word_lists import WordMatch, read_word_lists
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.moderation import imported_rules, words
from storage.moderation.audit_log import Action, Decision
from storage.moderation.imported_rules import ImportedRule
from storage.moderation.words import Word
from storage.servers import servers

MOST_WORDS: Final = 500
LONGEST: Final = 60
LONGEST_TEST: Final = 5000
"""As long as a prompt may be."""


@dataclass(frozen=True, slots=True)
class WordListView:
    """A server's own words, and the rules that were imported."""

    own: Sequence[Word]
    imported: Sequence[ImportedRule]


class WordListService:
    """Adds, removes, imports and lists; every change is written down."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    @repeated
    async def change(self, caller: Caller, *, add: str = "", remove: str = "") -> WordListView:
        """Add or remove a word or phrase, or neither; the lists as they are then.

        Raises: NotAllowed for who is no moderator; UserError for what has no letters, is there
        already, is not there, or is one too many.
        """
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            await servers.lock(tx, caller.guild_id)
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
            return await _view(tx, caller.guild_id)

    @repeated
    async def import_rules(
        self, caller: Caller, given: Sequence[AutoModRule]
    ) -> tuple[WordListView, list[RuleOutcome]]:
        """Put the server's AutoMod keyword rules in place of those imported before.

        Returns the lists as they are then, and what became of each rule. The server's own list
        stays as it is. Raises: NotAllowed for who is no moderator.
        """
        now_ms = self._clock()
        rules, outcomes = await asyncio.to_thread(
            read_rules, given, caller.guild_id, caller.user_id, now_ms
        )
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            await servers.lock(tx, caller.guild_id)
            await imported_rules.replace(tx, caller.guild_id, rules)
            names = ", ".join(rule.name for rule in rules)
            await record_decision(
                tx, settings, self._decision(caller, Action.RULES_IMPORTED, names)
            )
            return await _view(tx, caller.guild_id), outcomes

    @repeated
    async def forget_imported(self, caller: Caller) -> WordListView:
        """Remove the imported rules. Raises: NotAllowed; UserError where there are none."""
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            await servers.lock(tx, caller.guild_id)
            there = await imported_rules.of_server(tx, caller.guild_id)
            if not there:
                raise UserError("refused-import-none")
            await imported_rules.replace(tx, caller.guild_id, ())
            names = ", ".join(rule.name for rule in there)
            await record_decision(tx, settings, self._decision(caller, Action.WORD_REMOVED, names))
            return await _view(tx, caller.guild_id)

    async def test(self, caller: Caller, text: str) -> tuple[WordMatch, ...]:
        """What of the lists would hold a text, whoever wrote it where; empty for nothing.

        Raises: NotAllowed for who is no moderator.
        """
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            lists = await read_word_lists(tx, caller.guild_id)
        return await asyncio.to_thread(lists.matches, text)

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


async def _view(tx: Transaction, guild_id: int) -> WordListView:
    own = await words.of_server(tx, guild_id)
    return WordListView(own, await imported_rules.of_server(tx, guild_id))
