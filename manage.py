#!/usr/bin/env python
"""The platform's commands: ``python manage.py help``."""

import sys

from chatplatform.lib.startup import prepare_process

# These work without a database, so that an image can be built or a configuration checked; the worker waits for its database.
WITHOUT_DATABASE = {
    "help",
    "version",
    "--help",
    "--version",
    "check",
    "collectstatic",
    "db_worker",
    "diffsettings",
    "doctor",
    "findstatic",
    "write_reference",
}


def main() -> None:
    prepare_process(needs_database=len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATABASE)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
