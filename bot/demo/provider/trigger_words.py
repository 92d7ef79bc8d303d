"""Prompt words that make the simulated provider refuse the request or lose its answer.

Documented for visitors in the terminal, on the page and in the README.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PIL import Image

from bot.demo.provider.faults import Call, Drop, Fault, TaskPlan
from bot.demo.provider.simulator import SeedanceSimulator

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "trademark": "[SY_ERR:1026] content moderation: the input may show a trademark",
        "商标": "[SY_ERR:1026] content moderation: the input may show a trademark",
        "celebrity": "[SY_ERR:1026] content moderation: the input may show a celebrity",
        "名人": "[SY_ERR:1026] content moderation: the input may show a celebrity",
    }
)
"""Lower-case word → the provider's failure message."""

LOST: Final = ("blackout", "停电")
"""The task is created, but the response to its create never arrives."""


RED_MIN: Final = 150
"""How red a picture is on average that the simulated asset review refuses, of 255."""


def apply_trigger_words(provider: SeedanceSimulator) -> None:
    """Make the provider react to the trigger words, and refuse red pictures in its review."""
    provider.faults.every("create", _lost)
    provider.faults.every_task(_refused)
    provider.assets.passes = lambda link: not _is_red(provider, link)


def is_refused(body: Mapping[str, object]) -> bool:
    """Whether a create's prompt contains a word that fails its task."""
    return _refusal(body) is not None


def _refusal(body: Mapping[str, object]) -> str | None:
    prompt = str(body.get("prompt")).lower()
    return next((said for word, said in REFUSALS.items() if word in prompt), None)


def _refused(call: Call) -> TaskPlan | None:
    said = _refusal(call.body)
    return TaskPlan(fails_with=said) if said else None


def _is_red(provider: SeedanceSimulator, link: str) -> bool:
    """Whether a picture under review is red all over: the one that visitors can have refused."""
    path = next((upload.path for upload in provider.uploads if upload.url == link), None)
    if path is None:
        return False
    try:
        with Image.open(path) as picture:
            red, green, blue = picture.convert("RGB").resize((1, 1)).tobytes()
    except OSError:
        return False
    return red > RED_MIN and max(green, blue) < RED_MIN // 2


def _lost(call: Call) -> Fault | None:
    prompt = str(call.body.get("prompt")).lower()
    return Drop(carried_out=True) if any(word in prompt for word in LOST) else None
