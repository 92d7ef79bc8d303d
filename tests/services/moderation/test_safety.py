"""What follows from a check, by the services and both databases."""

from dataclasses import replace

import pytest

from bot.errors import NotAllowed
from bot.services.moderation.decision_effects import expire
from bot.services.moderation.review_lifecycle import after_rendering
from bot.services.moderation.reviews import Verdict
from bot.services.moderation.safety import hold_checked_inputs, record_check
from bot.services.privacy.erasure import erase_old
from bot.services.requests.drafts import DraftService
from bot.services.server_settings import read_settings
from bot.services.stats.usage_report import FlaggedBand, UsageReportService
from storage.moderation import reviews, safety_checks
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import Outcome, SafetyCheck
from storage.records import MessageKind, Request, State
from storage.requests import outbox, requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import DAY_MS, GUILD, PICTURE, Counter, caller, moderator

FINDINGS = '[{"label": "explicit", "score": 97, "position": 0, "at_ms": -1}]'


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter()
    await opened.configure(review_channel=77, log_channel=78)
    return opened


async def checked(
    counter: Counter,
    request: Request,
    outcome: Outcome,
    stage: Stage = Stage.PROMPT,
    *,
    score: int = 97,
) -> None:
    check = SafetyCheck(
        request.id, stage, GUILD, "nudenet", "digest", outcome, counter.now_ms, score, FINDINGS
    )
    async with counter.database.transaction() as tx:
        await record_check(tx, await read_settings(tx, GUILD), check, counter.now_ms)


async def settle(counter: Counter, request: Request) -> Request:
    async with counter.database.transaction() as tx:
        return await hold_checked_inputs(tx, request, counter.now_ms)


async def why(counter: Counter, request: Request) -> list[str]:
    async with counter.database.reading() as tx:
        return [each.why for each in await reviews.of_request(tx, request.id)]


async def rendered(counter: Counter) -> Request:
    request = (await counter.ask()).request
    async with counter.database.transaction() as tx:
        for target in (State.SUBMITTING, State.RUNNING, State.RENDERED):
            request = await requests.move(
                tx, request.id, source=request.state, target=target, now_ms=1, intent_at_ms=1
            )
    return request


async def logged(counter: Counter) -> int:
    async with counter.database.reading() as tx:
        rows = await tx.fetch_all("SELECT id FROM outbox WHERE kind = 'log'")
    return len([row for row in rows if "safety-check-down" in row["id"]])


@pytest.mark.parametrize(
    ("outcome", "channel", "state", "reasons"),
    [
        (Outcome.CLEAR, 77, State.QUEUED, []),
        (Outcome.FLAGGED, 77, State.HELD, ["flagged"]),
        (Outcome.UNANSWERED, 77, State.HELD, ["unchecked"]),
        (Outcome.FLAGGED, None, State.FAILED, []),
        (Outcome.UNANSWERED, None, State.QUEUED, []),
    ],
)
async def test_pictures(
    counter: Counter, outcome: Outcome, channel: int | None, state: State, reasons: list[str]
) -> None:
    await counter.configure(review_channel=channel)
    request = (await counter.ask()).request
    await checked(counter, request, outcome)
    assert (await settle(counter, request)).state is state
    assert await why(counter, request) == reasons
    assert await counter.differences() == []


@pytest.mark.parametrize(
    ("outcome", "channel", "state"),
    [
        (Outcome.CLEAR, 77, State.RENDERED),
        (Outcome.FLAGGED, 77, State.REVIEWING),
        (Outcome.UNANSWERED, 77, State.REVIEWING),
        (Outcome.FLAGGED, None, State.FAILED),
        (Outcome.UNANSWERED, None, State.RENDERED),
    ],
)
async def test_results(
    counter: Counter, outcome: Outcome, channel: int | None, state: State
) -> None:
    await counter.configure(review_channel=channel)
    request = await rendered(counter)
    await checked(counter, request, outcome, Stage.RESULT)
    async with counter.database.transaction() as tx:
        settled = await after_rendering(tx, request, counter.now_ms)
        messages = await outbox.of_request(tx, request.id)
    assert settled.state is state
    is_posted = any(message.kind is MessageKind.RESULT for message in messages)
    assert is_posted == (state is State.RENDERED)


async def test_without_hold_flagged_nothing_is_held(counter: Counter) -> None:
    request = (await counter.ask()).request
    await checked(counter, request, Outcome.FLAGGED)
    await counter.configure(hold_flagged=False)
    assert (await settle(counter, request)).state is State.QUEUED


async def test_what_a_moderator_passed_is_not_held_again(counter: Counter) -> None:
    request = (await counter.ask()).request
    await checked(counter, request, Outcome.FLAGGED)
    held = await settle(counter, request)
    await counter.reviews.decide(moderator(), held.id, 1, Verdict.APPROVE)
    passed = await counter.request(held.id)
    assert passed.state is State.QUEUED
    assert (await settle(counter, passed)).state is State.QUEUED


