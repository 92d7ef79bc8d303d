"""Client of the Seedance API; error classes say whether a call may have billed."""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final
from urllib.parse import quote

import aiohttp
import yarl

from bot.provider.assets import (
    STATUS_PATH,
    SUBMIT_PATH,
    AssetBatch,
    Verdict,
    read_batch,
    read_verdicts,
    submit_body,
)
from bot.provider.errors import (
    ProviderContract,
    ProviderKeyRefused,
    ProviderMisaddressed,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
    UploadPathMissing,
    UploadUnavailable,
)
from bot.provider.exchange import Exchange, NoReply, Observe, Reply, open_session, retry_after_s
from bot.provider.prices import PRICE_LIST_PATH, ListedPrice, listed_prices
from bot.provider.refusals import is_key_refused, is_not_the_api, proves_no_task
from bot.provider.reply_errors import ReplyErrors
from bot.provider.wire import (
    Balance,
    CreatedTask,
    TaskStatus,
    TaskView,
    account_balance,
    key_balance,
    says_no_such_task,
    task_view,
    uploaded_url,
)
from bot.rules.media import MediaKind

logger = logging.getLogger(__name__)

__all__ = ["SeedanceClient", "open_session"]

CREATE_PATH: Final = "/api/open-api/v1/seedance/videos"
QUERY_PATH: Final = "/api/open-api/v1/videos/"
UPLOAD_PATH: Final = "/api/open-api/v1/files/upload"
USER_BALANCE_PATH: Final = "/api/open-api/v1/user/balance"
KEY_BALANCE_PATH: Final = "/api/open-api/v1/key/balance"

_CALLS: Final = {
    CREATE_PATH: "create",
    UPLOAD_PATH: "upload",
    USER_BALANCE_PATH: "balance",
    KEY_BALANCE_PATH: "balance",
    SUBMIT_PATH: "submit-assets",
    STATUS_PATH: "asset-status",
    PRICE_LIST_PATH: "prices",
}

MAX_UNKNOWN_STATUSES: Final = 100
"""Unknown statuses logged at most; a provider that invents them must not fill the log."""


def call_name(path: str) -> str:
    """A call's name for metrics, from a short list: paths hold task ids."""
    return _CALLS.get(path, "query")


