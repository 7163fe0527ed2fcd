from django.apps import AppConfig, apps


class ComparisonsConfig(AppConfig):
    """What readers see and do."""

    name = "comparisons"
    verbose_name = "Comparisons"

    def ready(self) -> None:
        if apps.is_installed("anymail"):
            from anymail.signals import tracking  # noqa: PLC0415 - only there where it is used

            from comparisons.digest.bounces import on_tracking  # noqa: PLC0415

            tracking.connect(on_tracking)
