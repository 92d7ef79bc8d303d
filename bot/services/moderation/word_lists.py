"""What a server's prompts are scanned with: its own word list and the imported AutoMod rules."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.services.caller import Caller
from bot.services.moderation.word_filter.keyword import read_keyword
from bot.services.moderation.word_filter.matcher import WordMatcher, first_word
from storage.engine.transaction import Transaction
from storage.moderation import imported_rules, words
from storage.moderation.imported_rules import ImportedRule


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word or keyword that holds a text; `rule` names the imported rule it is of, if any."""

    word: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class WordLists:
    """Everything that is looked for in a text, as it was read."""

    own: tuple[str, ...] = ()
    imported: tuple[ImportedRule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.imported)

    def of(self, caller: Caller) -> "WordLists":
        """Without the rules from which the caller or the place is exempt, as AutoMod exempts."""
        rules = (rule for rule in self.imported if not _is_exempt(rule, caller))
        return replace(self, imported=tuple(rules))

    def has_match(self, text: str) -> bool:
        """Whether something of it stands in the text. May take long: see `matches`."""
        return next(self._found(text), None) is not None

    def matches(self, text: str) -> tuple[WordMatch, ...]:
        """A word of the own list and one keyword of each imported rule that stand in the text.

        May take long, in the first use of large lists or for long texts: not in the event loop.
        """
        return tuple(self._found(text))

    def _found(self, text: str) -> Iterator[WordMatch]:
        own = first_word(self.own, text)
        if own is not None:
            yield WordMatch(own)
        for rule in self.imported:
            keyword = _matcher(rule.keywords, rule.allowed).first_in(text)
            if keyword is not None:
                yield WordMatch(keyword.written, rule.name)


async def read_word_lists(tx: Transaction, guild_id: int) -> WordLists:
    """A server's lists."""
    own = tuple([word.word for word in await words.of_server(tx, guild_id)])
    return WordLists(own, tuple(await imported_rules.of_server(tx, guild_id)))


@lru_cache(maxsize=32)
def _matcher(keywords: str, allowed: str) -> WordMatcher:
    """A rule of a thousand keywords takes about a megabyte."""
    return WordMatcher(
        [read_keyword(each) for each in json.loads(keywords)],
        [read_keyword(each) for each in json.loads(allowed)],
    )


def _is_exempt(rule: ImportedRule, caller: Caller) -> bool:
    places = {caller.channel_id, caller.parent_channel_id}
    return not places.isdisjoint(json.loads(rule.exempt_channels)) or not set(
        caller.role_ids
    ).isdisjoint(json.loads(rule.exempt_roles))
