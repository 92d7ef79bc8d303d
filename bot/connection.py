"""aiohttp connector that picks a proxy per connection; TLS is always verified."""

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
"""Maps a URL to its proxy; None connects directly."""


@cache
def trusted_authorities() -> ssl.SSLContext:
    """TLS context with OpenSSL's defaults and `SSL_CERT_FILE`; cached, as loading is slow."""
    return ssl.create_default_context()


class ProxyRefused(aiohttp.ClientConnectorError):
    """The proxy refused the CONNECT tunnel, so the request was never sent.

    `status` is the proxy's HTTP status (407: login required), 0 without a response.
    """

    def __init__(self, key: ConnectionKey, status: int) -> None:
        super().__init__(key, OSError(0, f"the proxy made no tunnel (HTTP {status or 'none'})"))
        self.status = status


class RoutedConnector(aiohttp.TCPConnector):
    """aiohttp connector that chooses a proxy for each connection.

    discord.py supports one proxy for everything and ignores `NO_PROXY`.
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
        """Connect for a request; proxy failures are never mistaken for a response of the host.

        Raises: ProxyRefused, and aiohttp's connection errors.
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
            # the tunnel failed before it was established, so the request has not been sent
            status = error.status if isinstance(error, aiohttp.ClientResponseError) else 0
            raise ProxyRefused(req.connection_key, status) from None
