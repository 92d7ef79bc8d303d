"""`/video top`: the best-voted videos, with links."""

from collections.abc import Sequence

from bot.services.caller import Caller
from bot.services.showcase.service import Ranked
from bot.ui.formatting import dotted, mention, within
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised


async def send_top(services: Services, caller: Caller, answer: Answer, days: int) -> None:
    """Answer with the best-voted videos of the last days."""
    found = await services.showcase.top(caller, days)
    await answer.send(top_page(found, days, answer.t))


def top_page(found: Sequence[Ranked], days: int, t: Localised) -> str:
    """One line a video: its place, votes, requester and link. Pure."""
    if not found:
        return t("top-empty", days=days)
    lines = [
        f"{place}. {dotted((f'⭐ {each.votes}', mention(each.user_id), each.url))}"
        for place, each in enumerate(found, 1)
    ]
    return within((t("top-title", days=days), *lines))
