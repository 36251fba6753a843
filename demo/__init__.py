"""A small invented company and a local server that speaks the vendors' APIs about it."""
