"""The proof that tenants do not meet, on the installation that it runs on: `manage.py check_isolation`.

Direction inside: findings < rows < tables; findings < doors.
"""
