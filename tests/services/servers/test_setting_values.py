"""The values of `/videoadmin settings`: what passes is kept as meant, the rest is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.services.server_settings import ServerSettings
from bot.services.servers.setting_values import NAMES, RANGES, in_words, read_value

LANGUAGES = ("en-US", "zh-CN")
PLAIN = sorted({*RANGES, "hold_links", "confirm_above", "language", "review", "remix"})


def read(name: str, given: str | float | bool) -> object:
    return read_value(name, given, languages=LANGUAGES)


@given(st.sampled_from(sorted(RANGES)), st.integers(-5, 2_000_000))
def test_whole_numbers_pass_within_their_range_and_nowhere_else(name: str, number: int) -> None:
    limits = RANGES[name]
    if limits.least <= number <= limits.most:
        assert read(name, number) == read(name, f" {number} ") == number
        return
    with pytest.raises(UserError) as refused:
        read(name, number)
    assert refused.value.params["allowed"] == limits.text
    assert refused.value.params["value"] == str(number)


@given(st.sampled_from(PLAIN), st.text(max_size=30))
def test_any_text_is_kept_as_a_setting_takes_it_or_refused(name: str, text: str) -> None:
    value, refused = None, None
    try:
        value = read(name, text)
    except UserError as error:
        refused = error
    if refused is not None:
        assert refused.params["setting"] == name
        assert refused.params["allowed"]
        return
    settings = ServerSettings.model_validate({} if value is None else {name: value})
    assert value is not None or getattr(settings, name) == getattr(ServerSettings(), name)


@given(st.decimals(0, 10**6, places=6))
def test_a_price_is_kept_to_the_last_digit(price: Decimal) -> None:
    kept = read("confirm_above", str(price))
    assert isinstance(kept, str)
    assert Decimal(kept) == price
    assert "e" not in kept.lower()


@pytest.mark.parametrize("name", ["at_once", "server_daily", "confirm_above"])
def test_unlimited_is_a_word_of_its_own(name: str) -> None:
    assert read(name, "Unlimited") is None
    assert in_words(name, ServerSettings()) == "unlimited"


@pytest.mark.parametrize("name", ["cooldown", "hold_first", "retention_days"])
def test_unlimited_is_no_word_where_it_would_mean_nothing(name: str) -> None:
    with pytest.raises(UserError):
        read(name, "unlimited")


def test_a_language_is_the_servers_own_or_one_there_is() -> None:
    assert read("language", "server") is None
    assert read("language", "ZH-cn") == "zh-CN"
    with pytest.raises(UserError) as refused:
        read("language", "fr")
    assert refused.value.params["allowed"] == "en-US, zh-CN, server"


def test_every_setting_of_a_new_server_is_as_the_contract_has_it() -> None:
    told = {name: in_words(name, ServerSettings()) for name in NAMES}
    assert told == {
        "review": "off",
        "review_channel": "",
        "log_channel": "",
        "moderator_role": "",
        "default_model": "",
        "language": "server",
        "remix": "own",
        "server_daily": "unlimited",
        "at_once": "unlimited",
        "cooldown": "0",
        "confirm_above": "unlimited",
        "review_timeout_hours": "24",
        "hold_first": "0",
        "hold_links": "off",
        "hold_younger_days": "0",
        "hold_after_rejections": "3",
        "hold_flagged": "on",
        "safety_threshold": "60",
        "report_threshold": "3",
        "retention_days": "30",
        "showcase_channel": "",
        "showcase_votes": "5",
        "showcase_monthly": "off",
    }
