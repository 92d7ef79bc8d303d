"""Reads `SAFETY_CHECK`: the name of a classifier on this machine, or an address."""

import ipaddress
from importlib.util import find_spec
from typing import Final

from yarl import URL

NUDENET: Final = "nudenet"
INSTALL_NUDENET: Final = "python -m pip install '.[safety]'"
"""From the code: no registry has the bot, and a name there could become a stranger's."""
_PACKAGES: Final = ("nudenet", "onnxruntime")
_LOCAL_ENDINGS: Final = (".local", ".lan", ".internal", ".localhost")


def read_safety_check(text: str) -> str:
    """`nudenet`, an address, or nothing.

    Pictures go out unencrypted over `http://`, so that is taken inside one's own network only.
    Raises: ValueError with what would pass, also where the packages of `nudenet` are missing.
    """
    word = text.strip()
    if not word:
        return ""
    if word.lower() == NUDENET:
        missing = [name for name in _PACKAGES if find_spec(name) is None]
        if missing:
            raise ValueError(
                f"needs {' and '.join(missing)}, not installed here: run, in the folder of"
                f" the code, {INSTALL_NUDENET}"
            )
        return NUDENET
    try:
        url = URL(word)
    except ValueError:
        raise ValueError("takes nudenet or an https:// address") from None
    if url.scheme not in ("https", "http") or not url.host or url.user or url.fragment:
        raise ValueError("takes nudenet or an https:// address, without user or fragment")
    if url.scheme == "http" and not _is_local(url.host):
        raise ValueError("takes https:// (http:// only to a machine in your own network)")
    return word


def _is_local(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
    return address.is_private or address.is_loopback
