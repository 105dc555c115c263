"""The demonstration: figures made from the report's printed ones, meetings, indicators and contacts."""
