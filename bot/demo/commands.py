"""The two demo commands: play one scripted request, or serve the interactive page."""

import typer
from simcord import SetupError

from bot.demo.discord.page import live_page
from bot.demo.discord.personas import PERSONAS
from bot.demo.discord.seed_data import name_mascot, pace, seed_world
from bot.demo.provider.trigger_words import LOST, REFUSALS
from bot.demo.runtime import INTERRUPTED, DemoRuntime, interruptible, open_demo, run_until
from bot.demo.scripted_run import Script, run_script


async def play_once(script: Script = Script()) -> int:  # noqa: B008 - immutable
    """Run one request with two pictures through to the posted video, and check that video.

    Prints each step. Returns the exit code: 0 only if every check passed.
    """
    async with (
        interruptible() as stop,
        open_demo(
            seconds_per_video=script.seconds_per_video, render_options=script.render_options
        ) as runtime,
    ):
        script.prepare(runtime.provider)
        code = await run_until(stop, runtime.worker, run_script(runtime, script))
    if code == INTERRUPTED:
        script.say("Interrupted.")
    return code


async def serve_page(port: int = 0) -> int:
    """Serve the simulated Discord's page until Ctrl-C or until the page's session is ended.

    Port 0 picks a free one. Returns the exit code.
    """
    async with interruptible() as stop, open_demo(seconds_per_video=pace) as runtime:
        await seed_world(runtime.world)
        code = await run_until(stop, runtime.worker, _serve(runtime, port))
        typer.echo("Closing …")
    return 0 if code == INTERRUPTED else code


async def _serve(runtime: DemoRuntime, port: int) -> int:
    await name_mascot(runtime.world)
    try:
        async with live_page(runtime.env, runtime.world, port) as served:
            typer.echo(greeting(served.url))
            await served.wait_closed()
    except SetupError as error:
        typer.echo(f"The page can't be served: {error}. Try another --port.", err=True)
        return 1
    return 0


def greeting(url: str) -> str:
    """Text for the terminal: the page's URL, the personas and what to try."""
    people = "\n".join(f"  {who.shown}: {who.hint}" for who in PERSONAS)
    return (
        "The bot is running in a simulated Discord. Open this page in a browser; it works on this"
        f" machine only:\n\n  {url}\n\n"
        f"At the top of the page, choose who you are and which channel you see:\n\n{people}\n\n"
        "Type / in the message box, pick “video create”, write a prompt, attach a picture.\n"
        f"A prompt with one of these words is refused by the provider: {', '.join(REFUSALS)}.\n"
        f"Of a prompt with one of these it loses the answer: {', '.join(LOST)}.\n"
        "Models named sd2_mx_… have pictures reviewed first; one that is red all over is refused.\n"
        "The safety check flags a picture that is black all over.\n"
        "Ctrl-C ends the demo and forgets everything."
    )
