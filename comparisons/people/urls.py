"""The doors of staff. They stand before Django's admin and take the place of its own."""

from django.urls import URLPattern, path

from comparisons.people import views

urlpatterns: list[URLPattern] = [
    path("admin/login/", views.sign_in, name="sign-in"),
    path("admin/login/code/", views.sign_in_code, name="sign-in-code"),
    path("admin/logout/", views.sign_out, name="sign-out"),
    path("admin/password_change/", views.password, name="password"),
    path("admin/account/", views.account, name="account"),
    path("admin/account/sessions/", views.end_sessions, name="end-sessions"),
    path("admin/account/second-factor/", views.begin_factor, name="begin-factor"),
    path("admin/account/second-factor/confirm/", views.confirm_factor, name="confirm-factor"),
    path("admin/account/second-factor/codes/", views.paper_codes, name="paper-codes"),
    path("admin/account/second-factor/off/", views.drop_factor, name="drop-factor"),
]
