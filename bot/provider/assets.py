"""The JSON of the provider's asset review: submitting files, and their verdicts.

Source: the provider's own API description of `seedance/assets/audit` and `…/status`, and other
clients of the same calls.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from bot.provider.answers import Answer
from bot.rules.media import MediaKind

SUBMIT_PATH: Final = "/api/open-api/v1/seedance/assets/audit"
STATUS_PATH: Final = "/api/open-api/v1/seedance/assets/status"
MOST_ID: Final = 200


class Verdict(StrEnum):
    """What the provider says of a file; whatever else it says means that it still looks."""

    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"


_VERDICTS: Final[Mapping[str, Verdict]] = MappingProxyType(
    {
        "active": Verdict.ACTIVE,
        "failed": Verdict.REFUSED,
        "rejected": Verdict.REFUSED,
    }
)

_FIELDS: Final[Mapping[MediaKind, str]] = MappingProxyType(
    {
        MediaKind.IMAGE: "image_urls",
        MediaKind.VIDEO: "video_urls",
        MediaKind.AUDIO: "audio_urls",
    }
)


@dataclass(frozen=True, slots=True)
class AssetBatch:
    """Answer to a submission: ids by the URL that was sent; a URL without one was not taken."""

    ids: Mapping[str, str] = field(default_factory=dict)


def submit_body(files: Sequence[tuple[MediaKind, str]]) -> dict[str, list[str]]:
    """What is sent to have files reviewed: each kind's URLs, no list empty.

    Raises: ValueError if two URLs are alike, for answers are matched by them.
    """
    urls = [url for _, url in files]
    if len(set(urls)) != len(urls):
        raise ValueError("the URLs of one submission must differ")
    body: dict[str, list[str]] = {}
    for kind, url in files:
        body.setdefault(_FIELDS[kind], []).append(url)
    return body


def read_batch(answer: Answer, urls: Sequence[str]) -> AssetBatch:
    """The ids by URL. A lone item whose URL is missing belongs to the lone URL that was sent."""
    ids: dict[str, str] = {}
    items = list(_items(answer))
    for item in items:
        asset_id = _asset_id(item)
        url = item.get("original_url")
        if asset_id and isinstance(url, str) and url in urls:
            ids[url] = asset_id
        elif asset_id and not url and len(items) == len(urls) == 1:
            ids[urls[0]] = asset_id
    return AssetBatch(MappingProxyType(ids))


def read_verdicts(answer: Answer, asset_ids: Sequence[str]) -> dict[str, Verdict]:
    """The verdicts of the ids that were asked for.

    An id that is missing, or stands among the items that could not be looked up, is left out.
    """
    wanted = set(asset_ids)
    found: dict[str, Verdict] = {}
    for item in _items(answer):
        asset_id = _asset_id(item)
        if asset_id in wanted:
            status = item.get("status")
            word = status.strip().lower() if isinstance(status, str) else ""
            found[asset_id] = _VERDICTS.get(word, Verdict.PENDING)
    return found


_UNKNOWN_ASSET: Final = re.compile(
    r"(asset|素材|资产)[^.。]{0,80}(not (found|exist|active|available)|does not exist|no such"
    r"|invalid|unknown|expired|不存在|无效|未通过|失效|过期)"
    r"|(invalid|unknown|no such|无效的?)[^.。]{0,20}(asset|素材|资产)",
    re.IGNORECASE,
)


def names_unknown_asset(text: str) -> bool:
    """Whether a create was refused because the provider does not know an `asset://` reference."""
    return _UNKNOWN_ASSET.search(text) is not None


def _items(answer: Answer) -> Iterator[Mapping[str, Any]]:
    items = answer.data.get("items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item


def _asset_id(item: Mapping[str, Any]) -> str:
    asset_id = item.get("asset_id")
    if not isinstance(asset_id, str):
        return ""
    bare = asset_id.strip().removeprefix("asset://")
    return bare if 0 < len(bare) <= MOST_ID and bare.isprintable() and " " not in bare else ""