class SeedanceClient:
    """Calls the provider; never retries a call by itself.

    Time-outs in seconds: connecting includes pool wait, DNS and TLS; the others bound a whole call.
    The key appears in no error, log line or repr.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        api_key: str,
        *,
        connect_timeout_s: float = 10.0,
        create_timeout_s: float = 60.0,
        query_timeout_s: float = 10.0,
        upload_timeout_s: float = 120.0,
        review_timeout_s: float = 30.0,
        observe: Observe | None = None,
    ) -> None:
        self._host = yarl.URL(base_url).host
        self._key = api_key.strip()
        self._errors = ReplyErrors((self._key,))
        self._exchange = Exchange(session, base_url, self._key, connect_timeout_s, observe)
        self._create_timeout_s = create_timeout_s
        self._query_timeout_s = query_timeout_s
        self._upload_timeout_s = upload_timeout_s
        self._review_timeout_s = review_timeout_s
        self._unknown_statuses: set[str] = set()

    def __repr__(self) -> str:
        return f"<SeedanceClient {self._host}>"

    async def create(self, body: Mapping[str, object]) -> CreatedTask:
        """Start one video and return its task id and cost. May bill; never retried here.

        Raises: ProviderUnavailable (never sent), ProviderMisaddressed, ProviderThrottled,
        ProviderRejected, ProviderKeyRefused, ProviderOutOfMoney (after all of these no task
        exists), and SubmissionUncertain when a task may exist.
        """
        reply = await self._exchange.call(
            "POST", CREATE_PATH, self._create_timeout_s, json=dict(body)
        )
        if isinstance(reply, NoReply):
            if reply.never_sent:
                raise ProviderUnavailable(reply.reason)
            raise SubmissionUncertain(reply.reason)
        if reply.status == 429:
            raise ProviderThrottled(retry_after_s(reply.headers))
        task_id = reply.answer.task_id if reply.answer else ""
        cost = reply.answer.task.cost if reply.answer else None
        if reply.is_ok and reply.answer and reply.answer.is_success and task_id:
            return CreatedTask(task_id, cost)
        # an error that names a task or a cost contradicts itself
        if task_id or cost or not proves_no_task(reply):
            raise self._errors.uncertain(reply, task_id)
        if is_not_the_api(reply):
            raise self._errors.error(ProviderMisaddressed, reply)
        raise self._errors.refusal(reply)

    async def query(self, task_id: str) -> TaskView:
        """Query a task once; safe to repeat, and no error of it fails the task.

        Raises: ProviderUnavailable, ProviderThrottled, ProviderKeyRefused, ProviderContract.
        """
        segment = quote(task_id, safe="")
        if not segment.strip("."):
            # a segment of dots would be resolved as a relative path
            segment = segment.replace(".", "%2E")
        reply = await self._get(QUERY_PATH + segment)
        if is_key_refused(reply):
            raise self._errors.error(ProviderKeyRefused, reply)
        if reply.answer and reply.status < 500:
            view = task_view(reply.answer, task_id, (self._key,))
            if view and (reply.is_ok or view.status is not TaskStatus.UNKNOWN):
                self._report_unknown_status(view.unknown_word)
                return view
            if not reply.is_ok and says_no_such_task(reply.answer):
                return TaskView(TaskStatus.MISSING, text=self._errors.text(reply))
        if reply.is_ok and (reply.answer is None or reply.answer.is_success):
            raise self._errors.error(ProviderContract, reply)
        raise self._errors.error(ProviderUnavailable, reply)

    def _report_unknown_status(self, word: str) -> None:
        """Log each unknown status once; polling continues."""
        if (
            not word
            or word in self._unknown_statuses
            or len(self._unknown_statuses) >= MAX_UNKNOWN_STATUSES
        ):
            return
        self._unknown_statuses.add(word)
        logger.warning(
            "The provider gives a task a status that is not known",
            extra={"action": "task.status-unknown", "status": word},
        )

    async def upload(self, path: Path, *, filename: str, content_type: str) -> str:
        """Upload a file, streamed from disk, and return the provider's link to it.

        The link may be signed and lives about 3 days. At most 100 MB. Bills nothing and may be
        retried. Raises: UploadUnavailable, UploadPathMissing (404),
        ProviderThrottled, ProviderRejected, ProviderKeyRefused, ProviderOutOfMoney,
        ProviderContract, and OSError if the file can't be opened.
        """
        source = await asyncio.to_thread(path.open, "rb")
        try:
            form = aiohttp.FormData()
            safe_name = re.sub(r"[^A-Za-z0-9._-]", "_", filename)[-80:] or "file"
            form.add_field("file", source, filename=safe_name, content_type=content_type)
            reply = await self._exchange.call(
                "POST", UPLOAD_PATH, self._upload_timeout_s, data=form
            )
        finally:
            source.close()
        if isinstance(reply, NoReply):
            raise UploadUnavailable(reply.reason)
        if reply.status in {404, 405}:
            raise self._errors.error(UploadPathMissing, reply)
        url = uploaded_url(self._errors.require_success(reply, UploadUnavailable))
        if not url:
            raise self._errors.error(ProviderContract, reply)
        return url

    async def submit_assets(self, files: Sequence[tuple[MediaKind, str]]) -> AssetBatch:
        """Submit links to the asset review and return the id of each one that was taken.

        Bills nothing and may be retried. No two links may be alike. Raises: ProviderUnavailable
        (never sent), SubmissionUncertain (it may have arrived), ProviderThrottled,
        ProviderRejected, ProviderKeyRefused, ProviderOutOfMoney, ProviderContract.
        """
        reply = await self._exchange.call(
            "POST", SUBMIT_PATH, self._review_timeout_s, json=submit_body(files)
        )
        if isinstance(reply, NoReply):
            lost = ProviderUnavailable if reply.never_sent else SubmissionUncertain
            raise lost(reply.reason)
        if reply.status >= 500:
            raise self._errors.error(SubmissionUncertain, reply)
        answer = self._errors.require_success(reply, ProviderUnavailable)
        return read_batch(answer, [url for _, url in files])

    async def asset_verdicts(self, asset_ids: Sequence[str]) -> dict[str, Verdict]:
        """Ask for the verdicts of many ids at once; an id that can't be looked up is left out.

        Raises: as `submit_assets`; no error of it is a verdict.
        """
        body = {"asset_ids": list(asset_ids)}
        reply = await self._call_json("POST", STATUS_PATH, body)
        if reply.status in {404, 405}:
            # another client of this API makes this call with GET
            reply = await self._call_json("GET", STATUS_PATH, body)
        return read_verdicts(self._errors.require_success(reply, ProviderUnavailable), asset_ids)

    async def _call_json(self, method: str, path: str, body: Mapping[str, object]) -> Reply:
        reply = await self._exchange.call(method, path, self._review_timeout_s, json=dict(body))
        if isinstance(reply, NoReply):
            raise ProviderUnavailable(reply.reason)
        return reply

    async def balance(self) -> Balance:
        """Account balance; falls back to the key's balance where that call is missing.

        Raises: ProviderUnavailable, ProviderThrottled, ProviderRejected, ProviderKeyRefused,
        ProviderOutOfMoney, ProviderContract.
        """
        reply = await self._get(USER_BALANCE_PATH)
        if reply.status == 404:
            return await self.key_balance()
        return account_balance(self._errors.require_success(reply, ProviderUnavailable))

    async def key_balance(self) -> Balance:
        """Remaining balance of this key. Raises: as `balance`."""
        reply = await self._get(KEY_BALANCE_PATH)
        return key_balance(self._errors.require_success(reply, ProviderUnavailable))

    async def key_used(self) -> Decimal | None:
        """What this key has used in all, in the provider's unit; None if the provider can't say.

        Raises: as `balance`.
        """
        reply = await self._get(KEY_BALANCE_PATH)
        if reply.status in {404, 405}:
            return None
        return key_balance(self._errors.require_success(reply, ProviderUnavailable)).used

    async def price_list(self) -> Sequence[ListedPrice]:
        """The provider's public prices of Seedance models; asked for without the key.

        Raises: ProviderUnavailable, ProviderThrottled, ProviderContract.
        """
        found = await self._listed("seedance")
        if not any(price.model_name.startswith("sd2") for price in found):
            # the search may look at names alone, and Full models have names of their own
            found = (*found, *await self._listed("sd2"))
        return found

    async def _listed(self, search: str) -> Sequence[ListedPrice]:
        reply = await self._get(f"{PRICE_LIST_PATH}?search={search}", with_key=False)
        # without a key nothing can be said of the key
        if not reply.is_ok or not (reply.answer is None or reply.answer.is_success):
            raise self._errors.error(ProviderUnavailable, reply)
        prices = listed_prices(reply.answer) if reply.answer else None
        if prices is None:
            raise self._errors.error(ProviderContract, reply)
        return prices

    async def _get(self, path: str, *, with_key: bool = True) -> Reply:
        reply = await self._exchange.call("GET", path, self._query_timeout_s, with_key=with_key)
        if isinstance(reply, NoReply):
            raise ProviderUnavailable(reply.reason)
        if reply.status == 429:
            raise ProviderThrottled(retry_after_s(reply.headers))
        return reply
