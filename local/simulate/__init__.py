"""Simulated upstreams: crimes, calls and stops with London's shape, and all that goes wrong with records."""
