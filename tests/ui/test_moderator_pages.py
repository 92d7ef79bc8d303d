"""Pages of the decision log: whatever was typed, each page shows all its decisions."""

from bot.services.moderation.audit_log import PAGE_SIZE, AuditLogPage
from bot.services.moderation.reports import LONGEST_REASON
from bot.services.moderation.reviews import LONGEST_NOTE
from bot.ui.moderation.moderator_pages import PAGE_LIMIT, history_page
from storage.moderation.audit_log import Action, Decision
from tests.ui.making import texts


def test_a_page_shows_all_its_decisions_however_much_was_typed() -> None:
    decisions = [
        Decision(
            guild_id=10,
            user_id=10**18 + number,
            actor_id=2 * 10**18 + number,
            action=Action.REJECTED,
            at_ms=1_790_000_000_000,
            request_id=f"request{number:03d}",
            reason="*" * LONGEST_REASON,
            note="_" * LONGEST_NOTE,
            id=number,
        )
        for number in range(PAGE_SIZE)
    ]
    for locale in ("en-US", "zh-CN"):
        shown = history_page(AuditLogPage(decisions), texts.of(locale)).description or ""
        assert len(shown) <= PAGE_LIMIT
        assert [each.request_id for each in decisions if each.request_id not in shown] == []
        # of each one sees at least the beginning of what was typed
        assert shown.count("\n> ") == PAGE_SIZE
