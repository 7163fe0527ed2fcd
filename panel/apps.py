from django.apps import AppConfig


class PanelConfig(AppConfig):
    """The machine that writes reviews."""

    name = "panel"
    verbose_name = "Panel"
