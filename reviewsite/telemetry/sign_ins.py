"""Who came in and who did not, as lines in the log. By the account's number: what was typed as a name may
have been a password.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

log = logging.getLogger("reviewsite.sign_ins")


@receiver(user_logged_in, dispatch_uid="reviewsite.sign_ins")
def _came_in(user: Any = None, **kwargs: Any) -> None:
    log.info("account %s signed in", getattr(user, "pk", None))


@receiver(user_logged_out, dispatch_uid="reviewsite.sign_ins")
def _went_out(user: Any = None, **kwargs: Any) -> None:
    if user is not None:
        log.info("account %s signed out", user.pk)


@receiver(user_login_failed, dispatch_uid="reviewsite.sign_ins")
def _was_refused(**kwargs: Any) -> None:
    log.warning("somebody was refused at the door")
