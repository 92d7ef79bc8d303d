"""Connects to the S3-compatible store that `MEDIA_STORE` names."""

from datetime import timedelta
from typing import Final

from obstore.store import S3Store
from yarl import URL

from bot.media_store_setting import StoreAddress
from bot.proxy import Proxies
from bot.settings import Settings

_ANY_REGION: Final = "us-east-1"
"""For stores of one's own, which have no regions but check that the signature names one."""
_AWS: Final = "https://s3.{region}.amazonaws.com"


def connect_store(settings: Settings, address: StoreAddress) -> S3Store:
    """The store with its prefix; no call is made.

    A call waits 5 s for a connection and 20 s between two reads, and is repeated twice.
    """
    region = settings.aws_region or _ANY_REGION
    endpoint = settings.aws_endpoint_url or _AWS.format(region=region)
    proxy = _proxy_url(settings.proxies, endpoint)
    return S3Store(
        address.bucket,
        prefix=address.prefix or None,
        region=region,
        access_key_id=settings.aws_access_key_id.get_secret_value(),
        secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        # not every compatible store can delete several objects in one call
        disable_bulk_delete=True,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": "5s",
            "read_timeout": "20s",
            "timeout": "15m",
            **({"proxy_url": proxy} if proxy else {}),
        },
        retry_config={
            "max_retries": 2,
            "retry_timeout": timedelta(seconds=30),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        },
        endpoint=endpoint,
    )


def _proxy_url(proxies: Proxies, url: str) -> str:
    proxy = proxies.of(URL(url))
    return str(proxy) if proxy is not None else ""
