"""The simulated provider's asset review: ids bound to a key, delays, refusals, partial batches."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

MOST_URLS: Final = 50
_OWN_ID: Final = re.compile(r"asset-[0-9a-f]{16}")
_TYPES: Final = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}


@dataclass(slots=True)
class Asset:
    """One file under review."""

    asset_id: str
    url: str
    kind: str
    key: str
    ready_at_s: float
    is_refused: bool = False

    def status(self, now_s: float) -> str:
        """In the spelling that the provider's own description uses."""
        if now_s < self.ready_at_s:
            return "Pending"
        return "Failed" if self.is_refused else "Active"


@dataclass(slots=True)
class AssetLibrary:
    """Reviews files for keys. `takes` and `passes` decide by a file's link, and may be replaced."""

    clock: Callable[[], float]
    review_s: float = 3.0
    takes: Callable[[str], bool] = lambda _: True
    passes: Callable[[str], bool] = lambda _: True
    assets: dict[str, Asset] = field(default_factory=dict)

    def submit(self, key: str, body: object) -> Mapping[str, object] | str:
        """The answer's data, or what is wrong with the call."""
        if not isinstance(body, dict) or not set(body) <= set(_TYPES):
            return "image_urls, video_urls or audio_urls is required"
        lists: list[tuple[str, list[object]]] = [
            (kind, value)
            for name, kind in _TYPES.items()
            if isinstance(value := body.get(name), list)
        ]
        files = [(kind, url) for kind, urls in lists for url in urls]
        if (
            not files
            or len(files) > MOST_URLS
            or not all(isinstance(u, str) and u for _, u in files)
        ):
            return "image_urls, video_urls or audio_urls is required"
        taken = [self._take(key, kind, str(url)) for kind, url in files if self.takes(str(url))]
        failed = [
            {"original_url": url, "error": "download failed"}
            for _, url in files
            if not self.takes(str(url))
        ]
        return {"items": [_shown(asset, "Pending") for asset in taken], "failed_items": failed}

    def _take(self, key: str, kind: str, url: str) -> Asset:
        asset_id = f"asset-{secrets.token_hex(8)}"
        ready_at_s = self.clock() + self.review_s
        asset = Asset(asset_id, url, kind, key, ready_at_s, is_refused=not self.passes(url))
        self.assets[asset_id] = asset
        return asset

    def look_up(self, key: str, body: object) -> Mapping[str, object] | str:
        """The statuses of ids; those of another key can't be looked up."""
        ids = body.get("asset_ids") if isinstance(body, dict) else None
        if not isinstance(ids, list) or not ids:
            return "asset_ids is required"
        found = [self.assets[each] for each in ids if self._is_of(key, each)]
        failed = [
            {"asset_id": each, "error": "not found"} for each in ids if not self._is_of(key, each)
        ]
        now_s = self.clock()
        return {
            "items": [_shown(asset, asset.status(now_s)) for asset in found],
            "failed_items": failed,
        }

    def _is_of(self, key: str, asset_id: object) -> bool:
        asset = self.assets.get(asset_id) if isinstance(asset_id, str) else None
        return asset is not None and asset.key == key

    def unusable(self, key: str, links: Sequence[str]) -> list[str]:
        """The references to assets of this library that a create with this key can't use.

        Ids of another form are taken for assets that were reviewed elsewhere.
        """
        now_s = self.clock()
        ids = [link.removeprefix("asset://") for link in links if link.startswith("asset://")]
        return [
            each
            for each in ids
            if _OWN_ID.fullmatch(each)
            and (not self._is_of(key, each) or self.assets[each].status(now_s) != "Active")
        ]

    def url_of(self, link: str) -> str:
        """The file behind an `asset://` reference; other links are their own."""
        asset = self.assets.get(link.removeprefix("asset://"))
        return asset.url if asset and link.startswith("asset://") else link


def _shown(asset: Asset, status: str) -> dict[str, object]:
    return {
        "asset_id": asset.asset_id,
        "original_url": asset.url,
        "asset_type": asset.kind,
        "status": status,
    }
