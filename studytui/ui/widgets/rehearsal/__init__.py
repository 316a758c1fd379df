"""Parts of the rehearsal's screens."""
