"""Whether a container lives, for its health check: `python reviewsite/alive.py <address or file>`.

An address must answer 200. A file must have been touched within the last minute: workers and beat do so
(reviewsite/celery.py). A script without imports of ours, because it starts every few seconds.
"""

import http.client
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 60.0
PATIENCE = 4.0


def alive(what: str) -> bool:
    try:
        if not what.startswith("http:"):
            return time.time() - Path(what).stat().st_mtime < SECONDS
        address = urlsplit(what)
        line = http.client.HTTPConnection(address.netloc, timeout=PATIENCE)
        line.request("GET", address.path)
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException) as error:
        print(f"{what}: {error}", file=sys.stderr)
        return False


if __name__ == "__main__":
    sys.exit(0 if alive(sys.argv[1]) else 1)
