"""What the embedded stack embeds: broker, Redis-compatible server, mail sink; each a child process."""
