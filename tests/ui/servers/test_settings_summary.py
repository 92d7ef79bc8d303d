"""All settings in words: none is left out, each is found by its option, and a phone shows them."""

import pytest

from bot.services.server_settings import ServerSettings
from bot.services.servers.admin import ServerView
from bot.services.servers.setting_values import NAMES
from bot.ui.servers.settings_summary import GROUPS, settings_page
from bot.ui.texts import Texts

FULL = ServerSettings(
    review="result",
    review_channel=5,
    log_channel=6,
    moderator_role=7,
    server_daily=1,
    at_once=1,
    cooldown=60,
    confirm_above="0.25",
    review_timeout_hours=1.5,
    hold_first=2,
    hold_links=True,
    hold_younger_days=1,
    report_threshold=1,
    retention_days=1,
    remix="everyone",
    language="zh-CN",
)


def test_every_setting_is_in_exactly_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(NAMES)


@pytest.mark.parametrize("settings", [ServerSettings(), FULL])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_each_line_is_short_and_names_its_option(locale: str, settings: ServerSettings) -> None:
    t = Texts(strict=True).of(locale)
    view = ServerView(settings, ("seedance2.0-fast-i2v",), "seedance2.0-fast-i2v")
    page = settings_page(view, "USD", t)
    said = "\n".join(str(field.value) for field in page.fields)
    for name in NAMES:
        (line,) = [each for each in said.split("\n") if f"`{t(f'option-{name}')}`" in each]
        assert len(line) <= 100, line
    assert len(page) <= 6000
    assert "None" not in said


def test_values_have_units() -> None:
    t = Texts(strict=True).of("en-US")
    page = settings_page(ServerView(FULL, (), "x"), "USD", t)
    said = "\n".join(str(field.value) for field in page.fields)
    for words in ("1.5 h", "60 s", "1 day", "2 videos", "1 report**", "$0.25", "<#5>", "<@&7>"):
        assert words in said
