"""Django's PostgreSQL backend, which tells the server for which tenant each statement is."""
