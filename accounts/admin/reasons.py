"""Why visitors and people of sites are suspended or blocked."""

from typing import Final

#: Why somebody is suspended or resumed: the audit log keeps it for ever, so a list of reasons keeps text about the person out.
REASONS: Final = ["Spam", "Abuse", "Security", "At their request", "By mistake", "Other"]
