"""`oversight tokens create|list|rotate|revoke`."""
