"""What the start makes of the environment, and what it says of mistakes."""

import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.setting_examples import EXAMPLES
from bot.settings import Settings, SettingsError, load_settings

TOKEN = "token-of-a-bot-nobody-may-read"
KEY = "key-of-a-provider-nobody-may-read"
REQUIRED = {
    "DISCORD_TOKEN": TOKEN,
    "SEEDANCE_API_KEY": KEY,
    "SEEDANCE_BASE_URL": "https://p.example",
}


@pytest.fixture(autouse=True, scope="module")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> object:
    """No `.env` and no setting of the developer's own reaches these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        for name in EXAMPLES:
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield


def read(**environment: str) -> Settings:
    """The settings of an environment with the required ones and these."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**REQUIRED, **environment}.items():
            patch.setenv(name, value)
        return load_settings()


def refusal(**environment: str) -> str:
    """The one line with which the start refuses these settings."""
    with pytest.raises(SettingsError) as caught:
        read(**environment)
    assert len(caught.value.lines) == 1
    return caught.value.lines[0]


def test_three_settings_are_enough() -> None:
    settings = read()
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.seedance_base_url == "https://p.example"
    assert settings.default_model == "seedance2.0-fast-i2v"
    assert (settings.user_daily_videos, settings.server_daily_videos) == (10, 100)
    assert settings.bot_daily_videos == 500
    assert settings.bot_monthly_budget is None
    assert settings.data_dir == Path("data")
    assert settings.allowed_guilds == ()


def test_each_missing_setting_has_a_line_with_its_name_and_an_example() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.lines == [
        f"{name}: is missing. Example: {name}={EXAMPLES[name]}"
        for name in ("DISCORD_TOKEN", "SEEDANCE_BASE_URL", "SEEDANCE_API_KEY")
    ]
    assert str(caught.value) == "\n".join(caught.value.lines)


def test_an_empty_setting_counts_as_missing() -> None:
    assert refusal(DISCORD_TOKEN="").startswith("DISCORD_TOKEN: is missing")
    assert read(OWNER_GUILD_ID="", MODELS_FILE="", USER_DAILY_VIDEOS="").user_daily_videos == 10


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read(HTTP_PORT="70000", LOG_FORMAT="xml", DATABASE_URL="mysql://host/name")
    assert [line.partition(":")[0] for line in caught.value.lines] == [
        "DATABASE_URL",
        "HTTP_PORT",
        "LOG_FORMAT",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_GUILDS", "123,here"),
        ("BOT_DAILY_VIDEOS", "-1"),
        ("BOT_MONTHLY_BUDGET", "-0.01"),
        ("CURRENCY", "dollars and cents"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:////"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATA_MAX_GB", "0"),
        ("DISCORD_API_URL", "ftp://proxy.example"),
        ("DISCORD_GATEWAY_URL", "https://gateway.example"),
        ("DISCORD_TOKEN", "two words"),
        ("DISCORD_TOKEN", "“quoted”"),
        ("GIVE_UP_HOURS", "0"),
        ("HTTP_PORT", "-1"),
        ("HTTP_PORT", "http"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "LOUD"),
        ("MEDIA_VIA", "pigeon"),
        ("MODELS_FILE", "not/there.toml"),
        ("OWNER_GUILD_ID", "mine"),
        ("OWNER_IDS", "me"),
        ("PRIVACY_URL", "our privacy page"),
        ("SEEDANCE_API_KEY", "a\tb"),
        ("SEEDANCE_BASE_URL", "p.example"),
        ("SEEDANCE_BASE_URL", "https://me@p.example"),
        ("SEEDANCE_BASE_URL", "https://p.example/?region=1"),
        ("SEEDANCE_MAX_ACTIVE", "0"),
        ("SEEDANCE_MAX_ACTIVE", "unlimited"),
        ("SERVER_DAILY_VIDEOS", "1.5"),
        ("SERVER_MONTHLY_BUDGET", "much"),
        ("UPLOAD_LIMIT_MB", "0.5"),
        ("USER_DAILY_VIDEOS", "none"),
    ],
)
def test_a_malformed_setting_is_refused_by_its_name_with_what_is_wrong_and_an_example(
    name: str, value: str
) -> None:
    line = refusal(**{name: value})
    begin, _, example_of_it = line.partition(" Example: ")
    assert begin.startswith(f"{name}: ")
    assert len(begin) > len(f"{name}: ")
    assert begin.endswith(".")
    assert example_of_it == f"{name}={EXAMPLES[name]}"


