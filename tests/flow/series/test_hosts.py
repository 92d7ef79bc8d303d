"""Several machines: a film is made although its shots lie on one that is gone."""

from storage.records import State
from storage.requests import leases
from tests.flow.fast_forward import Flow
from tests.flow.series.conftest import Shooting, ledger_is_right

HALF_A_MINUTE_MS = 30_000


async def test_another_machine_goes_on_with_a_series_and_makes_its_film(
    flow: Flow, flowing: Shooting
) -> None:
    bot_env = flow.bot_env
    async with flow.running() as app:
        receipt = await flowing.ask(app)
        await flow.until(lambda rows: sum(row.state is State.RENDERED for row in rows) == 1)
    there = bot_env.settings.data_dir.with_name("there")
    # the first machine has been dead for so long that its work is anybody's
    flow.hop(HALF_A_MINUTE_MS)
    async with bot_env.database.transaction() as tx:
        await leases.release_dead(tx, alive=["nobody"], now_ms=bot_env.clock())
    async with flow.running(data_dir=there):
        await flow.until(lambda rows: any(row.state is State.POSTED for row in rows))
    assert len(flowing.films(receipt.request.id)) == 1
    assert len(bot_env.provider.creates) == 3
    whole = await flowing.whole(receipt.request.id)
    assert (there / whole.result_path).is_file()
    await ledger_is_right(bot_env.database)
