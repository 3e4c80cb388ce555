"""Why a file is refused."""


class Mismatch(Exception):  # noqa: N818 - a finding, not a fault
    """The content is not what the sender said."""


class Unreadable(Exception):  # noqa: N818 - a finding, not a fault
    """The content is broken, locked, or larger than anybody may unpack."""
