"""Those who watch see what they should: a leak, a growth, every named moment."""

import random

from bot.failpoints import POINTS
from tests.crash.kills import FATES, OUTSIDE, planned
from tests.crash.leaks import leaks_in
from tests.crash.process_stats import MIB, ProcessMonitor, ProcessStats

KEY = "torture-provider-key-5b1c7f0e42"


def test_a_secret_is_found_wherever_it_stands() -> None:
    secrets = {KEY: "the key", "a1" * 32: "a signature"}
    assert leaks_in("log", f"error for Bearer {KEY}, again", secrets) == ["the key stands in log"]
    assert leaks_in("log", f'{{"u":"https://x/y?Signature={"a1" * 32}"}}', secrets)
    assert leaks_in("log", f"x{KEY}x", secrets)
    assert not leaks_in("log", "Bearer ***, https://x/y?…", secrets)


def test_growth_is_told_and_noise_is_not() -> None:
    flat = [ProcessStats(100 * MIB + n % 3 * MIB, 20, 15) for n in range(30)]
    heartbeat = ProcessMonitor("bot", 0, samples=flat)
    assert not heartbeat.growth(flat[0], ProcessStats(105 * MIB, 24, 17))
    assert len(heartbeat.growth(flat[0], ProcessStats(190 * MIB, 90, 60))) == 3
    assert heartbeat.growth(flat[0], ProcessStats(100 * MIB, 20, -1)), "tasks that nobody tells"


def test_a_run_that_is_long_enough_names_every_moment() -> None:
    named = [kill.moment for kill in planned(72, random.Random(1)) if kill.moment]
    assert set(named) >= {*POINTS, *OUTSIDE}
    assert planned(60, random.Random(7)) == planned(60, random.Random(7))
    assert set(FATES) <= set(POINTS)


def test_a_short_run_names_moments_and_dies_at_random() -> None:
    kills = planned(60, random.Random(3))
    assert len(kills) == 60
    assert sum(not kill.moment for kill in kills) >= 10
