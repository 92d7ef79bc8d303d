"""Provider errors and the classification of the provider's refusals."""

import re
from enum import StrEnum
from typing import ClassVar, Final

from storage.errors import BotError

MAX_TEXT: Final = 500
"""Characters kept of the provider's message."""

_LINK: Final = re.compile(r"(?i)https?://\S+")


class FailureKind(StrEnum):
    """Why the provider refused or failed a video; selects the text shown to the member."""

    CONTENT_INPUT = "content_input"
    CONTENT_PERSON = "content_person"
    CONTENT_TRADEMARK = "content_trademark"
    CONTENT_RESULT = "content_result"
    CONTENT = "content"
    """Refused for its content, without saying which part."""
    MEDIA = "media"
    """The provider could not load a picture, clip or sound."""
    BUSY = "busy"
    MONEY = "money"
    PARAMETERS = "parameters"
    UNKNOWN = "unknown"

    @property
    def is_content(self) -> bool:
        """Whether the content was refused."""
        return self.value.startswith(FailureKind.CONTENT.value)


_CONTENT: Final = re.compile(
    r"moderation|sensitive|policy.?violation|content.?policy|prohibited|nsfw|copyright|trademark"
    r"|审核|违规|敏感|版权|商标",
    re.IGNORECASE,
)
# first match wins; consulted only when _CONTENT matches
_CONTENT_SORTS: Final = (
    (FailureKind.CONTENT_TRADEMARK, r"trademark|copyright|商标|版权"),
    (
        FailureKind.CONTENT_PERSON,
        (
            r"privacy|real.?person|human.?face|\bfaces?\b|portrait|celebrit|public.?figure"
            r"|人脸|真人|肖像|名人"
        ),
    ),
    (FailureKind.CONTENT_RESULT, r"output|result|generated|输出|结果|生成的"),
    (FailureKind.CONTENT_INPUT, r"input|prompt|reference|输入|提示词|素材|参考"),
)
# \binsufficient: and not "sufficient"; a bare "timed out" may be the rendering's own
_OTHERS: Final = (
    (FailureKind.MONEY, r"余额|额度|欠费|\bbalance\b|\binsufficient"),
    (
        FailureKind.MEDIA,
        (
            r"read timed out|connect timed out|s3 upload failed"
            r"|invalid (image|video|audio|file|media|reference)\w*(url|uri)"
            r"|(download|fetch|load|decode|read)\w* (the )?(image|video|audio|file|media|url)"
            r"|(image|video|audio|file|media|url)\w* (download|fetch|load|decode|unreachable)"
            r"|(图片|视频|音频|素材|文件).{0,8}(下载|加载|读取|获取|解析)"
            r"|(下载|加载|读取|获取).{0,8}(图片|视频|音频|素材|文件)"
        ),
    ),
    (
        FailureKind.PARAMETERS,
        r"不支持的模型参数|参数|(invalid|unsupported|missing|bad|wrong) \w*\s?param|parameter",
    ),
    (
        FailureKind.BUSY,
        (
            r"\bbusy\b|overload|too many requests|rate.?limit|queue (is )?full|at capacity"
            r"|繁忙|限流|并发|队列已满|稍后"
        ),
    ),
)


def classify(text: str) -> FailureKind:
    """Classify the provider's message; `UNKNOWN` when nothing matches."""
    if _CONTENT.search(text):
        for kind, words in _CONTENT_SORTS:
            if re.search(words, text, re.IGNORECASE):
                return kind
        return FailureKind.CONTENT
    for kind, words in _OTHERS:
        if re.search(words, text, re.IGNORECASE):
            return kind
    return FailureKind.UNKNOWN


def scrub(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Remove links (they may be signed) and `secrets` from a message, and truncate it."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    text = _LINK.sub("<link>", text)
    text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()[:MAX_TEXT]


class ProviderError(BotError):
    """The provider refused, failed or could not be asked.

    `str()` holds no key, link or provider message, which might repeat a prompt; the message is in
    `text`, for the record and for owners.
    """

    def __init__(self, reason: str = "", *, text: str = "") -> None:
        super().__init__(reason)
        self.text = text


class ProviderUnavailable(ProviderError):
    """Unreachable. A create that raises this was never sent, so it may be retried."""

    retryable: ClassVar[bool] = True


class ProviderMisaddressed(ProviderUnavailable):
    """Somebody else answered: `SEEDANCE_BASE_URL` is wrong, or something stands in between.

    Nothing was taken, and nothing of the answer is about the request.
    """


class ProviderThrottled(ProviderError):
    """HTTP 429: nothing was taken. `retry_after_s` is what it asked for, 1–300, without jitter."""

    retryable: ClassVar[bool] = True

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"asked to wait {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class ProviderRejected(ProviderError):
    """It said no, and why: surely nothing was taken and nothing is billed.

    `code` is the provider's code or `http-<status>`; `kind` is what members are told. One of kind
    `BUSY` may be sent again later, the others would only be refused again.
    """

    def __init__(self, code: str, text: str, kind: FailureKind) -> None:
        super().__init__(f"refused with {code} ({kind.value})", text=text)
        self.code = code
        self.kind = kind


class ProviderKeyRefused(ProviderError):
    """The key is wrong, blocked or expired. No call will succeed until the owner acts."""


class ProviderOutOfMoney(ProviderError):
    """The owner's balance at the provider does not cover it: nothing was taken."""


class ProviderContract(ProviderError):
    """An answer nobody can read. Never of a create, so that asking again does no harm."""

    retryable: ClassVar[bool] = True


class SubmissionUncertain(ProviderError):
    """A create whose answer was lost or says nothing: a task may exist and may be billed.

    Never sent again by itself. `task_id` is the id that an otherwise failed answer named, if any.
    """

    def __init__(self, reason: str, *, text: str = "", task_id: str = "") -> None:
        super().__init__(reason, text=text)
        self.task_id = task_id


class UploadUnavailable(ProviderUnavailable):
    """The file did not get up; an upload bills nothing and may be repeated."""


class UploadPathMissing(ProviderError):
    """The provider has no upload call here (404): give it links instead."""
