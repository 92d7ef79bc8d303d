"""Full models take plain files: the provider reviews each file, and a create names its asset."""

import asyncio
from typing import Any

import pytest

from bot.demo.provider.faults import Call, CallName, Delay, Drop, Refuse, Reply, Throttle
from storage.quotas.ledger_records import Account
from storage.records import Request, State
from tests.flow.fast_forward import Flow
from tests.flow.operations.owned import sums
from tests.flow.quotas.test_quotas import differences
from tests.support.bot_env import picture
from tests.support.dialects import on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Upload

FULL = "sd2_mx_720p"


@pytest.fixture(autouse=True)
def quick(flow: Flow) -> None:
    """The provider has its verdict at once; when it is asked for is the bot's matter."""
    flow.bot_env.provider.assets.review_s = 0


async def ask(flow: Flow, *pictures: Upload, model: str = FULL, **options: Any) -> None:
    files = {f"image{place}": file for place, file in enumerate(pictures, 1)}
    asked = await flow.bot_env.create(model=model, files=files, **options)
    await asked.wait_shown()


async def ask_frames(flow: Flow, **options: Any) -> Interaction:
    bot_env = flow.bot_env
    chosen = {"prompt": "the tide comes in", **options}
    return await bot_env.discord.slash(
        bot_env.guild, bot_env.channel, bot_env.alice, "video frames", chosen
    )


def boat(colour: str = "teal") -> Upload:
    return Upload(f"boat-{colour}.png", picture(colour=colour))


def calls(flow: Flow, name: CallName) -> list[Call]:
    return [call for call in flow.bot_env.provider.calls if call.name is name]


def listed(call: Call, field: str) -> list[str]:
    """A list of a call's body."""
    value = call.body[field]
    return [str(item) for item in value] if isinstance(value, list) else []


def sent(flow: Flow) -> list[str]:
    """The picture references of every create, in order."""
    found: list[str] = []
    for call in flow.bot_env.provider.creates:
        images = call.body.get("images")
        found += images if isinstance(images, list) else []
    return found


async def failed(flow: Flow, number: int = 0) -> tuple[Request, str]:
    """The n-th request once it has failed, and the message that tells its member."""
    request = await flow.until_state(State.FAILED, number=number)
    await flow.until_quiet()
    told = [m for m in flow.bot_env.discord.messages() if request.id in m.content]
    return request, told[-1].content


