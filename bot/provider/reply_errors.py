"""The error for a reply that is no success, without the key in it."""

from bot.provider.answers import BAD_PARAMETERS, SERVER_TROUBLE, Answer
from bot.provider.errors import (
    FailureKind,
    ProviderContract,
    ProviderError,
    ProviderKeyRefused,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
    classify,
    scrub,
)
from bot.provider.exchange import Reply, retry_after_s
from bot.provider.refusals import is_key_refused


class ReplyErrors:
    """Builds the errors of one client; `secrets` appear in none of them."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    def require_success(self, reply: Reply, trouble: type[ProviderUnavailable]) -> Answer:
        """The answer of a call that creates no task; raises what its failure means."""
        if reply.status == 429:
            raise ProviderThrottled(retry_after_s(reply.headers))
        if is_key_refused(reply):
            raise self.error(ProviderKeyRefused, reply)
        if reply.status >= 500 or reply.code == SERVER_TROUBLE:
            raise self.error(trouble, reply)
        if not reply.is_ok or not (reply.answer is None or reply.answer.is_success):
            raise self.refusal(reply)
        if reply.answer is None:
            raise self.error(ProviderContract, reply)
        return reply.answer

    def refusal(self, reply: Reply) -> ProviderError:
        """The error for a response that proves no task was created."""
        kind = classify(reply.text)
        if reply.code == "429":
            return ProviderThrottled(retry_after_s(reply.headers))
        if is_key_refused(reply):
            return self.error(ProviderKeyRefused, reply)
        if kind is FailureKind.MONEY or (reply.status == 402 and kind is FailureKind.UNKNOWN):
            return self.error(ProviderOutOfMoney, reply)
        if reply.code == BAD_PARAMETERS and kind is FailureKind.UNKNOWN:
            kind = FailureKind.PARAMETERS
        is_coded = reply.answer is not None and not reply.answer.is_success
        code = self._code(reply) if is_coded else f"http-{reply.status}"
        return ProviderRejected(code, self.text(reply), kind)

    def uncertain(self, reply: Reply, task_id: str) -> SubmissionUncertain:
        """The error for a create's response after which a task may exist."""
        return SubmissionUncertain(self._describe(reply), text=self.text(reply), task_id=task_id)

    def error(self, kind: type[ProviderError], reply: Reply) -> ProviderError:
        """An error of this class with the reply's status, code and message."""
        return kind(self._describe(reply), text=self.text(reply))

    def text(self, reply: Reply) -> str:
        """The provider's message without links and secrets."""
        return scrub(reply.text, self._secrets)

    def _describe(self, reply: Reply) -> str:
        if reply.answer is None:
            return f"HTTP {reply.status} without a readable body"
        return f"HTTP {reply.status}, code {self._code(reply) or 'none'}"

    def _code(self, reply: Reply) -> str:
        return scrub(reply.code, self._secrets)[:40]
