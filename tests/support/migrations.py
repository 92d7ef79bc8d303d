"""Applies only the first migrations, to build a database as an earlier version left it."""

from storage.engine.migrate import CREATE, known_migrations
from storage.engine.sql import statements
from storage.engine.transaction import Database


async def migrate_to(database: Database, number: int) -> None:
    """Apply migrations 1 to `number` to an empty database."""
    for migration in known_migrations()[:number]:
        async with database.transaction() as tx:
            await tx.execute(CREATE)
            for statement in statements(migration.script):
                await tx.execute(statement)
            await tx.execute(
                "INSERT INTO migrations (number, name) VALUES (:number, :name)",
                {"number": migration.number, "name": migration.name},
            )