async def test_a_picture_is_reviewed_and_sent_as_the_asset_that_it_became(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await ask(flow, boat("teal"), boat("salmon"))
        request = await flow.until_state(State.POSTED)
    (submitted,) = calls(flow, CallName.SUBMIT_ASSETS)
    urls = [upload.url for upload in bot_env.provider.uploads]
    assert sorted(listed(submitted, "image_urls")) == sorted(urls)
    by_url = {asset.url: asset.asset_id for asset in bot_env.provider.assets.assets.values()}
    order = [
        upload.url
        for colour in ("teal", "salmon")
        for upload in bot_env.provider.uploads
        if upload.path.read_bytes() == picture(colour=colour)
    ]
    assert sent(flow) == [f"asset://{by_url[url]}" for url in order]
    assert await sums(bot_env, request) == {Account.COUNT: 1, Account.COST: 1}


@on_sqlite
@pytest.mark.parametrize("model", ["sd2_mx_4k", "sd2_mx_video_fast_1080p"])
async def test_every_full_model_takes_frames_that_were_reviewed(flow: Flow, model: str) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        asked = await ask_frames(flow, first=boat("teal"), last=boat("navy"), model=model)
        await asked.wait_shown()
        await flow.until_state(State.POSTED)
    (create,) = bot_env.provider.creates
    assert str(create.body["first_image"]).startswith("asset://asset-")
    assert str(create.body["last_image"]).startswith("asset://asset-")


@on_sqlite
async def test_what_was_reviewed_for_this_key_is_not_reviewed_again(flow: Flow) -> None:
    bot_env = flow.bot_env
    bob = bot_env.discord.add_user("bob")
    async with flow.running():
        await ask(flow, boat())
        await flow.until_state(State.POSTED)
        asked = await bot_env.create(bob, model=FULL, files={"image1": boat()})
        await asked.wait_shown()
        await flow.until_state(State.POSTED, number=1)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 1
    assert len(bot_env.provider.uploads) == 1
    assert len(set(sent(flow))) == 1


async def test_two_who_ask_with_one_picture_at_once_have_it_reviewed_once(flow: Flow) -> None:
    bot_env = flow.bot_env
    members = [bot_env.discord.add_user(f"m{number}") for number in range(4)]
    release = asyncio.Event()
    bot_env.provider.faults.next(CallName.SUBMIT_ASSETS, Delay(release.wait))
    async with flow.running():
        asked = await asyncio.gather(
            *(bot_env.create(member, model=FULL, files={"image1": boat()}) for member in members)
        )
        for each in asked:
            await each.wait_shown()
        # everybody wants the review while the first submission is still on its way
        await bot_env.until(lambda rows: len(rows) == 4 and all(r.audit_since_ms for r in rows))
        release.set()
        await flow.until(
            lambda rows: len(rows) == 4 and all(row.state is State.POSTED for row in rows)
        )
    submitted = [
        url for call in calls(flow, CallName.SUBMIT_ASSETS) for url in listed(call, "image_urls")
    ]
    assert len(submitted) == 1
    assert len(set(sent(flow))) == 1


@on_sqlite
async def test_one_call_looks_up_all_that_is_pending(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.review_s = 10_000
    async with flow.running():
        for colour in ("teal", "navy", "salmon"):
            await ask(flow, boat(colour))
        await flow.until(lambda rows: len(bot_env.provider.assets.assets) == 3)
        before = len(calls(flow, CallName.ASSET_STATUS))
        await flow.until(lambda rows: len(calls(flow, CallName.ASSET_STATUS)) > before + 1)
        bot_env.provider.assets.review_s = 0
        for asset in bot_env.provider.assets.assets.values():
            asset.ready_at_s = 0
        await flow.until(
            lambda rows: len(rows) == 3 and all(row.state is State.POSTED for row in rows)
        )
    looked_up = listed(calls(flow, CallName.ASSET_STATUS)[-1], "asset_ids")
    assert sorted(looked_up) == sorted(bot_env.provider.assets.assets)


@on_sqlite
async def test_a_refused_picture_is_named_costs_nothing_and_counts_as_content(flow: Flow) -> None:
    bot_env = flow.bot_env
    bad = picture(colour="red")
    bot_env.provider.assets.passes = lambda url: (
        not any(
            upload.url == url and upload.path.read_bytes() == bad
            for upload in bot_env.provider.uploads
        )
    )
    async with flow.running(user_daily_videos=3):
        for number in range(3):
            await ask(flow, boat("teal"), Upload("logo.png", bad))
            request, told = await failed(flow, number)
            assert "logo.png" in told
            assert "boat" not in told
            # of what is refused for its content the first two come back
            count = 1 if number == 2 else 0
            assert await sums(bot_env, request) == {Account.COUNT: count, Account.COST: 0}
    assert not bot_env.provider.creates
    # a verdict is kept: the same file is not submitted a second time
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 1
    assert await differences(bot_env) == []


@on_sqlite
async def test_a_batch_that_is_taken_in_part_is_completed(flow: Flow) -> None:
    bot_env = flow.bot_env
    refusals = iter([False])
    bot_env.provider.assets.takes = lambda _: next(refusals, True)
    async with flow.running():
        await ask(flow, boat("teal"), boat("salmon"))
        await flow.until_state(State.POSTED)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 2
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_a_file_that_is_never_taken_is_given_up_after_three_tries(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.takes = lambda _: False
    async with flow.running():
        await ask(flow, boat())
        request, told = await failed(flow)
    assert request.failure == "audit-not-taken"
    assert "Nothing was spent" in told
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 3
    assert await sums(bot_env, request) == {Account.COUNT: 0, Account.COST: 0}


@on_sqlite
async def test_a_file_that_was_given_up_is_tried_anew_for_another_request(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.takes = lambda _: False
    async with flow.running():
        await ask(flow, boat())
        await failed(flow)
        bot_env.provider.assets.takes = lambda _: True
        await ask(flow, boat())
        await flow.until_state(State.POSTED, number=1)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 4


@on_sqlite
async def test_a_throttled_submission_is_none_of_the_three(flow: Flow) -> None:
    for _ in range(5):
        flow.bot_env.provider.faults.next(CallName.SUBMIT_ASSETS, Throttle())
    async with flow.running():
        await ask(flow, boat())
        await flow.until_state(State.POSTED)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 6


@on_sqlite
@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_lost_answer_to_a_submission_is_repeated(flow: Flow, carried_out: bool) -> None:
    bot_env = flow.bot_env
    bot_env.provider.faults.next(CallName.SUBMIT_ASSETS, Drop(carried_out=carried_out))
    async with flow.running():
        await ask(flow, boat())
        await flow.until_state(State.POSTED)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 2
    assert len(bot_env.provider.creates) == 1


@on_sqlite
@pytest.mark.parametrize("fault", [Drop(), Reply(status=503), Refuse(msg="later")])
async def test_a_look_up_that_fails_is_no_refusal(flow: Flow, fault: Any) -> None:
    for _ in range(3):
        flow.bot_env.provider.faults.next(CallName.ASSET_STATUS, fault)
    async with flow.running():
        await ask(flow, boat())
        await flow.until_state(State.POSTED)
    assert len(calls(flow, CallName.ASSET_STATUS)) == 4


@on_sqlite
async def test_a_review_that_takes_too_long_is_told_and_costs_nothing(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.review_s = 1_000_000
    async with flow.running(asset_review_minutes=10):
        await ask(flow, boat())
        waiting = await flow.until_state(State.AUDITING)
        await flow.until(lambda rows: bool(calls(flow, CallName.ASSET_STATUS)))
        request, told = await failed(flow)
    assert request.failure == "audit-too-long"
    assert request.ended_at_ms - waiting.created_at_ms >= 10 * 60_000
    assert "took too long" in told
    assert not bot_env.provider.creates
    assert await sums(bot_env, request) == {Account.COUNT: 0, Account.COST: 0}


@on_sqlite
async def test_an_asset_that_the_provider_no_longer_knows_is_reviewed_anew_once(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await ask(flow, boat())
        await flow.until_state(State.POSTED)
        bot_env.provider.assets.assets.clear()
        await ask(flow, boat())
        await flow.until_state(State.POSTED, number=1)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 2
    refused, taken = bot_env.provider.creates[1:]
    assert refused.body["images"] != taken.body["images"]
    assert len(bot_env.provider.billed) == 2


@on_sqlite
async def test_an_asset_that_stays_unknown_ends_the_request(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.faults.every("create", lambda _: Refuse(msg="asset not found: x"))
    async with flow.running():
        await ask(flow, boat())
        request, _ = await failed(flow)
    assert len(bot_env.provider.creates) == 2
    assert not bot_env.provider.billed
    assert await sums(bot_env, request) == {Account.COUNT: 0, Account.COST: 0}


@on_sqlite
async def test_another_key_reviews_everything_anew(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await ask(flow, boat())
        await flow.until_state(State.POSTED)
    bot_env.provider.change_key("another-key-0123456789")
    async with flow.running(seedance_api_key="another-key-0123456789"):
        await ask(flow, boat())
        await flow.until_state(State.POSTED, number=1)
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 2
    assert len(set(sent(flow))) == 2


@on_sqlite
async def test_a_restart_goes_on_with_the_review_that_was_begun(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.review_s = 1_000_000
    async with flow.running():
        await ask(flow, boat())
        await flow.until(lambda rows: bool(bot_env.provider.assets.assets))
        card = await flow.until_told(lambda m: "checking your files" in m.content)
    for asset in bot_env.provider.assets.assets.values():
        asset.ready_at_s = 0
    async with flow.running():
        await flow.until_state(State.POSTED)
    assert card.channel_id == bot_env.channel.id
    assert len(calls(flow, CallName.SUBMIT_ASSETS)) == 1


@on_sqlite
async def test_cancelling_while_files_are_reviewed_is_free(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.review_s = 1_000_000
    async with flow.running():
        await ask(flow, boat())
        card = await flow.until_told(lambda m: "checking your files" in m.content)
        pressed = await bot_env.discord.click(card, "Cancel", bot_env.alice)
        await pressed.wait_shown()
        request = await flow.until_state(State.CANCELLED)
    assert await sums(bot_env, request) == {Account.COUNT: 0, Account.COST: 0}
    assert not bot_env.provider.creates


@on_sqlite
@pytest.mark.parametrize(
    ("size", "allowed"),
    [((200, 200), "300–6000"), ((1600, 500), "0.4–2.5"), ((500, 1600), "0.4–2.5")],
)
async def test_a_picture_of_a_size_that_the_review_refuses_is_refused_before(
    flow: Flow, size: tuple[int, int], allowed: str
) -> None:
    width, height = size
    content = picture(width, height)
    async with flow.running():
        asked = await flow.bot_env.create(
            model=FULL, files={"image1": Upload("small.png", content, width=width, height=height)}
        )
        text = (await asked.wait_shown()).content
    assert allowed in text
    assert f"{width}×{height}" in text
    assert not flow.bot_env.provider.calls


@on_sqlite
async def test_a_last_frame_needs_a_first_one(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        asked = await ask_frames(flow, last=boat(), model=FULL)
        text = (await asked.wait_shown()).content
    assert "Add a first frame" in text
    assert not await bot_env.requests()


@on_sqlite
async def test_references_to_reviewed_assets_are_taken_as_before(flow: Flow) -> None:
    async with flow.running():
        await ask(flow, links="asset://my-own-asset")
        await flow.until_state(State.POSTED)
    assert not calls(flow, CallName.SUBMIT_ASSETS)
    assert sent(flow) == ["asset://my-own-asset"]
