"""Migrated, empty PostgreSQL databases: each is emptied after a test and given to another one.

Making one is a thousand files on disk, emptying one a few short statements. One whose schema or
statistics a test has changed, or that somebody is still connected to, is dropped instead.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psycopg

from tests.support.postgres import PostgresServer

_SHAPE: Final = """
SELECT md5(concat_ws('|',
  (SELECT string_agg(concat(oid, relname, relnatts, relhastriggers), ',' ORDER BY oid)
   FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped),
  (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger),
  (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_namespace),
  (SELECT count(*) FROM pg_statistic JOIN pg_class ON pg_class.oid = starelid
   WHERE relnamespace = 'public'::regnamespace),
  (SELECT count(*) FROM pg_db_role_setting),
  (SELECT string_agg(concat(number, name), ',' ORDER BY number) FROM migrations)))"""
"""What a copy of the template has in common with it as long as a test has only written rows."""

_EMPTY: Final = """
DO $$
DECLARE
  each record;
  has_rows boolean;
BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  FOR each IN
    SELECT oid, relkind, pg_relation_size(oid) AS size FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname <> 'migrations'
      AND relkind IN ('r', 'S') AND pg_relation_size(oid) > 0
  LOOP
    IF each.relkind = 'S' THEN
      PERFORM setval(each.oid, 1, false);
    ELSE
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each.oid::regclass) INTO has_rows;
      IF has_rows AND each.size > 65536 THEN
        EXECUTE format('TRUNCATE %s', each.oid::regclass);
      ELSIF has_rows THEN
        EXECUTE format('DELETE FROM %s', each.oid::regclass);
      END IF;
    END IF;
  END LOOP;
END $$"""

_OTHERS: Final = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
  AND pid <> pg_backend_pid()"""


class DatabasePool:
    """Copies of a template, one of them ready in advance; all work is done in the background."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._empty: list[str] = []
        self._shape = self._shape_of(template)
        # one thread: a template can't be copied twice at once
        self._background = ThreadPoolExecutor(1, thread_name_prefix="databases")
        self._spare = self._background.submit(self._next)

    def take(self) -> str:
        """The name of a database as the migrations leave it."""
        taken = self._spare.result()
        self._spare = self._background.submit(self._next)
        return taken

    def give_back(self, database: str) -> None:
        """Empty a database for another test, whoever is still connected to it."""
        self._background.submit(self._recycle, database)

    def close(self) -> None:
        """Drop what is left."""
        self._empty.append(self._spare.result())
        self._background.shutdown()
        for database in self._empty:
            self._server.drop(database)

    def _next(self) -> str:
        return self._empty.pop() if self._empty else self._server.create(self._template)

    def _recycle(self, database: str) -> None:
        try:
            is_as_new = self._emptied(database)
        except psycopg.Error:
            is_as_new = False
        if is_as_new:
            self._empty.append(database)
        else:
            self._server.drop(database)

    def _emptied(self, database: str) -> bool:
        with psycopg.connect(self._server.url(database), autocommit=True) as connection:
            connection.execute(_OTHERS)
            connection.execute("SET lock_timeout = '5s'")
            connection.execute(_EMPTY)
            return self._shape == _shape(connection)

    def _shape_of(self, database: str) -> str:
        with psycopg.connect(self._server.url(database), autocommit=True) as connection:
            return _shape(connection)


def _shape(connection: psycopg.Connection[tuple[str]]) -> str:
    row = connection.execute(_SHAPE).fetchone()
    return row[0] if row else ""
