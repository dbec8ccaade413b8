"""Readers of settings and deployment files, one module per syntax: text in, entries with places out."""
