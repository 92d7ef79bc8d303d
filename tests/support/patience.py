"""How long tests wait."""

PATIENCE_S = 40.0
"""How long a test waits for something that must happen; a busy machine needs its time."""
