"""The process that thinks: each voice's drummer, its horizon, and the levels."""