async def test_what_is_held_already_gets_the_reason_once(counter: Counter) -> None:
    await counter.configure(review="prompt")
    request = (await counter.ask()).request
    await checked(counter, request, Outcome.FLAGGED)
    for _ in range(2):
        await settle(counter, request)
    assert await why(counter, request) == ["mode,flagged"]


async def test_a_draft_is_decided_on_when_it_is_confirmed(counter: Counter) -> None:
    await counter.configure(confirm_above="0.10")
    drafts = [(await counter.ask()).request for _ in range(2)]
    for draft in drafts:
        await checked(counter, draft, Outcome.FLAGGED)
        assert (await settle(counter, draft)).state is State.DRAFT
    shown = drafts[0].cost_micros or 0
    receipt = await counter.drafts.confirm(caller(), drafts[0].id, shown_micros=shown)
    assert receipt.request.state is State.HELD
    assert await why(counter, drafts[0]) == ["flagged"]
    await counter.configure(review_channel=None)
    with pytest.raises(NotAllowed):
        await counter.drafts.confirm(caller(), drafts[1].id, shown_micros=shown)


async def test_the_files_of_an_unchecked_draft_are_fetched_again_and_so_checked(
    counter: Counter,
) -> None:
    await counter.configure(confirm_above="0.10")
    services = DraftService(
        counter.database,
        counter.admission,
        counter.quotas,
        clock=lambda: counter.now_ms,
        wakeup=lambda: None,
        has_safety_check=True,
    )
    for is_checked in (True, False):
        draft = (await counter.ask(media=(PICTURE,))).request
        assert draft.state is State.DRAFT
        async with counter.database.transaction() as tx:
            await requests.note(tx, draft.id, source=State.DRAFT, owner=None, prepared_at_ms=1)
        if is_checked:
            await checked(counter, draft, Outcome.CLEAR)
        shown = draft.cost_micros or 0
        receipt = await services.confirm(caller(), draft.id, shown_micros=shown)
        assert receipt.request.state is State.QUEUED
        assert bool(receipt.request.prepared_at_ms) == is_checked


def test_an_answer_is_one_about_these_files_by_this_checker() -> None:
    check = SafetyCheck("r", Stage.PROMPT, GUILD, "nudenet", "one", Outcome.CLEAR, 1)
    assert check.is_answer_to("one", "nudenet")
    assert not check.is_answer_to("other", "nudenet")
    assert not check.is_answer_to("one", "http:1")
    assert not replace(check, outcome=Outcome.UNANSWERED).is_answer_to("one", "nudenet")


async def test_an_outage_is_told_once_until_the_check_answers(counter: Counter) -> None:
    outcomes = [Outcome.UNANSWERED, Outcome.UNANSWERED, Outcome.CLEAR, Outcome.UNANSWERED]
    told = []
    for outcome in outcomes:
        counter.now_ms += 1000
        await checked(counter, (await counter.ask()).request, outcome)
        told.append(await logged(counter))
    assert told == [1, 1, 1, 2]


async def test_the_report_says_how_often_moderators_agreed(counter: Counter) -> None:
    for score, verdict in ((65, Verdict.APPROVE), (100, Verdict.REJECT), (91, Verdict.SPOILER)):
        request = (await counter.ask()).request
        await checked(counter, request, Outcome.FLAGGED, score=score)
        await settle(counter, request)
        await counter.reviews.decide(moderator(), request.id, 1, verdict)
    still_open = (await counter.ask()).request
    await checked(counter, still_open, Outcome.FLAGGED)
    await settle(counter, still_open)
    late = (await counter.ask()).request
    await checked(counter, late, Outcome.FLAGGED)
    await settle(counter, late)
    async with counter.database.transaction() as tx:
        review = (await reviews.of_request(tx, late.id))[0]
        assert await expire(tx, review, counter.now_ms)
    service = UsageReportService(
        counter.database, clock=lambda: counter.now_ms, currency="", has_prices=lambda: False
    )
    report = await service.report(moderator(), 7)
    assert report.flagged == (FlaggedBand(60, 69, 1, 0), FlaggedBand(90, 100, 2, 1))


async def test_what_was_seen_goes_with_the_request(counter: Counter) -> None:
    request = (await counter.ask()).request
    await checked(counter, request, Outcome.FLAGGED)
    await counter.configure(review_channel=None)
    await settle(counter, request)
    counter.now_ms += 40 * DAY_MS
    await erase_old(counter.database, GUILD, before_ms=counter.now_ms, clock=lambda: counter.now_ms)
    async with counter.database.reading() as tx:
        check = await safety_checks.get(tx, request.id, Stage.PROMPT)
    assert check is not None
    assert (check.digest, check.flagged, check.top_score) == ("", (), 97)
