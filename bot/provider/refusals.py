"""What an unsuccessful reply proves: whether a task may exist, and who has answered."""

import re
from typing import Final

from bot.provider.answers import KEY_REFUSED
from bot.provider.errors import FailureKind, classify
from bot.provider.exchange import Reply

# 408, 409 and 425 are not among them, and neither are redirects that may follow a success
REFUSED_STATUSES: Final = frozenset(
    {
        301,
        307,
        308,
        400,
        401,
        402,
        403,
        404,
        405,
        406,
        407,
        410,
        411,
        413,
        414,
        415,
        422,
        426,
        431,
        451,
    }
)
"""HTTP statuses that prove the request was not carried out, whatever the body says."""

_NO_SUCH_CALL: Final = frozenset({301, 307, 308, 404, 405, 407, 410, 426})

_REFUSING_CODE: Final = re.compile(r"200\d\d|4(?!08|09|25|99)\d\d(\d\d)?")
_CONCLUSIVE_KINDS: Final = frozenset({FailureKind.MONEY, FailureKind.PARAMETERS})


def proves_no_task(reply: Reply) -> bool:
    """Whether an unsuccessful create response proves that no task was created.

    Every 5xx and code -1 may have created one. So may an unfamiliar code under HTTP 200, unless it
    belongs to the provider's or HTTP's refusal codes, or its message is about content, balance or
    parameters, which are checked before a task is created.
    """
    if reply.status >= 500 or reply.code.startswith("-"):
        return False
    if reply.status in REFUSED_STATUSES:
        return True
    if reply.answer is None or reply.answer.is_success:
        return False
    kind = classify(reply.text)
    return (
        _REFUSING_CODE.fullmatch(reply.code) is not None
        or kind.is_content
        or kind in _CONCLUSIVE_KINDS
    )


def is_not_the_api(reply: Reply) -> bool:
    """Whether the response came from something other than the provider's API.

    An HTML page, a redirect, or a missing path without the provider's own code comes from a web
    server at a wrong address, or from a proxy in between.
    """
    if is_key_refused(reply):
        return False
    if reply.answer is None:
        return True
    return not reply.code and reply.status in _NO_SUCH_CALL


def is_key_refused(reply: Reply) -> bool:
    """Whether the provider refused the key."""
    if reply.code in {KEY_REFUSED, "401"} or reply.status == 401:
        return True
    # a 403 with its own code refuses the request, not the key; an HTML page comes from a firewall
    has_own_code = reply.answer is not None and not reply.answer.is_success
    return reply.status == 403 and not reply.is_page and not has_own_code
