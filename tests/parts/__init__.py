"""The real and embedded parts that the tests run on: Kafka, Redis, PostgreSQL, and the embedded broker.

Each part is a context manager with `start`, `stop`, `kill` and `start` again on the same port and data.
"""
