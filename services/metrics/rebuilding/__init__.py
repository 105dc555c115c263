"""Counting again from the log into a fresh generation of counts, and putting it in the place of the served one."""

from services.metrics.rebuilding.rebuild import Rebuild
from services.metrics.rebuilding.reports import Choices, Lossy, Missing, Report

__all__ = ["Choices", "Lossy", "Missing", "Rebuild", "Report"]
