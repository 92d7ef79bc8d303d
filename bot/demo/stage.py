"""The demo: `play_once` plays one request through, `open_doors` lets a visitor play."""

import random
from collections.abc import Mapping
from typing import Final

import typer
from simcord import SetupError

from bot.demo.backstage import INTERRUPTED, Stage, interruptible, open_stage, play_until
from bot.demo.once import Script, perform
from bot.demo.page import live_page
from bot.demo.world import furnish

PACE_S: Final = (12.0, 20.0)
"""How long the simulated provider takes for a visitor's video."""


async def play_once(script: Script = Script()) -> int:  # noqa: B008 - immutable
    """Play one request with two pictures through to the posted video, and check that video.

    Prints each step. Returns the exit code: 0 only when everything was as it should be.
    """
    async with (
        interruptible() as stop,
        open_stage(seconds_per_video=script.seconds_per_video, look=script.look) as stage,
    ):
        script.prepare(stage.provider)
        code = await play_until(stop, stage.worker, perform(stage, script))
    if code == INTERRUPTED:
        script.say("Interrupted.")
    return code


async def open_doors(port: int = 0) -> int:
    """Serve the simulated Discord's page until Ctrl-C or until the page's session is ended.

    Port 0 takes any that is free. Returns the exit code.
    """
    async with interruptible() as stop, open_stage(seconds_per_video=_believable) as stage:
        await furnish(stage.world)
        code = await play_until(stop, stage.worker, _serve(stage, port))
        typer.echo("Closing …")
    return 0 if code == INTERRUPTED else code


def _believable(_: Mapping[str, object]) -> float:
    return random.uniform(*PACE_S)


async def _serve(stage: Stage, port: int) -> int:
    try:
        async with live_page(stage.env, stage.world, port) as preview:
            who = ", ".join(str(person.user.global_name) for person in stage.world.people)
            typer.echo(
                "The bot is running in a simulated Discord. Open this page in a browser; it works "
                f"on this machine only:\n\n  {preview.url}\n\n"
                f"You may be {who}: choose under “Viewing as”.\n"
                "Type / in the message box, pick “video create”, write a prompt, attach a picture."
                "\nCtrl-C ends the demo and forgets everything."
            )
            await preview.wait_closed()
    except SetupError as error:
        typer.echo(f"The page can't be served: {error}. Try another --port.", err=True)
        return 1
    return 0
