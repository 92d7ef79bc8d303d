"""The simulated asset review over the wire: the bot's own client against the simulator."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.demo.provider.faults import CallName, Reply
from bot.demo.provider.simulator import DEFAULT_KEY, SeedanceSimulator
from bot.demo.provider.trigger_words import apply_trigger_words
from bot.provider.assets import Verdict
from bot.provider.client import SeedanceClient, open_session
from bot.provider.errors import ProviderKeyRefused, ProviderRejected
from bot.rules.media import MediaKind


@pytest.fixture
async def sim() -> AsyncIterator[SeedanceSimulator]:
    async with SeedanceSimulator() as opened:
        opened.assets.review_s = 0
        yield opened


@pytest.fixture
async def client(sim: SeedanceSimulator) -> AsyncIterator[SeedanceClient]:
    async with open_session() as session:
        yield SeedanceClient(session, sim.url, DEFAULT_KEY)


async def uploaded(client: SeedanceClient, folder: Path, colour: str) -> str:
    out = io.BytesIO()
    Image.new("RGB", (320, 320), colour).save(out, "PNG")
    path = folder / f"{colour}.png"
    path.write_bytes(out.getvalue())
    return await client.upload(path, filename=path.name, content_type="image/png")


async def test_a_red_picture_is_refused_and_others_are_active(
    sim: SeedanceSimulator, client: SeedanceClient, tmp_path: Path
) -> None:
    apply_trigger_words(sim)
    urls = [await uploaded(client, tmp_path, colour) for colour in ("red", "teal")]
    batch = await client.submit_assets([(MediaKind.IMAGE, url) for url in urls])
    ids = [batch.ids[url] for url in urls]
    verdicts = await client.asset_verdicts(ids)
    assert [verdicts[each] for each in ids] == [Verdict.REFUSED, Verdict.ACTIVE]


async def test_ids_belong_to_the_key_that_submitted_them(
    sim: SeedanceSimulator, client: SeedanceClient
) -> None:
    batch = await client.submit_assets([(MediaKind.IMAGE, "https://a.example/1.png")])
    (asset_id,) = batch.ids.values()
    sim.change_key("another")
    with pytest.raises(ProviderKeyRefused):
        await client.asset_verdicts([asset_id])
    async with open_session() as session:
        other = SeedanceClient(session, sim.url, "another")
        assert await other.asset_verdicts([asset_id]) == {}
        body = {"model": "sd2_mx_720p", "prompt": "a", "duration": 4, "ratio": "16:9"}
        with pytest.raises(ProviderRejected):
            await other.create({**body, "images": [f"asset://{asset_id}"]})


@pytest.mark.parametrize("status", [404, 405])
async def test_a_status_call_that_is_not_there_is_tried_once_as_get(
    sim: SeedanceSimulator, client: SeedanceClient, status: int
) -> None:
    batch = await client.submit_assets([(MediaKind.IMAGE, "https://a.example/1.png")])
    (asset_id,) = batch.ids.values()
    sim.faults.next(CallName.ASSET_STATUS, Reply(status=status, body=b""))
    assert await client.asset_verdicts([asset_id]) == {asset_id: Verdict.ACTIVE}
    assert sum(call.name is CallName.ASSET_STATUS for call in sim.calls) == 2
