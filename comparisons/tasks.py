"""The register of the rooms' tasks, where Celery looks for them."""

from comparisons.digest.tasks import send, tick

__all__ = ["send", "tick"]
