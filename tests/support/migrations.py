"""Applies only the first migrations, to build a database as an earlier version left it."""

from storage.engine.migrate import CREATE, applied_number, known_migrations
from storage.engine.sql import statements
from storage.engine.transaction import Database


async def migrate_to(database: Database, number: int) -> None:
    """Apply the migrations that are missing, up to `number`."""
    async with database.reading() as tx:
        applied = await applied_number(tx)
    for migration in known_migrations()[applied:number]:
        async with database.transaction() as tx:
            await tx.execute(CREATE)
            for statement in statements(migration.script):
                await tx.execute(statement)
            await tx.execute(
                "INSERT INTO migrations (number, name) VALUES (:number, :name)",
                {"number": migration.number, "name": migration.name},
            )
