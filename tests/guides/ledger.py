"""Who runs the commands of the guides. What is in none of these lists fails `tests/guides/test_ledger.py`."""

from __future__ import annotations

# Guides whose blocks a test takes from the file and runs as they stand, so that a new one is run too.
WHOLE = {
    "docs/brand.md": "tests/guides/test_brand.py",
    "docs/api.md": "tests/api/test_docs.py",
}
# Run by tests/guides/test_commands.py, and the first words of what each answers.
MANAGED = {
    "createsuperuser": "Superuser created successfully.",
    "import_cards comparisons/cards/starter": "87 cards",
    "feature_pairings comparisons/cards/starter/featured.yaml": "64 pairings are featured.",
    "convene --featured --queue": "hearings, featured pairings.",
    "convene gpt-5-5 claude-opus-4-8": "1 of 1 verdicts published",
    "convene --featured": "1 of 1 verdicts published",
    "convene --all --batch": "2 of 2 verdicts published",
    "import_cards my-cards/ api.json": "created 3, ",
    "feature_pairings my-cards/featured.yaml": "1 pairing is featured.",
    "digest --preview": "Subject: ",
    "erase somebody@example.org": "Erased. Only a keyed hash of the address is kept.",
    "replay 01a2b3c4-…": "The same answer, character for character.",
    "doctor": "PostgreSQL",
    "backup site.dump": "bytes in site.dump.",
    "restore site.dump --into postgresql://…/a_new_database": "Restored into ",
    "restore FILE --into postgresql://…/second_opinion_new": "Restored into ",
    "token nightly-import --scope import --days 90": "nightly-import: import, for ann",
}
# Run by other tests, in other words.
ELSEWHERE = {
    "make run": "tests/flows/test_up.py",  # what the target calls, which test_ledger.py reads
    "make test": "tests/guides/test_ledger.py",  # or else you would not be reading its answer
    "MISTRAL_API_KEY=… make run": "tests/panel/test_judging_chain.py",
}
# Not run where the suite runs, and why. What can be proved of them without, the named tests prove.
ENGINE = "a container engine; services, profiles and options are checked against docker-compose.yml"
NOT_HERE = {
    "cp .env.example .env && $EDITOR .env": "an editor and a person; tests/deployment reads the file",
    "docker compose up -d": ENGINE,
    "docker compose --profile tls up -d": ENGINE,
    "old=$(docker compose ps -q web)": ENGINE,
    "docker compose up -d --no-deps --no-recreate --scale web=4 web": ENGINE,
    "until [ \"$(docker inspect -f '{{.State.Health.Status}}' $(docker compose ps -q web) | sort -u)\""
    " = healthy ]; do sleep 1; done": ENGINE,
    "docker stop $old && docker rm $old": ENGINE,
    "pipx run pip-audit --strict --require-hashes -r requirements/production.txt":
    "a database of known holes on the internet, which tests do not reach",
}  # fmt: skip
