"""Filters of what an assistant says, on its way to the browser."""
