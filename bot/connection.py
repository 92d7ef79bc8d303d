"""How the bot's sessions connect: through the proxy where one is set, TLS always verified."""

import ssl
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

ChooseProxy = Callable[[URL], URL | None]
"""The proxy for a connection to an address; None is a direct one."""


@cache
def trusted_authorities() -> ssl.SSLContext:
    """What OpenSSL trusts, `SSL_CERT_FILE` included; one for all, as reading it takes time."""
    return ssl.create_default_context()


class ProxyRefused(aiohttp.ClientConnectorError):
    """The proxy made no tunnel, so nothing of the request has left.

    `status` is the proxy's HTTP status (407: it wants a login), 0 where it gave no answer.
    """

    def __init__(self, key: ConnectionKey, status: int) -> None:
        super().__init__(key, OSError(0, f"the proxy made no tunnel (HTTP {status or 'none'})"))
        self.status = status


class RoutedConnector(aiohttp.TCPConnector):
    """aiohttp's connector with a proxy chosen for each connection, whoever asks for it.

    discord.py takes one proxy for everything or none, and has no notion of `NO_PROXY`.
    """

    def __init__(self, choose: ChooseProxy, **options: Any) -> None:
        super().__init__(ssl=trusted_authorities(), **options)
        self._choose = choose

    async def connect(
        self,
        req: "ClientRequest",
        traces: "list[Trace]",
        timeout: "ClientTimeout",  # noqa: ASYNC109 - aiohttp's own parameter
    ) -> "Connection":
        """A connection for this request; what the proxy does wrong is never an answer of the host.

        Raises: ProxyRefused, and what aiohttp raises of hosts that cannot be reached.
        """
        proxy = self._choose(req.url)
        if proxy is None:
            return await super().connect(req, traces, timeout)
        req.update_proxy(proxy, None, None)
        try:
            return await super().connect(req, traces, timeout)
        except (aiohttp.ClientConnectorError, TimeoutError):
            raise
        except (aiohttp.ClientError, OSError) as error:
            # a tunnel that was refused or broke off while it was made: the request waits here still
            status = error.status if isinstance(error, aiohttp.ClientResponseError) else 0
            raise ProxyRefused(req.connection_key, status) from None
