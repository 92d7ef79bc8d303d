"""Seed data of the demo: welcome messages, a filled queue, and a request waiting for review."""

import random
from collections.abc import Mapping
from typing import Final

from simcord import ChannelHandle, MemberActor

from bot.demo.discord.guilds import World
from bot.demo.discord.personas import GRACE, NOAH, OLIVIA
from bot.demo.provider.pictures import SAMPLES
from bot.demo.provider.trigger_words import is_refused

PACE_S: Final = (12.0, 20.0)
"""Seconds per video for visitors."""
CROWD_PACE_S: Final = (30.0, 45.0)
"""Seconds per video for the requests that fill the queue: long enough to be seen there."""
REFUSAL_PACE_S: Final = 5.0

WELCOME: Final = (
    "**Welcome!** The bot here is the real one; only Discord and the video provider are simulated."
    "\n1. Type `/` in the box below and pick **/video create**. Write a prompt, attach a picture as"
    " **image1** if you like, and send it."
    "\n2. Watch the card move. Two videos are made at a time and Noah has asked for four, so you"
    " wait for a place; the queue is fair, and yours is the next one."
    "\n3. The provider refuses a prompt with the word *trademark* or *celebrity*; of one with"
    " *blackout* it loses the answer. A model such as `sd2_mx_720p` has your picture reviewed"
    " first; one that is red all over is refused."
    "\n4. A safety check looks at pictures: one that is black all over waits for a moderator in"
    " Film School, and is refused here, where no moderator looks."
    "\n5. This server's cast has a mascot: write *@mascot* in a prompt. **/cast add** gives your"
    " own pictures a name."
    "\n6. Press **⭐** under a video as two of its viewers: it is forwarded to #showcase."
    "\n7. In #series, Noah's film of three shots is being made. **/video series** makes yours:"
    " write one shot a line. One with the word *trademark* is refused, and you choose what next."
    "\n8. In #templates, press **Make mine**. Olivia can write others:"
    " **/videoadmin template add**, then **post**."
    "\n\nAbove you choose **who you are** and **which channel** you see."
)
PROJECTS: Final = (
    "**Film School looks first:** what is asked for here waits until a moderator has approved it in"
    " #review. Ask as Mia, then be Sam."
)
REVIEW: Final = (
    "**For moderators:** approve or reject below. A rejected member is told in a direct message."
)

CROWD: Final = (
    "A paper boat sails along a gutter in the rain",
    "A tram crosses a bridge in the morning fog",
    "Lanterns rise over a frozen lake",
    "A fox looks for its way through a sleeping city",
)
"""Prompts of Noah's requests."""
SERIES: Final = (
    "A paper boat is set down in a gutter in the rain",
    "It shoots past the market and under a bridge",
    "It drifts out to sea as the sun comes out",
)
"""The shots of Noah's series."""
TEMPLATE_NAME: Final = "Clay figures"
TEMPLATE: Final = {
    "name": TEMPLATE_NAME,
    "prompt": "A stop-motion scene of clay figures: {text}",
    "picture": "optional",
    "duration": 5,
    "ratio": "16:9",
}
MASCOT: Final = "mascot"
"""The name in the server's cast."""
SCHOOL_PROMPT: Final = "The boat leaves the quiet bay by moonlight"
"""Prompt of Noah's request at Film School, with a picture."""


def pace(body: Mapping[str, object]) -> float:
    """Seconds that the simulated provider takes for a create body."""
    if is_refused(body):
        return REFUSAL_PACE_S
    return random.uniform(*(CROWD_PACE_S if body.get("prompt") in CROWD else PACE_S))


async def seed_world(world: World) -> None:
    """Set up both servers, fill the queue and post the welcome message last."""
    await set_up_school(world)
    await open_showcase(world)
    await offer_template(world)
    await show_pictures(world)
    await begin_series(world)
    await fill_queue(world)
    await world.people[OLIVIA].send(world.channel, WELCOME)


async def set_up_school(world: World) -> None:
    """Enable review at Film School, as its manager would, and create a request there."""
    school = world.school
    manager = school.people[GRACE]
    await manager.send(school.projects, PROJECTS)
    await manager.send(school.review, REVIEW)
    await manager.slash(
        school.projects,
        "videoadmin settings",
        review="prompt",
        review_channel=school.review,
        log_channel=school.log,
        moderator_role=school.moderators,
    )
    bay = {"image1": ("bay.jpg", SAMPLES["bay.jpg"]())}
    await _ask(school.people[NOAH], school.projects, SCHOOL_PROMPT, **bay)


async def open_showcase(world: World) -> None:
    """Give Video Club a showcase that two stars are enough for."""
    await world.people[OLIVIA].slash(
        world.channel, "videoadmin settings", showcase_channel=world.showcase, showcase_votes=2
    )


async def offer_template(world: World) -> None:
    """Write a template as Video Club's manager, and post its panel."""
    manager = world.people[OLIVIA]
    await manager.slash(world.channel, "videoadmin template add", **TEMPLATE)
    await manager.slash(
        world.channel, "videoadmin template post", name=TEMPLATE_NAME, channel=world.templates
    )


async def begin_series(world: World) -> None:
    """Ask for a series and confirm it, as Noah."""
    noah = world.people[NOAH]
    form = await noah.slash(world.series, "video series")
    asked = await noah.submit_modal(form, {"shots": "\n".join(SERIES), "duration": ["4"]})
    if asked.response is None:
        raise RuntimeError("the series was not asked about")
    await noah.click(asked.response, label="Confirm")


async def show_pictures(world: World) -> None:
    """Post sample pictures that a visitor may attach."""
    pictures = [(name, draw()) for name, draw in SAMPLES.items()]
    text = "Two pictures to try the bot with: save one, then attach it."
    await world.people[NOAH].send(world.channel, text, attachments=pictures)


async def name_mascot(world: World) -> None:
    """Give one of them a name that everyone in the server can use; the worker must be running."""
    name, draw = next(iter(SAMPLES.items()))
    picture = {"image1": (name, draw())}
    await world.people[OLIVIA].slash(
        world.channel, "cast add", name=MASCOT, **picture, **{"for": "server"}
    )


async def fill_queue(world: World) -> None:
    """Create more requests than there are slots."""
    for prompt in CROWD:
        await _ask(world.people[NOAH], world.channel, prompt)


async def _ask(
    who: MemberActor, channel: ChannelHandle, prompt: str, **pictures: tuple[str, bytes]
) -> None:
    await who.slash(channel, "video create", prompt=prompt, duration=5, ratio="16:9", **pictures)
