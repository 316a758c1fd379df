"""The audit of a gate: its board, its parts and the evidence behind them."""
