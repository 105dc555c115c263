"""Importers: published files read into records, and posted to ingest like any other upstream's."""
