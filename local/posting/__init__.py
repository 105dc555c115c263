"""Posting records to ingest, patiently, and counting what it rejects."""
