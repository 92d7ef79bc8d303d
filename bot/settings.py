"""Settings from the environment or a `.env` file."""

import re
import ssl
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.env_file import EnvFileUnreadable, encoding_of
from bot.media_store_setting import StoreAddress, read_media_store
from bot.proxy import Proxies, read_proxy
from bot.safety_setting import read_safety_check
from bot.setting_examples import EXAMPLES
from bot.shards import Shards, read_shards


class SettingsError(Exception):
    """Invalid settings, one line each: name, problem, example."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _split_loosely(value: object) -> object:
    """Like `_split`, but also at whitespace, which other programs accept in `NO_PROXY`."""
    if not isinstance(value, str):
        return value
    return re.split(r"[,\s]+", value.strip(", \t\r\n")) if value.strip(", \t\r\n") else []


def _unlimited(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "unlimited" else value


Ids = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_split)]
Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
PastProxy = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_loosely)]
Limit = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_unlimited)]
"""A number of videos; None is the word `unlimited`, 0 means none."""
Budget = Annotated[Annotated[Decimal, Field(ge=0)] | None, BeforeValidator(_unlimited)]

StoreKey = Annotated[SecretStr, Field(validate_default=True)]
"""Needed where `MEDIA_STORE` is given."""

_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)
_API_PATH: Final = re.compile(
    r"(?i)(?:/(?:api|open-?api|v\d+|seedance|videos|files|upload|user|key|balance))+$"
)
"""API path that people paste together with the provider's origin."""


