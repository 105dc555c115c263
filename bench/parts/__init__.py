"""What the benchmarks share: cores, a stack of their own, load, and the printing of ratios."""
