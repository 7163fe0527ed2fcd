"""The editors' daily work: what is going on, what is due, what was done, and what can be stopped."""