class Settings(BaseSettings):
    """All settings, validated; secrets print as asterisks."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord_token: SecretStr
    discord_api_url: str = ""
    discord_gateway_url: str = ""
    seedance_base_url: str
    seedance_api_key: SecretStr
    seedance_max_active: Annotated[int, Field(ge=1)] = 3
    seedance_key_exclusive: Literal["yes", "no"] = "no"
    database_url: SecretStr = SecretStr("sqlite:///data/video-bot.db")
    data_dir: Path = Path("data")
    data_max_gb: Annotated[float, Field(gt=0)] = 10
    shards: str = ""
    https_proxy: SecretStr = SecretStr("")
    no_proxy: PastProxy = ()
    ssl_cert_file: Path | None = None
    media_via: Literal["provider", "discord"] = "provider"
    media_store: str = ""
    aws_endpoint_url: str = ""
    aws_region: Annotated[str, Field(validate_default=True)] = ""
    aws_access_key_id: StoreKey = SecretStr("")
    aws_secret_access_key: StoreKey = SecretStr("")
    models_file: Path | None = None
    default_model: str = "seedance2.0-fast-i2v"
    new_server_models: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ("all",)
    user_daily_videos: Limit = 10
    server_daily_videos: Limit = 100
    bot_daily_videos: Limit = 500
    prices_from: Literal["auto", "file"] = "auto"
    currency: Annotated[str, Field(max_length=8)] = ""
    bot_monthly_budget: Budget = None
    server_monthly_budget: Budget = None
    safety_check: Annotated[str, AfterValidator(read_safety_check)] = ""
    safety_secret: SecretStr = SecretStr("")
    give_up_hours: Annotated[float, Field(gt=0)] = 6
    asset_review_minutes: Annotated[float, Field(gt=0)] = 30
    allowed_guilds: Ids = ()
    owner_ids: Ids = ()
    owner_guild_id: int | None = None
    upload_limit_mb: Annotated[float, Field(ge=1)] = 20
    allow_private_hosts: Hosts = ()
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    privacy_url: str = ""
    terms_url: str = ""

    @field_validator("discord_token", "seedance_api_key")
    @classmethod
    def _no_blank(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value().strip()
        if not text or not text.isascii() or any(sign.isspace() for sign in text):
            raise ValueError("is blank or has characters that no such key has")
        return SecretStr(text)

    @field_validator(
        "seedance_base_url", "discord_api_url", "aws_endpoint_url", "privacy_url", "terms_url"
    )
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value:
            url = _URL.validate_python(value.strip())
            if url.username or url.query or url.fragment:
                raise ValueError("takes a plain http(s) address, without user, query or fragment")
        return value.strip().rstrip("/")

    @field_validator("seedance_base_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        path = _API_PATH.sub("", re.sub(r"/{2,}", "/", parts.path).rstrip("/"))
        return parts._replace(path=path).geturl()

    @field_validator("https_proxy")
    @classmethod
    def _proxy(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value().strip():
            read_proxy(value.get_secret_value())
        return value

    @field_validator("media_store")
    @classmethod
    def _bucket(cls, value: str) -> str:
        return str(read_media_store(value) or "")

    @field_validator("aws_access_key_id", "aws_secret_access_key")
    @classmethod
    def _key_of_store(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        text = value.get_secret_value().strip()
        if not text and info.data.get("media_store"):
            raise ValueError("is missing, and MEDIA_STORE needs it")
        return SecretStr(text)

    @field_validator("aws_region")
    @classmethod
    def _region_of_store(cls, value: str, info: ValidationInfo) -> str:
        is_aws = info.data.get("media_store") and not info.data.get("aws_endpoint_url")
        if is_aws and not value.strip():
            raise ValueError("is missing, and MEDIA_STORE needs it or AWS_ENDPOINT_URL")
        return value.strip()

    @field_validator("shards")
    @classmethod
    def _shard_range(cls, value: str) -> str:
        return str(read_shards(value) or "")

    @field_validator("ssl_cert_file")
    @classmethod
    def _certificates(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        if not value.is_file():
            raise ValueError(f"names {value}, a file that is not there")
        try:
            ssl.create_default_context(cafile=str(value))
        except OSError as exc:
            raise ValueError(f"names {value}, which holds no certificates (PEM)") from exc
        return value

    @field_validator("discord_gateway_url")
    @classmethod
    def _socket_address(cls, value: str) -> str:
        if value and not value.startswith(("ws://", "wss://")):
            raise ValueError("takes a ws:// or wss:// address")
        return value.strip()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value().strip()
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("takes sqlite:///path or postgresql://user:password@host/name")
        if url in ("sqlite:///", "sqlite:////"):
            raise ValueError("names no file")
        return SecretStr(url)

    @field_validator("seedance_key_exclusive", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("models_file")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("names a file that is not there")
        return value

    @property
    def proxies(self) -> Proxies:
        """Proxy configuration from `HTTPS_PROXY` and `NO_PROXY`."""
        return Proxies.read(self.https_proxy.get_secret_value(), self.no_proxy)

    @property
    def store_address(self) -> StoreAddress | None:
        """`MEDIA_STORE`; None is `DATA_DIR`."""
        return read_media_store(self.media_store)

    @property
    def shard_range(self) -> Shards | None:
        """`SHARDS`; None is what Discord recommends."""
        return read_shards(self.shards)

    @property
    def upload_limit_bytes(self) -> int:
        """`UPLOAD_LIMIT_MB` in bytes; Discord counts in MiB."""
        return int(self.upload_limit_mb * 1024 * 1024)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Secrets that must never appear in a log line."""
        url = self.database_url.get_secret_value()
        password = url.split("://", 1)[-1].rpartition("@")[0].partition(":")[2]
        known = (self.discord_token.get_secret_value(), self.seedance_api_key.get_secret_value())
        proxy = self.proxies.proxy
        login = (proxy.raw_password or "", proxy.password or "") if proxy is not None else ()
        signing = self.safety_secret.get_secret_value()
        stored = self.aws_secret_access_key.get_secret_value()
        every = (*known, password, unquote(password), *login, signing, stored)
        return tuple(dict.fromkeys(secret for secret in every if secret))


def problem(name: str, wrong: str) -> str:
    """Format one line about an invalid setting."""
    return f"{name}: {wrong}. Example: {name}={EXAMPLES[name]}"


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Load the settings; `overrides` (by field name) take precedence over the environment.

    Raises: SettingsError with a line for each missing or malformed setting, or one line for an
    unreadable `.env`.
    """
    try:
        encoding = encoding_of(Path(str(Settings.model_config["env_file"])))
    except EnvFileUnreadable as error:
        raise SettingsError([str(error)]) from None
    try:
        return Settings(**{"_env_file_encoding": encoding, **dict(overrides or {})})
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for item in error.errors():
            name = str(item["loc"][0]).upper() if item["loc"] else "SETTINGS"
            text = "is missing" if item["type"] == "missing" else str(item["msg"])
            wrong.setdefault(name, text.removeprefix("Value error, ").rstrip("."))
        raise SettingsError([problem(name, text) for name, text in wrong.items()]) from None
