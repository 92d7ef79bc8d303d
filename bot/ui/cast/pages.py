"""Private answers about the cast: what was added, who there is, one name's pictures. Pure."""

import discord

from bot.services.cast.service import MOST_OF_SERVER, MOST_OWN
from bot.services.cast.views import Cast, CastView, megabytes_of
from bot.ui.error_messages import fault_lines
from bot.ui.formatting import within
from bot.ui.markdown import code
from bot.ui.texts import Localised
from storage.cast.entries import CastState

PAGE_LIMIT = 4000


def sign(name: str) -> str:
    """A name as it is written in prompts."""
    return code(f"@{name}")


def added(view: CastView, name: str, t: Localised) -> str:
    """The answer to an addition: the pictures are there, refused, or still being fetched."""
    shown = sign(name)
    if view.entry.state is CastState.FAILED:
        lines = (f"{line}" for line in fault_lines(view.faults, t))
        return within((t("cast-refused", name=shown), *lines))
    if view.entry.state is CastState.NEW:
        return t("cast-pending", name=shown)
    count = len(view.pictures)
    if view.is_servers:
        return t("cast-added-server", name=shown, count=count)
    return t("cast-added-me", name=shown, count=count)


def list_page(cast: Cast, t: Localised) -> discord.Embed:
    """Everybody who can be named here; 120 names of full length fit."""
    own = " ".join(_item(view, t) for view in cast.own) or t("cast-empty")
    theirs = " ".join(_item(view, t) for view in cast.of_server) or t("cast-servers-empty")
    embed = discord.Embed(title=t("cast-title"))
    embed.description = "\n".join(
        (
            t("cast-own", count=len(cast.own), most=MOST_OWN),
            own,
            "",
            t("cast-of-server", count=len(cast.of_server), most=MOST_OF_SERVER),
            theirs,
        )
    )
    return embed


def _item(view: CastView, t: Localised) -> str:
    name = sign(view.entry.name)
    is_pending = view.entry.state is CastState.NEW
    return t("cast-item-pending", name=name) if is_pending else name


def show_page(view: CastView, t: Localised) -> discord.Embed:
    """One name; its pictures are attached where they are at hand."""
    entry = view.entry
    if entry.state is CastState.NEW:
        pictures = t("cast-pictures-pending")
    else:
        pictures = t(
            "cast-pictures",
            count=len(view.pictures),
            size=megabytes_of(view),
            ms=entry.created_at_ms,
        )
    names = " ".join(code(picture.name, 60) for picture in view.pictures if picture.name)
    whose = t("cast-shown-server" if view.is_servers else "cast-shown-me")
    embed = discord.Embed(title=sign(entry.name))
    embed.description = within((whose, pictures, names), PAGE_LIMIT)
    return embed


def removed(view: CastView, t: Localised) -> str:
    """The answer to a removal."""
    return t("cast-removed", name=sign(view.entry.name))