def test_every_setting_has_an_example_and_no_example_is_of_no_setting() -> None:
    assert set(EXAMPLES) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_are_taken(name: str, tmp_path: Path) -> None:
    value = EXAMPLES[name].removesuffix(" (or unlimited)")
    if name == "MODELS_FILE":
        file = tmp_path / value
        file.touch()
        value = str(file)
    if name == "SSL_CERT_FILE":
        value = ""  # where the system keeps its own differs
    if name in ("DISCORD_TOKEN", "SEEDANCE_API_KEY"):  # a description, for nobody to copy
        assert " " in value
        return
    read(**{**(STORE if name == "MEDIA_STORE" else {}), name: value})


STORE = {
    "MEDIA_STORE": "s3://my-bucket/videos/",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "a store's secret",
}


def test_a_store_has_a_bucket_and_a_prefix() -> None:
    address = read(**STORE).store_address
    assert address is not None
    assert (address.bucket, address.prefix) == ("my-bucket", "videos")
    assert "a store's secret" in read(**STORE).secrets
    assert read(**{**STORE, "MEDIA_STORE": ""}).store_address is None


@pytest.mark.parametrize(
    "wrong",
    ["my-bucket", "https://my-bucket/x", "s3://", "s3://My_Bucket", "s3://ab", "s3://b..c/x",
     "s3://my-bucket/a//b", "s3://my-bucket/../b", "s3://my-bucket/a b"],
)  # fmt: skip
def test_a_malformed_store_is_one_line_that_says_what_passes(wrong: str) -> None:
    line = refusal(**{**STORE, "MEDIA_STORE": wrong})
    assert line.startswith("MEDIA_STORE: takes s3://bucket/prefix")


def test_a_store_without_its_key_or_its_place_is_a_line_for_each() -> None:
    with pytest.raises(SettingsError) as caught:
        read(MEDIA_STORE=STORE["MEDIA_STORE"])
    assert [line.partition(":")[0] for line in caught.value.lines] == [
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ]
    keys = {name: STORE[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    own = {"MEDIA_STORE": STORE["MEDIA_STORE"], "AWS_ENDPOINT_URL": "http://minio:9000/", **keys}
    assert read(**own).aws_endpoint_url == "http://minio:9000"


def test_unlimited_is_a_word_in_any_case_and_zero_means_none() -> None:
    settings = read(
        USER_DAILY_VIDEOS="unlimited",
        SERVER_DAILY_VIDEOS=" Unlimited ",
        BOT_DAILY_VIDEOS="0",
        BOT_MONTHLY_BUDGET="0",
        SERVER_MONTHLY_BUDGET="UNLIMITED",
    )
    assert settings.user_daily_videos is None
    assert settings.server_daily_videos is None
    assert settings.bot_daily_videos == 0
    assert settings.bot_monthly_budget == Decimal(0)
    assert settings.server_monthly_budget is None


@given(videos=st.integers(min_value=0, max_value=10**9))
@example(videos=0)
def test_every_number_of_videos_is_read_as_it_is_written(videos: int) -> None:
    assert read(USER_DAILY_VIDEOS=str(videos)).user_daily_videos == videos


@given(amount=st.decimals(min_value=0, max_value=10**9, places=6))
def test_a_budget_is_parsed_exactly(amount: Decimal) -> None:
    assert read(BOT_MONTHLY_BUDGET=f"{amount:f}").bot_monthly_budget == amount


@given(
    ids=st.lists(st.integers(min_value=1, max_value=2**63 - 1), max_size=8),
    gap=st.sampled_from([",", ", ", " ,", ",,", " , "]),
)
def test_lists_of_ids_are_read_however_they_are_spaced(ids: list[int], gap: str) -> None:
    assert read(ALLOWED_GUILDS=gap.join(map(str, ids))).allowed_guilds == tuple(ids)


@given(
    names=st.lists(
        st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","))
        .map(str.strip)
        .filter(bool),
        max_size=5,
    )
)
def test_lists_of_words_are_read_as_they_are_written(names: list[str]) -> None:
    assert read(ALLOW_PRIVATE_HOSTS=", ".join(names)).allow_private_hosts == tuple(names)


def test_models_for_new_servers_are_words_or_names() -> None:
    assert read().new_server_models == ("all",)
    assert read(NEW_SERVER_MODELS="default").new_server_models == ("default",)
    assert read(NEW_SERVER_MODELS="a, b").new_server_models == ("a", "b")


