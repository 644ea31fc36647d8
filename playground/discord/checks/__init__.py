"""What Discord refuses in a body, reported by path."""
