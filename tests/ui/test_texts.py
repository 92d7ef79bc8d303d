"""Both languages complete, with the same parameters, nothing unused, within Discord's limits."""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

import bot
import cogs
from bot.provider.errors import FailureKind
from bot.rules.violation import PARAMS, RULES, WARNINGS
from bot.services.permissions import NAMES
from bot.ui.texts import DEFAULT, MissingText, Texts, sources_of
from storage.records import State

LANGUAGES = ("en-US", "zh-CN")
texts = Texts(strict=True)


class _Variables(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)


@cache
def entries(locale: str) -> dict[str, set[str]]:
    """Every key with an attribute's as its own, and the parameters that each uses."""
    found: dict[str, set[str]] = {}
    for name, source in sources_of(locale).items():
        for entry in FluentParser().parse(source).body:
            assert not isinstance(entry, ast.Junk), (locale, name, entry.content)
            if not isinstance(entry, ast.Message):
                continue
            parts = {"": entry.value} | {
                f".{each.id.name}": each.value for each in entry.attributes
            }
            for suffix, pattern in parts.items():
                key = entry.id.name + suffix
                assert key not in found, f"{locale} has {key} twice"
                variables = _Variables()
                variables.visit(pattern)
                found[key] = variables.found
    return found


def test_both_languages_have_the_same_keys() -> None:
    english, chinese = entries("en-US"), entries("zh-CN")
    assert english.keys() == chinese.keys()


def test_both_languages_use_the_same_parameters() -> None:
    english, chinese = entries("en-US"), entries("zh-CN")
    different = {key for key, params in english.items() if params != chinese[key]}
    assert not different, {key: (english[key], chinese[key]) for key in different}


def test_every_rule_and_every_advice_has_a_text() -> None:
    for locale in LANGUAGES:
        t = texts.of(locale)
        missing = [rule for rule in (*RULES, *WARNINGS) if not t.has(f"rule-{rule}")]
        assert not missing, locale


def test_every_state_failure_and_permission_has_a_text() -> None:
    keys = [f"card-{state}" for state in State] + [f"state-{state}" for state in State]
    keys += [f"failure-{kind.value.replace('_', '-')}" for kind in FailureKind]
    keys += [f"permission-{name}" for name in NAMES.values()]
    for locale in LANGUAGES:
        assert not [key for key in keys if not texts.of(locale).has(key)]


def _code() -> str:
    roots = [Path(package.__path__[0]) for package in (bot, cogs)]
    return "\n".join(path.read_text() for root in roots for path in root.rglob("*.py"))


def _is_used(key: str, code: str, built: tuple[str, ...]) -> bool:
    name = key.partition(".")[0]
    return f'"{name}"' in code or f"'{name}'" in code or name.startswith(built)


def test_no_text_is_unused() -> None:
    code = _code()
    # keys that are put together from a word of the records or of Discord
    built = tuple(
        prefix
        for prefix in (
            *("rule-", "card-", "state-", "notice-", "failure-", "hindrance-", "permission-"),
            *("field-", "family-", "when-", "command-", "option-", "choice-", "alarm-", "purpose-"),
            *("setup-menu-", "setup-mode-", "settings-group-", "settings-says-"),
            *("cause-", "log-budget-", "evidence-", "bill-", "import-why-", "shot-"),
            *("review-open-", "review-decided-", "review-late-", "review-left-", "review-why-"),
            *("review-alt-", "review-done-", "reason-", "decision-", "log-decision-"),
        )
        if f'f"{prefix}{{' in code
    )
    unused = [key for key in entries(DEFAULT) if not _is_used(key, code, built)]
    assert not unused


