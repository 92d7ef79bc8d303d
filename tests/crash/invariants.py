"""What must be so when everything has come to rest; each line says what is not."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator

from bot.demo.provider.tasks import Task
from bot.services.quotas.limits import MICROS
from storage.engine.transaction import Row
from storage.quotas import ledger_check
from storage.quotas.refund_rules import EXPIRED
from storage.records import ENDS, MessageKind, OutboxState, Request, State
from tests.crash.stage import RESTS, Stage
from tests.support.discord.records import Message

BUSY = re.compile(r"\d{1,3} ?%")
SURE = frozenset({"refused"})
"""By these answers the provider surely took nothing, so that a request may be sent again."""


async def broken_promises(stage: Stage) -> list[str]:
    """Everything that is wrong on this stage."""
    rows = await stage.requests()
    found = [*_taken_in(stage, rows)]
    for request in rows:
        found += [
            f"{request.id} ({_video_request(request)}): {wrong}" for wrong in _paid(stage, request)
        ]
        found += [
            f"{request.id} ({_video_request(request)}): {wrong}" for wrong in _told(stage, request)
        ]
    found += [wrong async for wrong in _booked(stage)]
    found += [wrong async for wrong in _billed(stage, rows)]
    found += await _recorded(stage)
    found += [
        f"Discord forbids {call.route}: {call.problems}" for call in stage.discord.invalid_calls()
    ]
    return found


def _video_request(request: Request) -> str:
    match = re.search(r'"prompt": ?"([^"]*)"', request.spec)
    return match[1] if match else "?"


def _taken_in(stage: Stage, rows: list[Request]) -> Iterator[str]:
    known = {row.id for row in rows}
    per_interaction = Counter(row.interaction_id for row in rows)
    for number, count in per_interaction.items():
        if count > 1:
            yield f"interaction {number} made {count} requests"
    for asked in stage.asked:
        shown = re.findall(r"`([a-z0-9]{6,20})`", asked.text)
        if shown and not known & set(shown):
            yield f"interaction {asked.id} was told of {shown}, which is not recorded"


def _paid(stage: Stage, request: Request) -> Iterator[str]:
    if request.shots:
        # its shots are paid
        return
    prompt = _video_request(request)
    billed = [task for task in stage.provider.tasks.values() if task.body["prompt"] == prompt]
    if len(billed) > 1:
        yield f"paid {len(billed)} times"
    met = stage.fates[prompt].creates
    if any(answer not in SURE for answer in met[:-1]):
        yield f"sent again although it may have been taken: {met}"
    if request.state is State.POSTED and not billed:
        yield "posted and never made"


def _told(stage: Stage, request: Request) -> Iterator[str]:
    videos, cards, notices = _messages(stage, request.id)
    if request.state not in RESTS:
        yield f"left in {request.state}, due {request.due_at_ms}"
        return
    if request.series_of:
        if any(mine for mine in (videos, cards, notices)):
            yield "is a shot and shows by itself"
        return
    if len(videos) != (request.state is State.POSTED):
        yield f"is {request.state} and was posted {len(videos)} times"
    if request.state is State.POSTED and cards:
        yield f"is posted and {len(cards)} cards stand"
    for card in cards:
        if BUSY.search(card.content.split("\n")[0]) or card.components:
            yield f"is {request.state} and its card still looks busy: {card.content[:80]!r}"
    if request.state in (State.FAILED, State.UNCERTAIN):
        mine = [message for message in notices if request.user_id in message.pinged]
        if not mine:
            yield f"is {request.state} and its requester was not told"
        if len(mine) > 1 and request.state is State.UNCERTAIN:
            yield f"was told {len(mine)} times"
        if request.state is State.UNCERTAIN and not any("uncertain" in m.content for m in mine):
            yield "was told without the word"


def _messages(stage: Stage, request_id: str) -> tuple[list[Message], list[Message], list[Message]]:
    """The messages that stand for a request: videos (or links to one), cards, notices."""
    mine = [m for m in stage.discord.messages() if f"`{request_id}`" in m.content]
    videos = [m for m in mine if _has_video(m, request_id)]
    notices = [m for m in mine if f"-# `{request_id}`" in m.content.split("\n")]
    # of a series under way, which may be told of several stops
    stops = [m for m in mine if _is_of_a_stop(m, request_id)]
    elsewhere = {m.id for m in (*videos, *notices, *stops)}
    cards = [m for m in mine if m.id not in elsewhere and m.channel_id != stage.log_channel.id]
    return videos, cards, notices


def _is_of_a_stop(message: Message, request_id: str) -> bool:
    last = message.content.split("\n")[-1]
    return last.startswith("-# ") and last.endswith(f" `{request_id}`") and " · " not in last


def _has_video(message: Message, request_id: str) -> bool:
    by_file = any(file.filename == f"{request_id}.mp4" for file in message.attachments)
    return by_file or "/results/" in message.content


async def _booked(stage: Stage) -> AsyncIterator[str]:
    """The ledger: two accounts a request, closed with its end, their sums as its state says."""
    async with stage.database.reading() as tx:
        entries = await tx.fetch_all("SELECT * FROM ledger")
        states = await tx.fetch_all(
            "SELECT id, state, failure, intent_at_ms, is_unbilled FROM requests WHERE shots = 0"
        )
        given_up = await tx.fetch_all(
            "SELECT request_id FROM events WHERE from_state = 'draft' AND to_state = 'cancelled'"
        )
        for difference in await ledger_check.differences(tx):
            yield f"{difference.request_id}: {difference.problem}"
    unconfirmed = {row["request_id"] for row in given_up}
    if any(entry["request_id"] in unconfirmed for entry in entries):
        yield "something was booked for a draft that nobody confirmed"
    for row in (row for row in states if row["id"] not in unconfirmed):
        for account in ("count", "cost"):
            mine = [e for e in entries if e["request_id"] == row["id"] and e["account"] == account]
            kinds = sorted(entry["kind"] for entry in mine)
            is_over = row["state"] in ENDS
            if kinds.count("reserve") != 1 or (is_over and len(kinds) < 2):
                yield f"{row['id']} is {row['state']} and its {account} is {kinds}"
            total = sum(entry["videos"] for entry in mine)
            if account == "cost":
                is_kept = not is_over or (row["intent_at_ms"] and not row["is_unbilled"])
                if total != int(bool(is_kept)):
                    yield f"{row['id']} is {row['state']} with a cost that is {kinds}"
            elif total != (0 if "release" in kinds else 1):
                yield f"{row['id']}: its {account} sums up to {total} with {kinds}"
            is_expired = any(entry["reason"] == EXPIRED for entry in mine)
            if account != "count" or not is_over or is_expired:
                continue
            if _comes_back(row) is ("settle" in kinds):
                yield f"{row['id']} is {row['state']} {row['failure']} with a count that is {kinds}"


async def _billed(stage: Stage, rows: list[Request]) -> AsyncIterator[str]:
    """To the coin: what is booked for a request is what the provider bills for its task.

    Only of a request whose task nobody knows, its answer being lost, the price is booked.
    """
    bill = stage.provider.bill
    async with stage.database.reading() as tx:
        entries = await tx.fetch_all("SELECT * FROM ledger WHERE account = 'cost'")
    booked: Counter[str] = Counter()
    for entry in entries:
        booked[entry["request_id"]] += entry["cost_micros"]
    owed: Counter[str] = Counter()
    for row in rows:
        if row.shots:
            # what it is made of is billed
            continue
        tasks = [t.id for t in stage.provider.tasks.values() if _video_request(row) == _asked(t)]
        owed[row.id] = int(sum(bill[task_id] for task_id in tasks) * MICROS)
        if row.intent_at_ms and not row.task_id:
            owed[row.id] = row.cost_micros or 0
        if booked[row.id] != owed[row.id]:
            yield (
                f"{row.id} is {row.state} with {booked[row.id]} booked, and {owed[row.id]} billed"
            )
    if sum(booked.values()) != sum(owed.values()):
        yield f"the ledger has {sum(booked.values())}, the bill {sum(owed.values())}"


def _asked(task: Task) -> str:
    return str(task.body["prompt"])


def _comes_back(row: Row) -> bool | None:
    """Whether the member gets the count of an ended request back; None where that depends."""
    if row["state"] == State.POSTED or row["failure"] == "undeliverable":
        return False
    if row["state"] == State.FAILED:
        return None if row["failure"].startswith("content") else True
    if row["intent_at_ms"] == 0:
        return True
    return False if row["state"] == State.CANCELLED else None


async def _recorded(stage: Stage) -> list[str]:
    """No message is left owed, and what is recorded as sent was sent."""
    found = []
    for message in await stage.messages():
        if message.state is OutboxState.PENDING:
            found.append(f"{message.id} is still owed after {message.attempt} tries")
        if message.state is OutboxState.SENT and message.kind is MessageKind.RESULT:
            channel = stage.discord.world.channels.get(message.sent_channel_id)
            if channel is None or message.message_id not in channel.messages:
                found.append(f"{message.id} is recorded at a place where it does not stand")
    return found
