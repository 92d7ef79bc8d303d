"""The doctor against a recording Discord and a simulated provider: each check, well and ill."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.demo.provider.billing import Listing
from bot.demo.provider.faults import CallName, Refuse
from bot.doctor import Grade, machine, report_lines
from bot.doctor.clock_side import check_clock
from bot.doctor.machine import open_for_checks
from bot.services import server_settings
from storage.engine import postgres
from storage.files import stored_files
from storage.files.stored_files import StoredFile
from tests.support.bot_env import KEY, BotEnv, open_bot_env
from tests.support.discord.records import Permission
from tests.support.process import run
from tests.support.proxy import RecordingProxy
from tests.support.s3 import KEY as KEY_OF_STORE
from tests.support.s3 import PREFIX, S3, open_s3
from tests.support.sqlite import new_sqlite


@pytest.fixture
async def bot_env(database_url: str, tmp_path: Path) -> AsyncIterator[BotEnv]:
    async with open_bot_env(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def small_bot_env(tmp_path: Path) -> AsyncIterator[BotEnv]:
    """On SQLite alone, for what has nothing to do with the database."""
    async with open_bot_env(new_sqlite(tmp_path / "test.db"), tmp_path) as opened:
        yield opened


async def lines_of(bot_env: BotEnv, **changes: Any) -> dict[str, tuple[Grade, str]]:
    """The doctor's lines by check; of several of one check the worst."""
    settings = bot_env.settings.model_copy(update=changes)
    found: dict[str, tuple[Grade, str]] = {}
    order = [Grade.OK, Grade.WARNING, Grade.FAILED]
    async for line, grade in report_lines(settings):
        assert line.startswith(f"{grade} ")
        assert "\n" not in line
        assert ("What to do:" in line) == (grade is not Grade.OK), line
        check = line[9:].partition(":")[0]
        if check not in found or order.index(grade) > order.index(found[check][0]):
            found[check] = (grade, line)
    return found


def grades(found: dict[str, tuple[Grade, str]]) -> set[Grade]:
    return {grade for grade, _ in found.values()}


async def test_a_configured_bot_passes_every_check(bot_env: BotEnv) -> None:
    log = bot_env.discord.add_channel(bot_env.guild, "log")
    async with bot_env.database.transaction() as tx:
        await server_settings.change_settings(
            tx,
            bot_env.guild.id,
            log_channel=log.id,
            review_channel=bot_env.channel.id,
            channels=(bot_env.channel.id,),
        )
    found = await lines_of(bot_env)
    assert grades(found) == {Grade.OK}, found
    assert found.keys() - {"backup"} == {
        "database",
        "clock",
        "ledger",
        "token",
        "invitation",
        "servers",
        "permissions",
        "provider key",
        "balance",
        "prices",
        "upload limit",
        "disk",
    }


async def test_a_request_with_wrong_ledger_rows_is_named(bot_env: BotEnv) -> None:
    async with bot_env.running():
        await (await bot_env.create()).wait_shown()
        await bot_env.until(lambda rows: len(rows) == 1)
    async with bot_env.database.transaction() as tx:
        await tx.execute("DELETE FROM ledger WHERE account = 'cost'")
    grade, line = (await lines_of(bot_env))["ledger"]
    assert grade is Grade.WARNING
    assert (await bot_env.request()).id in line


