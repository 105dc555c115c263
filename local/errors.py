"""What stops a command, in words for the person who typed it."""


class LocalError(Exception):
    """Printed without a traceback; the command exits with 1."""
