"""Logs, figures, errors and traces: what the people who run a site see of it. No reader is named in any."""