async def test_checks_create_and_change_nothing(small_bot_env: BotEnv, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    elsewhere = f"sqlite:///{tmp_path / 'new' / 'bot.db'}"
    found = await lines_of(small_bot_env, database_url=SecretStr(elsewhere))
    assert "the first start makes it" in found["database"][1]
    assert "the first start makes it" in found["disk"][1]
    assert sorted(tmp_path.rglob("*")) == before


async def test_a_refused_token_is_reported_and_never_shown(small_bot_env: BotEnv) -> None:
    token = "MTIz.wrong.secret-token"
    found = await lines_of(small_bot_env, discord_token=SecretStr(token))
    grade, line = found["token"]
    assert grade is Grade.FAILED
    assert "DISCORD_TOKEN" in line
    assert not any(token in line for _, line in found.values())
    assert found["balance"][0] is Grade.OK


async def test_an_unreachable_discord_is_reported(small_bot_env: BotEnv) -> None:
    found = await lines_of(small_bot_env, discord_api_url="http://127.0.0.1:9/api/v10")
    assert found["token"][0] is Grade.FAILED
    assert "could not be asked" in found["token"][1]


async def test_a_refused_key_is_reported_and_never_shown(small_bot_env: BotEnv) -> None:
    key = "another-provider-key-123"
    found = await lines_of(small_bot_env, seedance_api_key=SecretStr(key))
    assert found["provider key"][0] is Grade.FAILED
    assert "SEEDANCE_API_KEY" in found["provider key"][1]
    assert not any(key in line for _, line in found.values())


async def test_an_unreachable_provider_is_reported(small_bot_env: BotEnv) -> None:
    found = await lines_of(small_bot_env, seedance_base_url="http://127.0.0.1:9")
    assert found["provider"][0] is Grade.FAILED
    assert "SEEDANCE_BASE_URL" in found["provider"][1]


@pytest.mark.parametrize(("left", "grade"), [("0", Grade.FAILED), ("5000", Grade.OK)])
async def test_the_balance_is_shown(small_bot_env: BotEnv, left: str, grade: Grade) -> None:
    small_bot_env.provider.billing.balance = Decimal(left)
    found = await lines_of(small_bot_env)
    assert found["balance"][0] is grade
    assert left in found["balance"][1]


async def test_a_missing_balance_call_is_a_warning(small_bot_env: BotEnv) -> None:
    for _ in range(2):
        small_bot_env.provider.faults.next(CallName.BALANCE, Refuse("20002", "no such call"))
    found = await lines_of(small_bot_env)
    assert found["provider"][0] is Grade.WARNING


async def test_strangers_who_can_invite_the_bot_are_a_warning(small_bot_env: BotEnv) -> None:
    small_bot_env.discord.world.is_public = True
    found = await lines_of(small_bot_env)
    assert found["invitation"][0] is Grade.WARNING
    assert "ALLOWED_GUILDS" in found["invitation"][1]
    found = await lines_of(small_bot_env, allowed_guilds=(small_bot_env.guild.id,))
    assert found["invitation"][0] is Grade.OK


async def test_servers_that_are_named_but_not_joined_are_a_warning(small_bot_env: BotEnv) -> None:
    found = await lines_of(small_bot_env, allowed_guilds=(5,))
    assert "ALLOWED_GUILDS names 5" in found["servers"][1]
    found = await lines_of(small_bot_env, owner_guild_id=6)
    assert "OWNER_GUILD_ID names 6" in found["servers"][1]


async def test_a_missing_permission_is_named_with_its_channel(small_bot_env: BotEnv) -> None:
    bot_env = small_bot_env
    bot_env.channel.bot_permissions &= ~Permission.ATTACH_FILES
    async with bot_env.database.transaction() as tx:
        await server_settings.change_settings(tx, bot_env.guild.id, channels=(bot_env.channel.id,))
    grade, line = (await lines_of(bot_env))["permissions"]
    assert grade is Grade.FAILED
    assert "lacks Attach Files" in line
    assert str(bot_env.channel.id) in line


async def test_a_deleted_channel_is_reported(small_bot_env: BotEnv) -> None:
    bot_env = small_bot_env
    async with bot_env.database.transaction() as tx:
        await server_settings.change_settings(tx, bot_env.guild.id, log_channel=12345)
    grade, line = (await lines_of(bot_env))["permissions"]
    assert grade is Grade.FAILED
    assert "log channel 12345" in line


async def test_an_upload_limit_above_discords_is_a_warning(small_bot_env: BotEnv) -> None:
    found = await lines_of(small_bot_env, upload_limit_mb=25.0)
    assert found["upload limit"][0] is Grade.WARNING


async def test_a_data_directory_nearly_full_fails(small_bot_env: BotEnv) -> None:
    folder = small_bot_env.settings.data_dir
    folder.mkdir()
    (folder / "big").write_bytes(b"x" * 100_000)
    found = await lines_of(small_bot_env, data_max_gb=0.0001)
    assert found["room"][0] is Grade.FAILED
    assert "DATA_MAX_GB" in found["room"][1]


@pytest.mark.parametrize("dialect", ["postgres"])
async def test_an_out_of_date_postgresql_fails_and_names_the_command(
    dialect: str, empty_database_url: str, tmp_path: Path, small_bot_env: BotEnv
) -> None:
    found = await lines_of(small_bot_env, database_url=SecretStr(empty_database_url))
    assert found["database"][0] is Grade.FAILED
    assert "video-bot migrate" in found["database"][1]


async def test_a_database_out_of_reach_fails_without_its_password(
    small_bot_env: BotEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_START_TIMEOUT_S", 0.2)
    url = "postgresql://bot:hunter2hunter2@127.0.0.1:9/bot?connect_timeout=1"
    found = await lines_of(small_bot_env, database_url=SecretStr(url))
    assert found["database"][0] is Grade.FAILED
    assert "hunter2" not in found["database"][1]
    assert found["token"][0] is Grade.OK


async def test_a_missing_certificate_file_fails(
    small_bot_env: BotEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "no-such-file.pem")
    found = await lines_of(small_bot_env)
    assert found["SSL"][0] is Grade.FAILED


async def test_an_address_without_tls_fails(small_bot_env: BotEnv) -> None:
    url = small_bot_env.provider.url.replace("http:", "https:")
    found = await lines_of(small_bot_env, seedance_base_url=url)
    assert found["SSL"][0] is Grade.FAILED


@pytest.mark.parametrize(("key", "code"), [(KEY, 0), ("wrong-key-123456", 1)])
async def test_the_command_prints_a_line_per_check_and_exits_accordingly(
    small_bot_env: BotEnv, tmp_path: Path, key: str, code: int
) -> None:
    settings = small_bot_env.settings.model_copy(update={"seedance_api_key": SecretStr(key)})
    done, out, err = await run(["-m", "bot", "doctor"], settings, tmp_path)
    assert done == code, err
    lines = out.splitlines()
    assert len(lines) >= 8
    assert {line.split()[0] for line in lines} <= {"ok", "warning", "failed"}
    for secret in (key, settings.discord_token.get_secret_value()):
        assert secret not in out + err


@pytest.mark.parametrize(("ahead_s", "words"), [(90, "90 s ahead of"), (-40, "40 s behind")])
async def test_a_skewed_clock_is_named(bot_env: BotEnv, ahead_s: float, words: str) -> None:
    settings = bot_env.settings
    async with AsyncExitStack() as stack:
        database, _ = await open_for_checks(settings, stack)
        right = [each async for each in check_clock(settings, database)]
        skewed = [
            each
            async for each in check_clock(settings, database, clock=lambda: time.time() + ahead_s)
        ]
    assert {each.grade for each in right} == {Grade.OK}
    assert {each.grade for each in skewed} == {Grade.WARNING}
    said = " ".join(each.line(()) for each in skewed)
    assert words in said
    assert "Discord's" in said
    if database is not None and database.dialect == "postgres":
        assert "the database server's" in said


async def test_the_proxy_is_reported_with_the_hosts_that_bypass_it(small_bot_env: BotEnv) -> None:
    async with RecordingProxy(login="me:hunter2") as proxy:
        url = SecretStr(proxy.url.replace("//", "//me:hunter2@"))
        past = (small_bot_env.provider.url.removeprefix("http://"),)
        found = await lines_of(small_bot_env, https_proxy=url, no_proxy=past)
        assert found["proxy"][0] is Grade.OK
        assert "past it by NO_PROXY: the provider" in found["proxy"][1]
        assert "hunter2" not in "".join(line for _, line in found.values())
        assert found["token"][0] is Grade.OK
        assert any("/users/@me" in line for line in proxy.passed)
        # and so does the look at Discord's clock
        assert any(line.endswith("/gateway") for line in proxy.passed)


async def test_a_proxy_that_requires_a_login_is_reported(small_bot_env: BotEnv) -> None:
    async with RecordingProxy(login="me:hunter2") as proxy:
        provider = small_bot_env.provider.url.replace("http:", "https:")
        found = await lines_of(
            small_bot_env,
            https_proxy=SecretStr(proxy.url),
            no_proxy=(small_bot_env.settings.discord_api_url.split("/")[2],),
            seedance_base_url=provider,
        )
    assert found["proxy"][0] is Grade.FAILED
    assert "HTTP 407" in found["proxy"][1]


async def test_fake_ips_of_a_proxy_are_reported(
    small_bot_env: BotEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(host: str) -> list[str]:
        return ["198.18.0.7"] if host == machine.CDN else ["93.184.216.34"]

    monkeypatch.setattr(machine, "_look_up", answer)
    found = await lines_of(small_bot_env)
    assert found["names"][0] is Grade.WARNING
    assert machine.CDN in found["names"][1]


async def test_the_source_of_prices_and_models_without_one_are_named(
    small_bot_env: BotEnv, tmp_path: Path
) -> None:
    prices = small_bot_env.provider.billing.prices
    prices |= {
        "sd2_sp_720p": Listing(Decimal("0.1")),
        "seedance2.0-std": Listing(Decimal(2), "per_million_tokens"),
        **{f"sd2_mx_{size}": Listing(Decimal("0.2")) for size in ("720p", "1080p")},
    }
    file = tmp_path / "models.toml"
    file.write_text('[models."seedance2.0-fast-i2v".price]\nper_task = "0.35"\n')
    grade, line = (await lines_of(small_bot_env, models_file=file))["prices"]
    assert grade is Grade.OK
    assert "1 models are priced by MODELS_FILE, 3 by the provider's list" in line
    assert "seedance2.0-sp (480p, 1080p, clips)" in line
    assert "seedance2.0-std (per_million_tokens)" in line
    assert "seedance2.0-fast-i2v" not in line
    assert not any(call.has_key for call in small_bot_env.provider.price_list_calls)
    asked = len(small_bot_env.provider.price_list_calls)
    alone = await lines_of(small_bot_env, models_file=file, prices_from="file", currency="USD")
    grade, line = alone["prices"]
    assert grade is Grade.WARNING
    assert "provider's list" not in line
    assert len(small_bot_env.provider.price_list_calls) == asked


async def test_a_price_list_that_cannot_be_read_is_reported(small_bot_env: BotEnv) -> None:
    small_bot_env.provider.faults.every(CallName.PRICE_LIST, Refuse(status=500))
    found = await lines_of(small_bot_env)
    assert found["price list"][0] is Grade.WARNING
    assert found["prices"][0] is Grade.OK


async def test_a_store_is_written_read_listed_and_cleared(small_bot_env: BotEnv) -> None:
    async with open_s3() as s3:
        found = await lines_of(small_bot_env, **secret(s3))
        assert found["store"][0] is Grade.OK
        assert found["clock"][0] is Grade.OK
        assert not await s3.keys(), "nothing is left"
        s3.gate.shut()
        grade, line = (await lines_of(small_bot_env, **secret(s3)))["store"]
        assert grade is Grade.FAILED
        assert "can't be written" in line
        assert not any(key in line for key in KEY_OF_STORE.values())


async def test_a_full_store_and_one_of_another_bot_are_named(small_bot_env: BotEnv) -> None:
    async with open_s3() as s3:
        await s3.write(f"{PREFIX}/video-bot-store", b"another")
        grade, line = (await lines_of(small_bot_env, **secret(s3)))["store"]
        assert grade is Grade.WARNING
        assert "another database" in line
        file = StoredFile("results/a.mp4", "a", 10**10, "", 1)
        async with small_bot_env.database.transaction() as tx:
            await stored_files.put(tx, file)
        grade, line = (await lines_of(small_bot_env, **secret(s3)))["store"]
        assert grade is Grade.FAILED
        assert "10.0 of 10 GB" in line


def secret(s3: S3) -> dict[str, Any]:
    """The store's settings as the model has them."""
    return {
        name: SecretStr(value) if name.endswith(("_id", "_access_key")) else value
        for name, value in s3.settings.items()
    }
