"""The peer: what a good team would write in an afternoon, FastAPI + the stock ChatKitServer + asyncpg, with one user header.

It has no tenants, sessions, limits, run log or resumable streams, so that it does less for each turn than the platform.
"""
