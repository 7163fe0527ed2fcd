"""What a run leaves in the books, told without the ids that differ from one database to the next."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg

CONTENTS = {
    "reviews": """
        SELECT card.slug, snapshot.sha256, review.reviewer_id, review.persona_sha, review.judge_key,
               review.score, review.ship, review.paragraph, review.answers, review.points, review.flagged
        FROM comparisons_review review
        JOIN comparisons_cardsnapshot snapshot ON snapshot.id = review.snapshot_id
        JOIN comparisons_card card ON card.id = snapshot.card_id ORDER BY 1, 2, 3, 4, 5
    """,
    "picks": """
        SELECT pairing.slug, pick.reviewer_id, pick.persona_sha, pick.judge_key, pick.choice, pick.why,
               pick.changed_with_order, pick.flagged
        FROM comparisons_pick pick
        JOIN comparisons_pairing pairing ON pairing.id = pick.pairing_id ORDER BY 1, 2, 3, 4
    """,
    "verdicts": """
        SELECT pairing.slug, pairing.verdict_id = verdict.id, verdict.superseded_at, verdict.outcome,
               verdict.side, verdict.left_ships, verdict.left_n, verdict.left_score, verdict.right_ships,
               verdict.right_n, verdict.right_score, verdict.wins_left, verdict.wins_right,
               verdict.median_difference, verdict.judge_kinds, verdict.fell_back_from, verdict.provisional
        FROM comparisons_verdict verdict
        JOIN comparisons_pairing pairing ON pairing.id = verdict.pairing_id ORDER BY 1
    """,
}
HALF_BENCHES = """
    SELECT verdict.id FROM comparisons_verdict verdict
    WHERE (SELECT count(*) FROM comparisons_verdict_reviews WHERE verdict_id = verdict.id) <> 8
       OR (SELECT count(*) FROM comparisons_verdict_picks WHERE verdict_id = verdict.id) <> 4
"""
Claim = tuple[int, int]  # hearing, fence


class Books:
    """Asks along one connection, and makes another when the database was restarted meanwhile."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._line: psycopg.Connection[tuple[Any, ...]] | None = None

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._run(statement, values).fetchall()

    def tell(self, statement: str, *values: object) -> int:
        return self._run(statement, values).rowcount

    def number(self, statement: str, *values: object) -> int:
        return int(self.ask(statement, *values)[0][0])

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: self.ask(statement) for name, statement in CONTENTS.items()}

    def in_flight(self) -> set[Claim]:
        """Claims under way."""
        rows = self.ask("SELECT id, fence FROM panel_hearing WHERE state = 'running'")
        return {(hearing, fence) for hearing, fence in rows}

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _run(self, statement: str, values: tuple[object, ...]) -> psycopg.Cursor[tuple[Any, ...]]:
        for known in (self._line is not None, False):
            try:
                if self._line is None:
                    self._line = psycopg.connect(self.address, autocommit=True)
                return self._line.execute(statement, values or None)
            except psycopg.OperationalError:
                self.close()
                if not known:
                    raise
        raise AssertionError


class Reader(threading.Thread):
    """Somebody who looks at every verdict all the time and writes down the half ones."""

    def __init__(self, address: str) -> None:
        super().__init__(name="reader", daemon=True)
        self.address = address
        self.looks = 0
        self.half: list[int] = []
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                with psycopg.connect(self.address, autocommit=True) as connection:
                    while not self._over.wait(0.03):
                        self.half += [row[0] for row in connection.execute(HALF_BENCHES)]
                        self.looks += 1
            except psycopg.OperationalError:  # the database is being restarted; readers come back
                time.sleep(0.05)

    def stop(self) -> None:
        self._over.set()
        self.join()
