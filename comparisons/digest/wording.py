"""What a person agrees to when they subscribe. A consent record names a version; its words stand here.

A change of words is a new version. Old ones stay: records point at them.
"""

from __future__ import annotations

WORDINGS = {
    "1": (
        "Send me the week's verdicts, counterpoints, articles and catalog changes by e-mail, at most once a "
        "week. I can stop it at any time by the link in every mail."
    ),
}
CURRENT = "1"
