"""Small changes to SimCord's page, made as it is served, so that it feels like Discord.

Timestamps tick by themselves, and whoever reads the newest messages stays with them.
"""

from collections.abc import Callable, Coroutine, Mapping
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

CHANGES: Final[tuple[tuple[str, str, str], ...]] = (
    # a relative timestamp is marked with its language when it is first drawn
    ("/text.js", _TITLE, _TITLE + _MARK),
    # "at the bottom" meant to the pixel: the least that grows above already lost it
    ("/timeline.js", "ui.timeline.clientHeight <= 1 ?", "ui.timeline.clientHeight <= 240 ?"),
    # what scrolls while messages are being drawn is the page itself, not its reader
    (
        "/timeline.js",
        '    if (!state.ready && state.scrollIntent?.policy === "target") return;\n',
        _DRAWING,
    ),
)
"""Path, and what is replaced by what in it."""

ADDITIONS: Final[Mapping[str, str]] = MappingProxyType({"/text.js": _TICKING})


def changing(serve: Serve) -> Serve:
    """A handler of the page's own files that makes the changes; without them it still works."""

    async def changed(request: Any) -> web.Response:
        response = await serve(request)
        changes = [(old, new) for path, old, new in CHANGES if path == request.path]
        if changes and response.text is not None:
            for old, new in changes:
                response.text = response.text.replace(old, new)
            response.text += ADDITIONS.get(request.path, "")
        return response

    return changed
