"""What staff type to come in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, QueryDict

from comparisons.people.models import User

WRONG = "That name and password do not belong together. Both are case-sensitive."
WRONG_CODE = "That code is not right, or was used already. Wait for the next one."


class SignInForm(forms.Form):
    """One sentence for an unknown name, a wrong password and an account that is switched off."""

    username = forms.CharField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
        error_messages={"required": "Give the name of your account."},
    )
    password = forms.CharField(
        label="Password",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Give your password."},
    )

    def __init__(self, request: HttpRequest, data: QueryDict | None = None) -> None:
        self._request = request
        self.user: User | None = None
        super().__init__(data, label_suffix="")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            # Django hashes the password of an unknown name as well, so that it takes the same time.
            found = authenticate(self._request, username=cleaned["username"], password=cleaned["password"])
            if not isinstance(found, User):
                raise forms.ValidationError(WRONG)
            self.user = found
        return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Six digits from your app, or one of your codes on paper.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false",
                   "autofocus": True}
        ),
        error_messages={"required": "Give the code."},
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, paper: bool = True) -> None:
        super().__init__(data, label_suffix="")
        if not paper:
            self.fields["code"].help_text = "Six digits."


class PasswordAgainForm(forms.Form):
    """Asked before anything that would let somebody else at this desk in later."""

    password = forms.CharField(
        label="Your password",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Give your password."},
    )

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        self._user = user
        super().__init__(data, label_suffix="")

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self._user.check_password(password):
            raise forms.ValidationError("That is not your password.")
        return password


class PasswordForm(PasswordChangeForm):
    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(user, data)
        self.label_suffix = ""
        self.fields["new_password1"].help_text = "At least 12 characters, and not one of the common ones."
