"""People with an account are staff; readers stay anonymous."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An own user model from the first migration: swapping it later is the one change Django cannot make."""

    class Meta(AbstractUser.Meta):
        pass
