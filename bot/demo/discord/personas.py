"""Personas that a visitor can take on in the demo, each with a hint of what to try."""

from dataclasses import dataclass
from typing import Final

ENGLISH: Final = "en-US"
CHINESE: Final = "zh-CN"


@dataclass(frozen=True, slots=True)
class Persona:
    """A persona: user name, display name, hint of what to try, and Discord locale."""

    name: str
    shown: str
    hint: str
    locale: str = ENGLISH


MIA: Final = Persona(
    "mia",
    "Mia (member)",
    "Use /video create in #videos, then Again and Edit under the video; a film: /video series.",
)
NOAH: Final = Persona(
    "noah",
    "Noah (member)",
    "Noah's requests fill the queue: see /video list, and cancel one of them.",
)
LIN: Final = Persona(
    "lin",
    "Lin 林 (member, 中文)",
    "Lin's Discord is in Chinese: private answers are too, posts and cards keep the server's"
    " language. 试试 /video help：只有你能看到的回答是中文；频道里的消息和卡片使用服务器的语言。",
    CHINESE,
)
SAM: Final = Persona(
    "sam",
    "Sam (moderator)",
    "In #review, approve or reject what Film School's members asked for; /videomod queue.",
)
GRACE: Final = Persona(
    "grace",
    "Grace (server manager)",
    "Grace manages Film School: /videoadmin setup and settings; panels: /videoadmin template.",
)
OLIVIA: Final = Persona(
    "olivia",
    "Olivia (bot's owner)",
    "In Video Club, use /owner status, pause, resume, uncertain and bill.",
)

PERSONAS: Final = (MIA, NOAH, LIN, SAM, GRACE, OLIVIA)
"""The likeliest first."""
