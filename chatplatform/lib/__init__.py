"""Leaf helpers: they import no app and no model, and nothing here knows what a tenant is."""
