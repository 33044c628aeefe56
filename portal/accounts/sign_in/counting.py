"""Where the rate limits count: a table of our database, so that every process sees one count.

Each count is a short transaction of its own, ended before the request's begins; a refused or
failed request stays counted.
"""

from datetime import datetime, timedelta

from limits.storage import Storage
from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.accounts.sign_in.models import RequestCount
from portal.db import db

SCHEME = "tongtu-database"


class DatabaseCounts(Storage):
    """A storage of the `limits` library over the table of request counts."""

    STORAGE_SCHEME = [SCHEME]

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what the database raises when it cannot count."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more under `key`; return the count of the present window.

        A window of `expiry` seconds begins with the first count after the last one ended.
        """
        at = clock.now()
        until = at + timedelta(seconds=expiry)
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        row = RequestCount.__table__.c
        over = row.ends_at <= at
        statement = (
            dialect.insert(RequestCount)
            .values(key=key, count=amount, ends_at=until)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "count": case((over, amount), else_=row.count + amount),
                    "ends_at": case((over, until), else_=row.ends_at),
                },
            )
            .returning(RequestCount.count)
        )
        with db.engine.begin() as connection:
            return int(connection.execute(statement).scalar_one())

    def get(self, key: str) -> int:
        """Return the count of the present window."""
        return self._row(key)[0]

    def get_expiry(self, key: str) -> float:
        """Return when the present window ends, as seconds since 1970."""
        return self._row(key)[1].timestamp()

    def _row(self, key: str) -> tuple[int, datetime]:
        at = clock.now()
        found = select(RequestCount.count, RequestCount.ends_at).where(
            RequestCount.key == key, RequestCount.ends_at > at
        )
        with db.engine.begin() as connection:
            row = connection.execute(found).first()
        return (row.count, row.ends_at) if row else (0, at)  # type: ignore[return-value]  # the column, not tuple.count

    def check(self) -> bool:
        """Tell whether the database can be asked."""
        self._row("")
        return True

    def reset(self) -> int | None:
        """Forget every count; return how many there were."""
        with db.engine.begin() as connection:
            return int(connection.execute(delete(RequestCount)).rowcount)

    def clear(self, key: str) -> None:
        """Forget the count of one key."""
        with db.engine.begin() as connection:
            connection.execute(delete(RequestCount).where(RequestCount.key == key))


def forget_old(*, at: datetime) -> int:
    """Delete the counts of windows that have ended; return how many rows went."""
    gone = db.session.execute(delete(RequestCount).where(RequestCount.ends_at <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a delete has one
