"""The embedded stack for one machine, its command line, and the sources of data that it comes with."""
