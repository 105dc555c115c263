"""Alert rules at the command line."""
