"""Parts of the audit's screens."""
