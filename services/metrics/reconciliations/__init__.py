"""Reconciliations: a printed table against what is computed, and its printed sums against their printed parts."""
