"""The screens of the interview rehearsal."""