def test_every_key_that_services_raise_has_a_text() -> None:
    raised = set(re.findall(r'"((?:refused|log|alarm)-[a-z-]+)"', _code()))
    assert raised
    for locale in LANGUAGES:
        missing = {key for key in raised if not texts.of(locale).has(key)}
        # a failure's word, told by its own text
        assert missing <= {"refused-media"}, locale


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("rule", [*RULES, *WARNINGS])
def test_a_rules_text_needs_no_more_than_every_rule_gives(locale: str, rule: str) -> None:
    known = {"field", "value", "allowed", "model", "count", "most", "found", "wanted"}
    assert entries(locale)[f"rule-{rule}"] <= known
    if "model" in entries(locale)[f"rule-{rule}"]:
        assert "model" in PARAMS[rule]


def test_a_missing_key_is_an_error_in_tests_and_english_in_production() -> None:
    with pytest.raises(MissingText):
        texts.of("en-US")("no-such-text")
    assert Texts().of("zh-CN")("no-such-text") == "no-such-text"


def test_a_missing_parameter_is_an_error_in_tests() -> None:
    with pytest.raises(MissingText):
        texts.of("en-US")("suggestion")


def test_locales_match_by_language_and_fall_back_to_english() -> None:
    assert texts.of("zh-TW").locale == "zh-CN"
    assert texts.of("en-GB").locale == "en-US"
    assert texts.of("fr").locale == "en-US"
    assert texts.of("").locale == "en-US"
    assert set(texts.languages) == set(LANGUAGES)


def test_commands_become_mentions_once_their_ids_are_known() -> None:
    own = Texts(strict=True)
    assert "`/video list`" in own.of("en-US")("refused-button-gone")
    own.name_commands({"video": 77})
    assert "</video list:77>" in own.of("en-US")("refused-button-gone")
    assert "</video list:77>" in own.of("zh-CN")("refused-button-gone")


@pytest.mark.parametrize(
    ("amount", "currency", "english"),
    [
        ("0.35", "USD", "$0.35"),
        ("0.0015", "USD", "$0.0015"),
        ("12", "usd", "$12.00"),
        ("1234.5", "USD", "$1,234.50"),
        ("350", "JPY", "¥350"),
        ("12.345678", "credits", "12.345678 credits"),
        ("0.5", "", "0.5"),
    ],
)
def test_money_is_written_in_full(amount: str, currency: str, english: str) -> None:
    assert texts.of("en-US").money(Decimal(amount), currency) == english


def test_plurals_and_lists_follow_the_language() -> None:
    english, chinese = texts.of("en-US"), texts.of("zh-CN")
    assert english("amount-videos", count=1) == "1 video"
    assert english("amount-videos", count=1200) == "1,200 videos"
    assert chinese("amount-videos", count=2) == "2 个视频"
    assert english.listed(["a", "b", "c"], "or") == "a, b, or c"
    assert chinese.listed(["a", "b", "c"]) == "a、b和c"


def test_button_labels_are_short_enough_for_a_phone() -> None:
    for locale in LANGUAGES:
        for key in entries(locale):
            if key.startswith("button-"):
                label = texts.of(locale)(key, model="sd2_mx_video_fast_1080p")
                assert len(label) <= 45


def test_the_contracts_button_names_are_exact_in_english() -> None:
    t = texts.of("en-US")
    assert t("button-cancel") == "Cancel"
    assert t("button-next") == "Next"


class _Selects(Visitor):
    """Variants that are plural categories, such as `one`."""

    def __init__(self) -> None:
        self.categories: set[str] = set()

    def visit_SelectExpression(self, node: ast.SelectExpression) -> None:  # noqa: N802
        names = {each.key.name for each in node.variants if isinstance(each.key, ast.Identifier)}
        self.categories |= names & {"zero", "one", "two", "few", "many"}
        self.generic_visit(node)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_plurals_are_those_that_the_language_has(locale: str) -> None:
    """Chinese has one for all numbers: there `[one]` is never chosen, and `[1]` is meant."""
    has = set(Locale.parse(locale.replace("-", "_")).plural_form.tags)
    for source in sources_of(locale).values():
        for entry in FluentParser().parse(source).body:
            selects = _Selects()
            selects.visit(entry)
            assert selects.categories <= has, getattr(entry, "id", entry)
