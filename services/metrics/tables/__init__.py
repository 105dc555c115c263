"""The tables that the board reads: declared as data, filled by one engine, told as JSON, CSV and pages."""

from services.metrics.tables.declarations import Table, declared, read_tables
from services.metrics.tables.filling import Tables

__all__ = ["Table", "Tables", "declared", "read_tables"]
