"""What the admin panel is built of; the pages themselves are in `<app>/admin/`.  docs/concepts/admin.md explains it.

Direction inside: scope < base < site; lists beside them.
"""
