"""Descriptions of models: for the pages of `/video models` and as one line for autocomplete."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import discord

from bot.rules.catalogue import ModelSpec
from bot.rules.price_spec import Price
from bot.rules.purpose import Purpose, by_purpose
from bot.rules.violation import span
from bot.ui.formatting import dotted, within
from bot.ui.markdown import code, shorten
from bot.ui.texts import Localised

PER_PAGE: Final = 11
TEXT_LIMIT: Final = 290
HEAD_LIMIT: Final = 560
"""Eleven models and a header: Discord allows 4000 characters a page."""
OUTPUTS_LIMIT: Final = 40
LABEL_LIMIT: Final = 100
"""Discord's limit of a choice's name and of its description."""

Shown = tuple[ModelSpec, str]
"""A model and its two lines."""


def has_choice(models: Sequence[ModelSpec]) -> bool:
    """Whether the models fill more than a page, so that a few for each purpose come first."""
    return len(models) > PER_PAGE


def page_count(models: Sequence[ModelSpec]) -> int:
    """How many pages there are, at least one; the first of several has a few models by purpose."""
    return -(-len(models) // PER_PAGE) + 1 if has_choice(models) else 1


def page_of(
    models: Sequence[ModelSpec], page: int, default: str, currency: str, t: Localised
) -> tuple[Shown, ...]:
    """The models of one page, counted from 0; a page that no longer exists is the last one."""
    page = min(page, page_count(models) - 1)
    if has_choice(models) and page == 0:
        picked = by_purpose(models, default)
        return tuple((spec, _picked(spec, why, currency, t)) for spec, why in picked)
    first = (page - 1 if has_choice(models) else page) * PER_PAGE
    return tuple(
        (spec, described(spec, default, currency, t)) for spec in models[first : first + PER_PAGE]
    )


def head(models: Sequence[ModelSpec], page: int, left: Iterable[str], t: Localised) -> str:
    """The header: the title, a legend, and the quota that the reader has left."""
    lines = [f"## {t('models-title')}"]
    if not models:
        lines.append(t("models-none"))
    elif has_choice(models) and page == 0:
        lines += [t("models-choice", count=len(models)), t("models-hint")]
    else:
        lines.append(t("models-hint"))
    return within((*lines, *left), HEAD_LIMIT)


def described(spec: ModelSpec, default: str, currency: str, t: Localised) -> str:
    """A model in two lines: its name; what it makes, takes and costs."""
    is_default = t("models-default") if spec.name == default else ""
    return _two_lines((f"**{code(spec.name)}**", is_default), spec, currency, t)


def _picked(spec: ModelSpec, purposes: Sequence[Purpose], currency: str, t: Localised) -> str:
    """The same below what the model is for."""
    why = dotted(t(f"purpose-{each}") for each in purposes) or t("purpose-other")
    return within((f"**{why}**", _two_lines((code(spec.name),), spec, currency, t)), TEXT_LIMIT * 2)


def _two_lines(first: Iterable[str], spec: ModelSpec, currency: str, t: Localised) -> str:
    second = dotted((_length(spec, t), _outputs(spec), _signs(spec), prices(spec, currency, t)))
    return within((dotted(first), f"-# {shorten(second, TEXT_LIMIT // 2)}"), TEXT_LIMIT)


def _signs(spec: ModelSpec) -> str:
    """What it takes, in the symbols of the legend: words would fill four lines."""
    counts = (("🖼️", spec.images.max), ("🎬", spec.videos.max), ("🔊", spec.audios.max))
    signs = [f"{sign}{number}" for sign, number in counts if number]
    signs += {"single": ["⏮️"], "first": ["⏮️"], "pair": ["⏮️⏭️"]}.get(spec.frames.takes, [])
    signs += ["🔒"] if spec.takes_references and not spec.sources.https else []
    signs += ["🔎"] if spec.sources.reviewed else []
    return " ".join(signs)


def _outputs(spec: ModelSpec) -> str:
    """Its resolutions, from the first to the last."""
    names = spec.resolutions or (spec.default_resolution,)
    return shorten("–".join(dict.fromkeys((names[0], names[-1]))), OUTPUTS_LIMIT)


def option(spec: ModelSpec, t: Localised) -> discord.SelectOption:
    """A model as an option of the menu."""
    when = shorten(_when(spec, t), LABEL_LIMIT)
    return discord.SelectOption(label=spec.name, value=spec.name, description=when or None)


def _when(spec: ModelSpec, t: Localised) -> str:
    """What it is for: the model's own text, else its family's, else nothing."""
    own = f"when-{re.sub(r'[^a-z0-9]+', '-', spec.name.lower())}"
    family = f"family-{spec.family.lower().replace(' ', '-').replace(',', '')}"
    return next((t(key) for key in (own, family) if t.has(key)), "")


def _length(spec: ModelSpec, t: Localised) -> str:
    return t("model-length", range=span(spec.duration.min, spec.duration.max))


def features(spec: ModelSpec, t: Localised) -> tuple[str, ...]:
    """What a model makes and takes in a few words, the most important first."""
    return (_length(spec, t), *takes(spec, t))


def takes(spec: ModelSpec, t: Localised) -> tuple[str, ...]:
    """What a model takes besides the prompt."""
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
            t("model-reviewed") if spec.sources.reviewed else "",
        )
        if feature
    )


def prices(spec: ModelSpec, currency: str, t: Localised) -> str:
    """What a model costs; empty without a price, and where the owner has named no currency."""
    if spec.price is None or not currency:
        return ""
    plain = _prices(spec.price, currency, t)
    with_clips = _prices(spec.price.with_clips, currency, t) if spec.price.with_clips else ""
    return dotted((plain, t("model-price-clips", price=with_clips) if with_clips else ""))


def _prices(price: Price, currency: str, t: Localised) -> str:
    if price.per_task is not None:
        return t("model-price-task", price=t.money(price.per_task, currency))
    if price.per_second is not None:
        return t("model-price-second", price=t.money(price.per_second, currency))
    by_task = price.per_task_by_resolution
    key = "model-price-resolution" if by_task is None else "model-price-resolution-task"
    return dotted(
        t(key, resolution=name, price=t.money(amount, currency))
        for name, amount in (by_task or price.per_second_by_resolution or {}).items()
    )


def model_label(spec: ModelSpec, currency: str, t: Localised) -> str:
    """A model in one line for autocomplete: as many whole details as fit."""
    label = spec.name
    outputs = spec.fixed_output or "/".join(spec.resolutions)
    for part in (prices(spec, currency, t), outputs, *features(spec, t)):
        plain = part.replace("`", "")
        if plain and len(label) + len(plain) + 3 <= LABEL_LIMIT:
            label = f"{label} · {plain}"
    return shorten(label, LABEL_LIMIT)
