"""How models are described: on the pages of `/video models` and in autocomplete's one line."""

from collections.abc import Sequence
from typing import Final

import discord

from bot.posting.markdown import code, shorten
from bot.posting.texts import Localised
from bot.posting.words import dotted
from bot.rules.catalogue import ModelSpec
from bot.rules.violation import span

PER_PAGE: Final = 5
LABEL_LIMIT: Final = 100
"""Discord's limit of a choice's name."""


def page_count(models: Sequence[ModelSpec]) -> int:
    """How many pages the models fill, at least one."""
    return max(1, -(-len(models) // PER_PAGE))


def models_page(
    models: Sequence[ModelSpec], default: str, page: int, currency: str, t: Localised
) -> discord.Embed:
    """One page, counted from 0; a page that no longer exists shows the last one."""
    pages = page_count(models)
    page = min(page, pages - 1)
    shown = models[page * PER_PAGE : (page + 1) * PER_PAGE]
    embed = discord.Embed(title=t("models-title"))
    if not shown:
        embed.description = t("models-none")
    for spec in shown:
        is_default = spec.name == default
        name = dotted((code(spec.name), t("models-default") if is_default else ""))
        embed.add_field(name=name, value=_described(spec, currency, t), inline=False)
    if pages > 1:
        embed.set_footer(text=t("models-page", page=page + 1, pages=pages))
    return embed


def _described(spec: ModelSpec, currency: str, t: Localised) -> str:
    family = f"family-{spec.family.lower().replace(' ', '-').replace(',', '')}"
    lines = (
        t(family) if t.has(family) else "",
        dotted(features(spec, t)),
        dotted((*_outputs(spec), spec.default_resolution if spec.fixed_output else "")),
        ", ".join(spec.ratios),
        prices(spec, currency, t),
    )
    return shorten("\n".join(line for line in lines if line), 1024)


def _outputs(spec: ModelSpec) -> tuple[str, ...]:
    return (", ".join(spec.resolutions),) if spec.resolutions else ()


def features(spec: ModelSpec, t: Localised) -> tuple[str, ...]:
    """What a model takes, the most telling first."""
    takes_only_assets = spec.takes_references and not spec.sources.https
    takes_both = spec.sources.https and spec.sources.asset
    return tuple(
        feature
        for feature in (
            t("model-length", range=span(spec.duration.min, spec.duration.max)),
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
