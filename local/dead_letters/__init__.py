"""Dead letters: listed, shown, and published again."""
