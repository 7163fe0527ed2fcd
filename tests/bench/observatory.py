"""The score of MDN's HTTP Observatory, by its own engine, for each kind of page behind the front with TLS.

    npm install --ignore-scripts --prefix /somewhere @mdn/mdn-http-observatory
    OBSERVATORY=/somewhere python -m tests.bench.observatory

Nothing leaves this machine: the certificate is made here, and the list of preloaded hosts, which the engine
would fetch at its installation, is an empty one. The engine's command refuses pages that are not 2xx, so its
parts are called one by one. Exit code 1 where a page is below 130.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.flows.backing import Services
from tests.publishing.webs import NGINX, ROOT, Nginx, Process, free_port, our_config, wait_for

LEAST = 130
PAGES = {
    "home": "/",
    "comparison": "/compare/card-0000-vs-card-0001/",
    "models": "/models/",
    "list with a state": "/models/?q=card",
    "article list": "/articles/",
    "404": "/nowhere/",
    "500": "/fails/",
    "admin": "/admin/",
    "login": "/admin/login/",
    "staff": "/panel/",
    "API": "/api/v1/",
    "API list": "/api/v1/cards/",
    "API 404": "/api/v1/nowhere/",
    "API docs": "/api/docs/",
    "feed": "/feeds/verdicts.atom",
}
ENGINE = """
import { retrieve } from "@@/src/retriever/retriever.js";
import { ALL_TESTS } from "@@/src/constants.js";
import { getGradeForScore, getScoreModifier } from "@@/src/grader/grader.js";
const [httpPort, httpsPort, ...paths] = process.argv.slice(2);
const told = {};
for (const path of paths) {
  const seen = await retrieve("localhost", { httpPort, httpsPort, path });
  const results = ALL_TESTS.map((test) => test(seen)).filter((each) => each.result);
  const modifiers = results.map((each) => [each.result, getScoreModifier(each.result)]);
  const lost = modifiers.filter(([, points]) => points < 0);
  const sum = (rows) => rows.reduce((total, [, points]) => total + points, 100);
  const score = sum(lost) >= 90 ? sum(modifiers) : sum(lost);
  told[path] = { status: seen.responses.auto?.status, ...getGradeForScore(score), lost };
}
console.log(JSON.stringify(told));
process.exit(0);
"""


def main() -> int:
    package = Path(os.environ.get("OBSERVATORY", "")) / "node_modules/@mdn/mdn-http-observatory"
    if not (NGINX and shutil.which("node") and shutil.which("openssl") and (package / "src").is_dir()):
        print(
            "Skipped: needs nginx, node, openssl and OBSERVATORY=<folder with the engine>; see the docstring."
        )
        return 0
    with tempfile.TemporaryDirectory() as name, Services() as services:
        told = measured(package, Path(name), services)
    for title, path in PAGES.items():
        each = told[path]
        lost = ", ".join(f"{points} {rule}" for rule, points in each["lost"]) or "nothing lost"
        print(f"{title:<18} {each['status']}  {each['score']:>4}  {each['grade']:<3} {lost}")
    results = ROOT / "tests" / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "observatory.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    return 0 if all(each["score"] >= LEAST for each in told.values()) else 1


def measured(package: Path, folder: Path, services: Services) -> dict[str, dict[str, object]]:
    folder.chmod(0o755)
    http, https, app = free_port(), free_port(), free_port()
    certificate = make_certificate(folder)
    environment = {
        **os.environ, "DATABASE_URL": services.database_url(), "REDIS_URL": services.redis_url(),
        "DATA_DIR": str(folder), "SECRET_KEY": "0123456789abcdef" * 4, "TRUSTED_PROXIES": "1",
        "SITE_URL": f"https://localhost:{https}", "ALLOWED_HOSTS": "localhost", "PANEL_JUDGES": "rubric",
    }  # fmt: skip
    for command in (
        ["manage.py", "migrate", "--verbosity=0"],
        ["manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        ["-m", "tests.flows.catalogue", "2"],
        ["manage.py", "convene", "--all", "--judge", "rubric", "--here"],
    ):
        subprocess.run(
            [sys.executable, *command], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
    granian = [
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--no-ws",
        "--port",
        str(app),
        "tests.bench.failing:application",
    ]
    web = Process([sys.executable, *granian], app, folder / "web.log", environment)
    wait_for(lambda: web.get("/healthz/").status == 200, "never healthy")
    hsts = "max-age=31536000; includeSubDomains; preload"
    shipped = our_config(
        port=https, app=app, store=folder / "pages", static=folder / "static", hsts=hsts,
        LISTEN=f"127.0.0.1:{https} ssl", OUTSIDE="$scheme",
        TLS=f"ssl_certificate {certificate}; ssl_certificate_key {certificate};",
    )  # fmt: skip
    # Port 80 of a real site. Here the port is another one, which Django would repeat in its redirect.
    plain = (
        f"server {{ listen 127.0.0.1:{http}; location / {{ proxy_pass http://127.0.0.1:{app};"
        f" proxy_set_header Host localhost:{https}; proxy_set_header X-Forwarded-Proto http; }} }}"
    )
    front = Nginx(folder / "nginx", f"{shipped}\n{plain}", https)
    try:
        return scan(package, folder, certificate, http, https)
    finally:
        front.stop()
        web.stop()


def make_certificate(folder: Path) -> Path:
    """Key and certificate in one file, for `localhost`, signed by itself."""
    file, key = folder / "tls.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(key), "-out", str(file)], check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + key.read_text())
    return file


def scan(
    package: Path, folder: Path, certificate: Path, http: int, https: int
) -> dict[str, dict[str, object]]:
    preloaded = package / "conf" / "hsts-preload.json"
    if not preloaded.exists():
        preloaded.write_text("{}", encoding="utf-8")
    script = folder / "scan.mjs"
    script.write_text(ENGINE.replace("@@", str(package)), encoding="utf-8")
    done = subprocess.run(
        ["node", str(script), str(http), str(https), *PAGES.values()], capture_output=True, text=True,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(certificate)}, check=True, timeout=300,
    )  # fmt: skip
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