def test_trailing_slashes_of_urls_are_removed() -> None:
    settings = read(
        SEEDANCE_BASE_URL=" https://p.example/relay/ ", DISCORD_API_URL="http://d:1/api/"
    )
    assert settings.seedance_base_url == "https://p.example/relay"
    assert settings.discord_api_url == "http://d:1/api"


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://p.example/api/open-api/v1", "https://p.example"),
        ("https://p.example/api/open-api/v1/seedance/videos//", "https://p.example"),
        ("https://p.example//api/openapi/", "https://p.example"),
        ("https://p.example/v1", "https://p.example"),
        ("https://p.example:8443/relay/API/open-api/v1/", "https://p.example:8443/relay"),
        ("https://api", "https://api"),
        ("https://p.example/apiary", "https://p.example/apiary"),
    ],
)
def test_the_providers_address_loses_the_path_of_its_calls(written: str, origin: str) -> None:
    assert read(SEEDANCE_BASE_URL=written).seedance_base_url == origin


@pytest.mark.parametrize(
    "value", ["socks5://127.0.0.1:1", "https://p.example", "http://me:hunter2@", "http://a/b", "["]
)
def test_a_proxy_that_cannot_be_used_is_refused_without_its_password(value: str) -> None:
    assert "hunter2" not in refusal(HTTPS_PROXY=value)


def test_a_proxy_is_read_in_either_case_and_its_password_is_hidden() -> None:
    settings = read(https_proxy="me:h%40nter2@p.example:1", no_proxy="a b, .c,,")
    assert settings.proxies.shown == "p.example:1"
    assert settings.no_proxy == ("a", "b", ".c")
    assert {"h@nter2", "h%40nter2"} <= set(settings.secrets)
    assert "nter2" not in repr(settings)


def test_the_log_level_is_read_in_any_case() -> None:
    assert read(LOG_LEVEL="debug").log_level == "DEBUG"


def test_the_upload_limit_counts_as_discord_does() -> None:
    assert read(UPLOAD_LIMIT_MB="20").upload_limit_bytes == 20 * 1024 * 1024


def test_keys_are_taken_without_the_spaces_around_them() -> None:
    assert read(DISCORD_TOKEN=f"  {TOKEN}\n").discord_token.get_secret_value() == TOKEN


def test_secrets_are_printed_nowhere() -> None:
    settings = read(DATABASE_URL="postgresql://me:hunter2hunter2@host/db")
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        for secret in (TOKEN, KEY, "hunter2hunter2"):
            assert secret not in text


@given(
    secret=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=8, max_size=40)
)
def test_a_refused_secret_is_not_repeated(secret: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISCORD_TOKEN", f"{secret} {secret}")
        with pytest.raises(SettingsError) as caught:
            load_settings()
    assert f"{secret} {secret}" not in str(caught.value)


def test_a_refused_database_url_does_not_show_its_password() -> None:
    assert "hunter2hunter2" not in refusal(DATABASE_URL="mysql://me:hunter2hunter2@host/name")


def test_what_logs_must_hide_are_both_keys_and_the_database_password() -> None:
    settings = read(DATABASE_URL="postgresql://me:p@ss:w0rd@host/db")
    assert settings.secrets == (TOKEN, KEY, "p@ss:w0rd")
    assert read(DATABASE_URL="postgresql://me:p%40ss@host/db").secrets[2:] == ("p%40ss", "p@ss")
    assert read().secrets == (TOKEN, KEY)
    assert read(DATABASE_URL="postgresql://me@host/db").secrets == (TOKEN, KEY)
    # many hosters write the scheme so
    assert read(DATABASE_URL="postgres://me:p%40ss@host/db").secrets[2:] == ("p%40ss", "p@ss")


def test_a_file_is_read_and_the_environment_wins_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{name}={value}" for name, value in REQUIRED.items()]
    text = "\n".join([*lines, "USER_DAILY_VIDEOS=3", "HTTP_PORT=1", "SOMEBODY_ELSES=1"])
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HTTP_PORT", "2")
    settings = load_settings()
    assert (settings.user_daily_videos, settings.http_port) == (3, 2)


def test_overrides_win_over_the_environment() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PORT", "2")
        settings = load_settings(
            {
                "discord_token": SecretStr(TOKEN),
                "seedance_api_key": SecretStr(KEY),
                "seedance_base_url": "https://p.example",
                "http_port": 3,
            }
        )
    assert settings.http_port == 3
    assert "HTTP_PORT" not in os.environ
