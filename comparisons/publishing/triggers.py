"""SQL of the triggers that note changes of pages. Pure text, called by migrations.

Triggers and not calls from the actions: imports, the admin, `update()` and psql change pages as well, and
nobody can forget a trigger. Old migrations call this, so for given arguments its answer never changes.
A later table that published pages show is watched by its own migration: `RunSQL(*watch(…))`.
"""

from __future__ import annotations

from collections.abc import Sequence

EVENTS = ("insert", "update", "delete")
PART = """
CREATE FUNCTION {name}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comparisons_pagechange (kind, key)
    SELECT DISTINCT '{kind}', coalesce({key}, '') FROM ({rows}) AS each WHERE {condition};
    IF FOUND THEN
        NOTIFY page_changes;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER {name}_{event} AFTER {event} ON {table} {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}_{event}();
"""
# An UPDATE that leaves a row as it was is no change; one that moves it is a change of both places.
UPDATED = (
    "SELECT o.* FROM before o JOIN after n ON n.id = o.id WHERE {changed} "
    "UNION ALL SELECT n.* FROM before o JOIN after n ON n.id = o.id WHERE {changed}"
)
BACK = "DROP TRIGGER {name}_{event} ON {table}; DROP FUNCTION {name}_{event}();"


def watch(
    table: str,
    kind: str,
    key: str = "''",
    *,
    condition: str = "true",
    columns: Sequence[str] = (),
    events: Sequence[str] = EVENTS,
) -> tuple[str, str]:
    """(forward, back): a `kind` of change per distinct `key` for rows of `table` that meet `condition`.

    `key` and `condition` are SQL over a row called `each`. With `columns` an UPDATE counts only when one of
    them changed. One note a statement however many rows: an import changes thousands.
    """
    name = f"page_change_{table.removeprefix('comparisons_')}_{kind}"
    old, new = (", ".join(f"{row}.{column}" for column in columns or ("*",)) for row in "on")
    changed = f"({old}) IS DISTINCT FROM ({new})" if columns else f"{old} IS DISTINCT FROM {new}"
    rows = {
        "insert": ("SELECT * FROM after", "REFERENCING NEW TABLE AS after"),
        "delete": ("SELECT * FROM before", "REFERENCING OLD TABLE AS before"),
        "update": (
            UPDATED.format(changed=changed),
            "REFERENCING OLD TABLE AS before NEW TABLE AS after",
        ),
    }
    forward = [
        PART.format(
            name=name, event=event, kind=kind, key=key, condition=condition, table=table,
            rows=rows[event][0], tables=rows[event][1],
        )
        for event in events
    ]  # fmt: skip
    return "".join(forward), "".join(BACK.format(name=name, event=each, table=table) for each in events)
