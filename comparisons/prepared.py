"""A query whose SQL Django writes once.

Writing the statement behind a comparison page takes Django eight times as long as PostgreSQL takes to answer
it, and only one value in it ever changes. Its other sixty are written into it once as well: filling them in
anew cost the driver as much as all the rest of the trip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class _Written:
    compiler: Any
    parts: list[str]  # SQL around the value
    related: list[Any]
    converters: dict[int, Any]


class Prepared(Generic[Row]):
    """`ask(value)` for any value, compiled for `example`, which must stand nowhere else in the query.

    Calling it gives the rows as the query set would: with what `select_related` and `annotate` brought along.
    """

    def __init__(self, ask: Callable[[Any], QuerySet[Row]], *, example: str | int) -> None:
        self._ask, self._example = ask, example
        self._written: _Written | None = None

    def __call__(self, value: str | int) -> list[Row]:
        with connection.cursor() as cursor:
            # Two threads may both write it the first time; they write the same.
            written = self._written = self._written or self._write()
            cursor.execute(_quoted(value).join(written.parts))
            found = cursor.fetchall()
        return list(self._rows(written, found))

    def _write(self) -> _Written:
        # It keeps the connection of this thread, and asks it no more than how values are read.
        asked = self._ask(self._example)
        assert not asked._prefetch_related_lookups  # type: ignore[attr-defined]  # they are further queries
        compiler = asked.query.get_compiler(using=connection.alias)
        sql, values = compiler.as_sql()
        parts = _written_out(sql, values).split(_quoted(self._example))
        assert 0 < values.count(self._example) == len(parts) - 1
        # The stubs are already those of a later Django.
        related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)  # type: ignore[call-arg]
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        return _Written(compiler, parts, related, converters)

    def _rows(self, written: _Written, found: list[tuple[Any, ...]]) -> Iterator[Row]:
        """What django.db.models.query.ModelIterable does with what a cursor brought."""
        compiler = written.compiler
        info = compiler.klass_info
        model, first, last = info["model"], info["select_fields"][0], info["select_fields"][-1] + 1
        columns = [column.target.attname for column, *_ in compiler.select[first:last]]
        for values in compiler.apply_converters(found, written.converters):
            row = model.from_db(connection.alias, columns, values[first:last])
            for related in written.related:
                related.populate(values, row)
            for name, place in (compiler.annotation_col_map or {}).items():
                setattr(row, name, values[place])
            yield cast(Row, row)


def _quoted(value: str | int) -> str:
    """The value as SQL, as the driver itself writes it."""
    return _written_out("%s", [value])


def _written_out(sql: str, values: Sequence[Any]) -> str:
    return str(connection.ops.compose_sql(sql, values))  # type: ignore[attr-defined]  # of PostgreSQL's
