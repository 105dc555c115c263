"""Contracts and plumbing that every service rests on; holds no business rules and imports no service."""
