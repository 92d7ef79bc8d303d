"""`/owner status` on a phone: what is wrong first, and few lines."""

from decimal import Decimal
from typing import Any

import pytest

from bot.services.operations.balance import BalanceView
from bot.services.operations.circuit_breaker import Health
from bot.services.operations.gateways import view_of
from bot.services.operations.status import OwnerStatus, UsageSums
from bot.ui.owner.status_page import status_page
from bot.ui.texts import Localised
from storage.operations.gateways import Gateway
from storage.operations.workers import Worker
from storage.quotas.ledger_records import Usage
from storage.records import State
from tests.ui.making import NOW_MS, chinese, english

BOTH = pytest.mark.parametrize("t", [english, chinese], ids=["en-US", "zh-CN"])
HOUR_MS = 60 * 60 * 1000


def status(**changes: Any) -> OwnerStatus:
    values: dict[str, Any] = {
        "spent": UsageSums(Usage(12, 60, 3_000_000), Usage(2, 10, 500_000), 12),
        "has_prices": True,
        "paused_since_ms": 0,
        "counts": dict.fromkeys(State, 0),
        "messages_pending": 0,
        "failures_day": {},
        "failures_week": {},
        "health": Health(),
        "throttled_until_ms": 0,
        "balance": BalanceView(Decimal(900), videos_left=90),
        "disk_used_bytes": 10**9,
        "disk_limit_bytes": 10**10,
        "disk_free_bytes": 10**11,
        "is_disk_nearly_full": False,
        "is_store_away": False,
        "workers": [Worker("a", "host-1", "worker", NOW_MS)],
        "database": "SQLite (17)",
        "versions": {"video-bot": "1.1.0", "Python": "3.13.1"},
        "now_ms": NOW_MS,
    }
    return OwnerStatus(**{**values, **changes})


def lines(found: OwnerStatus, t: Localised) -> list[str]:
    page = status_page(found, "USD", t)
    assert not page.fields
    return (page.description or "").splitlines()


@BOTH
def test_when_all_is_well_it_fits_the_first_screen_of_a_phone(t: Localised) -> None:
    shown = lines(status(), t)
    assert shown[0].startswith("✅")
    assert len(shown) <= 10
    assert sum(1 + len(line) // 42 for line in shown) <= 14


@BOTH
def test_whatever_is_wrong_comes_before_every_figure(t: Localised) -> None:
    found = status(
        paused_since_ms=NOW_MS - HOUR_MS,
        counts={**dict.fromkeys(State, 0), State.UNCERTAIN: 3},
        health=Health("provider-down", NOW_MS - HOUR_MS, 9),
        balance=BalanceView(Decimal(1), videos_left=1),
        is_disk_nearly_full=True,
        is_store_away=True,
        workers=[],
        restored=2,
        message_since_ms=NOW_MS - HOUR_MS,
        backup_ms=NOW_MS - 100 * HOUR_MS,
        failures_day={"busy": 2},
        failures_week={"busy": 5, "unknown": 1},
        messages_pending=4,
    )
    shown = lines(found, t)
    first_figure = next(
        n for n, line in enumerate(shown) if line.startswith(f"**{t('owner-spent')}")
    )
    assert first_figure == 10
    assert shown[0] == t("owner-store-away")
    assert not any(line[0] in "⚠❔⏸⏳💾" for line in shown[first_figure:])


def gateway(first: int, last: int, total: int = 8, **down: int) -> Gateway:
    lost = {int(shard.removeprefix("shard")): ms for shard, ms in down.items()}
    return Gateway(f"owner-{first}", f"host-{first}", first, last, total, lost, NOW_MS)


@BOTH
def test_shards_are_named_where_there_are_several(t: Localised) -> None:
    assert not any(t("owner-shards") in line for line in lines(status(), t))
    whole = lines(status(shards=view_of([gateway(0, 3), gateway(4, 7)])), t)
    assert whole[0].startswith("✅")
    assert any("`host-0` 0–3 · `host-4` 4–7" in line for line in whole)
    since_ms = NOW_MS - HOUR_MS
    parts = view_of([gateway(0, 2, shard1=since_ms), gateway(6, 7)])
    wrong = lines(status(shards=parts), t)
    assert "1" in wrong[0]
    assert str(since_ms // 1000) in wrong[0]
    assert "3–5" in wrong[1]
    assert t("owner-shards-connected", count=4, total=8) in "".join(wrong)


def test_while_gateways_are_started_anew_nothing_that_runs_is_called_missing() -> None:
    assert view_of([]).total == 0
    renumbered = view_of([gateway(0, 1, 2), gateway(0, 3, 8), gateway(4, 5, 8)])
    assert (renumbered.total, renumbered.missing) == (2, ())
    renumbered = view_of([gateway(1, 1, 2), gateway(0, 3, 8), gateway(4, 7, 8)])
    assert (renumbered.total, renumbered.missing) == (8, ())
    both = [gateway(0, 7, shard3=NOW_MS), gateway(3, 3)]
    for handed_over in (view_of(both), view_of(both[::-1])):
        assert (handed_over.down, handed_over.connected) == ({}, 8)


@pytest.mark.parametrize(
    ("changes", "is_said"),
    [
        ({}, True),
        ({"paused_since_ms": NOW_MS - HOUR_MS}, False),
        ({"workers": []}, False),
        ({"queued_since_ms": NOW_MS - 60_000}, False),
    ],
)
def test_a_long_queue_is_named_where_nothing_else_explains_it(
    changes: dict[str, Any], is_said: bool
) -> None:
    found = status(**{"queued_since_ms": NOW_MS - HOUR_MS, **changes})
    assert any("oldest request" in line for line in lines(found, english)) == is_said
