"""Why visitors and people of sites are suspended or blocked."""

from typing import Final

#: Why somebody is suspended or resumed: the audit log keeps it for ever, so nobody writes about the person there.
REASONS: Final = ["Spam", "Abuse", "Security", "At their request", "By mistake", "Other"]
