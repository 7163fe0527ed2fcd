from django.apps import AppConfig


class ComparisonsConfig(AppConfig):
    """What readers see and do."""

    name = "comparisons"
    verbose_name = "Comparisons"
