"""How models are described: on the pages of `/video models` and in autocomplete's one line."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.posting.markdown import code, shorten
from bot.posting.texts import Localised
from bot.posting.words import dotted, within
from bot.rules.catalogue import ModelSpec
from bot.rules.violation import span

PER_PAGE: Final = 5
TEXT_LIMIT: Final = 640
HEAD_LIMIT: Final = 400
"""Five models and a head: Discord takes 4000 characters a page."""
LABEL_LIMIT: Final = 100
"""Discord's limit of a choice's name."""


def page_count(models: Sequence[ModelSpec]) -> int:
    """How many pages the models fill, at least one."""
    return max(1, -(-len(models) // PER_PAGE))


def page_of(models: Sequence[ModelSpec], page: int) -> Sequence[ModelSpec]:
    """The models of one page, counted from 0; a page that no longer exists is the last one."""
    page = min(page, page_count(models) - 1)
    return models[page * PER_PAGE : (page + 1) * PER_PAGE]


def head(models: Sequence[ModelSpec], left: Iterable[str], t: Localised) -> str:
    """What stands above the models: the title, and what is left to the reader."""
    nothing = "" if models else t("models-none")
    return within((f"## {t('models-title')}", nothing, *left), HEAD_LIMIT)


def described(spec: ModelSpec, default: str, currency: str, t: Localised) -> str:
    """All that helps to choose a model: when to use it, what it takes, makes and costs."""
    name = dotted((code(spec.name), t("models-default") if spec.name == default else ""))
    cost = prices(spec, currency, t)
    lines = (
        f"### {name}",
        _when(spec, t),
        t("models-takes", takes=dotted(takes(spec, t))),
        dotted((t("models-length", length=_length(spec, t)), _resolution(spec, t))),
        t("models-shape", shapes=tuple(_shape(ratio, t) for ratio in spec.ratios)),
        t("models-price", price=cost) if cost else "",
    )
    return within(lines, TEXT_LIMIT)


def _when(spec: ModelSpec, t: Localised) -> str:
    """When to use it: the model's own text, else its family's, else nothing."""
    own = f"when-{re.sub(r'[^a-z0-9]+', '-', spec.name.lower())}"
    family = f"family-{spec.family.lower().replace(' ', '-').replace(',', '')}"
    return next((t(key) for key in (own, family) if t.has(key)), "")


def _length(spec: ModelSpec, t: Localised) -> str:
    return t("model-length", range=span(spec.duration.min, spec.duration.max))


def _resolution(spec: ModelSpec, t: Localised) -> str:
    names = spec.resolutions or (spec.default_resolution,)
    return t("models-resolution", names=names, count=len(names), default=spec.default_resolution)


def _shape(ratio: str, t: Localised) -> str:
    key = f"choice-{ratio.lower()}"
    return t(key) if t.has(key) else ratio


def features(spec: ModelSpec, t: Localised) -> tuple[str, ...]:
    """What a model makes and takes in a few words, the most telling first."""
    return (_length(spec, t), *takes(spec, t))


def takes(spec: ModelSpec, t: Localised) -> tuple[str, ...]:
    """What a model takes beside the prompt."""
    takes_only_assets = spec.takes_references and not spec.sources.https
    takes_both = spec.sources.https and spec.sources.asset
    return tuple(
        feature
        for feature in (
            t("model-images", count=spec.images.max),
            t("model-videos", count=spec.videos.max) if spec.videos.max else "",
            t("model-audios", count=spec.audios.max) if spec.audios.max else "",
            t("model-frames", takes=spec.frames.takes) if spec.frames.takes != "no" else "",
            t("model-assets-only") if takes_only_assets else "",
            t("model-assets-too") if takes_both else "",
        )
        if feature
    )


def prices(spec: ModelSpec, currency: str, t: Localised) -> str:
    """What a model costs; empty where the owner has set no price."""
    price = spec.price
    if price is None:
        return ""
    if price.per_task is not None:
        return t("model-price-task", price=t.money(price.per_task, currency))
    if price.per_second is not None:
        return t("model-price-second", price=t.money(price.per_second, currency))
    return dotted(
        t("model-price-resolution", resolution=name, price=t.money(amount, currency))
        for name, amount in (price.per_second_by_resolution or {}).items()
    )


def model_label(spec: ModelSpec, currency: str, t: Localised) -> str:
    """A model in one line for autocomplete: whole particulars, as many as fit."""
    label = spec.name
    outputs = spec.fixed_output or "/".join(spec.resolutions)
    for part in (prices(spec, currency, t), outputs, *features(spec, t)):
        plain = part.replace("`", "")
        if plain and len(label) + len(plain) + 3 <= LABEL_LIMIT:
            label = f"{label} · {plain}"
    return shorten(label, LABEL_LIMIT)
