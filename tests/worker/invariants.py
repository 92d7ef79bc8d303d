"""What must be so of every request when everything has come to rest."""

from bot.worker.outbox.progress_cards import BATCH
from storage.quotas.ledger_records import Account, EntryKind
from storage.records import ENDS, MessageKind, OutboxState, State
from storage.requests import outbox
from storage.requests.legal_moves import LEGAL_MOVES
from tests.worker.fakes import SURE
from tests.worker.worker_harness import WorkerHarness

RESTS = ENDS | {State.UNCERTAIN}


async def promises_kept(harness: WorkerHarness) -> None:
    """Raises: AssertionError with what is wrong."""
    for request in await harness.all():
        assert request.state in RESTS, f"{request.id} is left in {request.state}"
        sent = [create for create in harness.provider.creates if create.prompt in request.spec]
        taken = [create.outcome not in SURE for create in sent]
        assert sum(taken) <= 1, f"{request.id} was sent {sum(taken)} times: {sent}"
        assert not any(taken[:-1]), f"{request.id} was sent again: {sent}"
        await _told(harness, request.id, request.state)
        await _booked(harness, request.id, request.state)
        await _moved_legally(harness, request.id)
    async with harness.database.reading() as tx:
        assert not await outbox.cards_behind(tx, harness.now_ms, limit=BATCH)


async def _told(harness: WorkerHarness, request_id: str, state: State) -> None:
    videos = harness.messenger.standing(MessageKind.RESULT, request_id)
    assert len(videos) <= 1, f"{request_id} was posted {len(videos)} times"
    messages = await harness.messages(request_id)
    left = [message.id for message in messages.values() if message.state is OutboxState.PENDING]
    assert not left, f"{left} are still owed"
    if state is State.POSTED:
        result = messages[f"{request_id}:result"]
        ever = [each for each in harness.messenger.messages if each.outbox_id == result.id]
        assert ever or result.state is OutboxState.UNKNOWN, f"{request_id} is posted nowhere"
        is_told = True
    else:
        about = f"{request_id}:notice:{state}"
        notices = [message for message in messages.values() if message.id.startswith(about)]
        assert notices, f"nobody was told that {request_id} is {state}"
        is_told = notices[-1].state is OutboxState.SENT
    for card in harness.messenger.standing(MessageKind.CARD, request_id):
        record = messages[card.outbox_id]
        is_known = record.state is OutboxState.SENT
        assert not is_known or card.shows == state, f"{card} is frozen, it is {state}"
        assert not is_told or not is_known, f"{card} should be gone"


async def _booked(harness: WorkerHarness, request_id: str, state: State) -> None:
    entries = await harness.entries(request_id)
    for account in Account:
        kinds = {entry.kind for entry in entries if entry.account is account}
        assert EntryKind.RESERVE in kinds
        if state in ENDS:
            assert len(kinds) > 1, f"{request_id} ended with its {account} open"
        total = sum(entry.videos for entry in entries if entry.account is account)
        assert total == (0 if EntryKind.RELEASE in kinds else 1)
    sent = [
        create for create in harness.provider.creates if create.prompt == _video_request(request_id)
    ]
    kinds = {entry.kind for entry in entries if entry.account is Account.COST}
    if any(create.outcome not in SURE for create in sent):
        assert EntryKind.RELEASE not in kinds, f"{request_id} may be billed and is not booked"
    elif state in ENDS and sent and not harness.deaths:
        # a refusal that only a dead process heard is nobody's knowledge
        assert EntryKind.RELEASE in kinds, f"{request_id} is booked and was never taken"


def _video_request(request_id: str) -> str:
    return f"wish {int(request_id.removeprefix('request'))}"


async def _moved_legally(harness: WorkerHarness, request_id: str) -> None:
    async with harness.database.reading() as tx:
        rows = await tx.fetch_all(
            "SELECT from_state, to_state FROM events WHERE request_id = :id AND action = 'moved'"
            " ORDER BY id",
            {"id": request_id},
        )
    before = State.QUEUED
    for row in rows:
        assert row["from_state"] == before
        assert State(row["to_state"]) in LEGAL_MOVES[before]
        before = State(row["to_state"])
