"""Patches to SimCord's page, applied as it is served, so that it behaves like Discord.

Relative timestamps tick, the view sticks to the newest messages, and a toolbar offers the personas
with hints, and the channels.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

Serve = Callable[[Any], Coroutine[Any, Any, web.Response]]

_TICKING: Final = """
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-relative-in]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const size = Math.abs(seconds);
    const [unit, length] = size < 60 ? ["second", 1] : size < 3600 ? ["minute", 60]
      : size < 86400 ? ["hour", 3600] : ["day", 86400];
    const words = new Intl.RelativeTimeFormat(time.dataset.relativeIn, { numeric: "auto" });
    time.textContent = words.format(Math.round(seconds / length), unit);
  }
}, 1000);
"""

_TITLE: Final = "  if (title) time.title = title;\n"
_MARK: Final = (
    '  if (valid && style === "R") time.dataset.relativeIn = options.locale || "en-US";\n'
)
_DRAWING: Final = "    if (!state.ready) return;\n"
_OPENING: Final = 'await request("/api/pages", "POST", {}, null)'
_PICKERS: Final = "  updatePickers(snapshot);\n"
_TOOLBAR_END: Final = '      <div class="preview-workspace" id="preview-workspace">\n'
_BAR: Final = '      <nav id="demo-bar" aria-label="Who you are, and the channels"></nav>\n'

CHANGES: Final[tuple[tuple[str, str, str], ...]] = (
    # mark relative timestamps with their locale when first rendered
    ("/text.js", _TITLE, _TITLE + _MARK),
    # "at the bottom" was exact to the pixel, so any growth above lost it
    ("/timeline.js", "ui.timeline.clientHeight <= 1 ?", "ui.timeline.clientHeight <= 240 ?"),
    # scrolling while messages are being rendered is not the reader's
    (
        "/timeline.js",
        '    if (!state.ready && state.scrollIntent?.policy === "target") return;\n',
        _DRAWING,
    ),
    # keep the persona when switching channels
    ("/app.js", _OPENING, 'await request("/api/pages", "POST", demoViewer(), null)'),
    ("/app.js", _PICKERS, _PICKERS + "  demoBar(snapshot.viewerId);\n"),
    ("/", _TOOLBAR_END, _BAR + _TOOLBAR_END),
    ("/", "<title>SimCord Preview</title>", "<title>video-bot: demo</title>"),
)
"""(path, old text, new text)."""


def _file(name: str) -> str:
    return resources.files("bot.demo").joinpath("assets", name).read_text("utf-8")


def additions(about: Mapping[str, Any]) -> Mapping[str, str]:
    """What is added to the page's files, by their paths. `about` is what the bar shows."""
    bar = f"const DEMO = {json.dumps(about)};\n{_file('bar.js')}"
    return MappingProxyType(
        {"/text.js": _TICKING, "/app.js": bar, "/preview.css": _file("bar.css")}
    )


def changing(serve: Serve, added: Mapping[str, str]) -> Serve:
    """A handler of the page's own files that makes the changes; without them it still works."""

    async def changed(request: Any) -> web.Response:
        response = await serve(request)
        changes = [(old, new) for path, old, new in CHANGES if path == request.path]
        if (changes or request.path in added) and response.text is not None:
            for old, new in changes:
                response.text = response.text.replace(old, new)
            response.text += added.get(request.path, "")
        return response

    return changed
