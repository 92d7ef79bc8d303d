"""Texts about templates: panels, the managers' list. Pure."""

from collections.abc import Sequence
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.services.templates.content import Offer
from bot.services.templates.panels import PanelSheet
from bot.services.templates.service import Written
from bot.ui.formatting import dotted, price, quoted, settings_of, subtext, within
from bot.ui.markdown import code, inline
from bot.ui.texts import Localised

NAME_SHOWN: Final = 100
LISTED_PROMPT: Final = 80
LIST_LIMIT: Final = 1900


def panel(sheet: PanelSheet, catalogue: Catalogue, currency: str, t: Localised) -> str:
    """A panel: the template's name, what one gives, and what it costs; or that it is gone."""
    name = inline(sheet.name, NAME_SHOWN)
    if sheet.offer is None:
        return t("panel-gone", name=name)
    return within(
        (
            f"**{name}**",
            dotted((gives(sheet.offer, t), costs(sheet.offer, currency, t))),
            subtext(settings_of(sheet.offer.video, catalogue.get(sheet.offer.video.model), t)),
            subtext([t("result-ai")]) if sheet.example is not None else "",
        )
    )


def gives(offer: Offer, t: Localised) -> str:
    """What a member gives for it."""
    words = "yes" if offer.wants_text else "no"
    return t("panel-gives", picture=offer.template.picture, words=words)


def costs(offer: Offer, currency: str, t: Localised) -> str:
    """How many videos come out, where several do, and what they cost together."""
    several = t("panel-several", count=offer.count) if offer.count > 1 else ""
    micros = offer.price_micros
    return dotted((several, price(micros, currency, t) if micros is not None else ""))


def list_page(offers: Sequence[Offer], currency: str, t: Localised) -> str:
    """The server's templates, as many as fit."""
    if not offers:
        return t("templates-none")
    lines = [_listed(offer, currency, t) for offer in offers]
    shown = within((t("templates-head", count=len(offers)), *lines), LIST_LIMIT)
    left = len(offers) - sum(line in shown for line in lines)
    return within((shown, t("templates-more", count=left) if left else ""))


def _listed(offer: Offer, currency: str, t: Localised) -> str:
    template = offer.template
    head = dotted(
        (f"**{inline(template.name, NAME_SHOWN)}**", gives(offer, t), costs(offer, currency, t))
    )
    example = t("templates-example", id=code(template.example_id)) if template.example_id else ""
    line = subtext((code(template.model), example))
    return "\n".join((head, quoted(template.prompt, LISTED_PROMPT), line))


def written_page(written: Sequence[Written], currency: str, t: Localised) -> str:
    """The answer to a manager who added or changed templates."""
    if len(written) == 1:
        (one,) = written
        key = "template-added" if one.is_new else "template-changed"
        return within(
            (
                t(key, name=inline(one.offer.template.name, NAME_SHOWN)),
                dotted((gives(one.offer, t), costs(one.offer, currency, t))),
                t("template-next"),
            )
        )
    new = sum(each.is_new for each in written)
    return within(
        (t("templates-imported", count=new, changed=len(written) - new), t("template-next"))
    )
