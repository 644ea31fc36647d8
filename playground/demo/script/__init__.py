"""A file of user actions, played on the demo: a transcript and screenshots come of it."""
