"""Every address is documented."""

import re

from django.urls import URLPattern, URLResolver, get_resolver

from chat.routing import ROUTES
from tests.support.environment import PROJECT

#: The admin's own addresses are Django's.
ELSEWHERE = ("admin/",)


def paths_of_django(resolver: URLResolver, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if path.startswith(ELSEWHERE):
            continue
        if isinstance(entry, URLPattern):
            found.add("/" + re.sub(r"<[^>]*>", "<>", path))
        else:
            found |= paths_of_django(entry, path)
    return found


def test_every_route_is_documented() -> None:
    text = (PROJECT / "docs" / "reference" / "http-api.md").read_text()
    documented = {re.sub(r"<[^>]*>", "<>", path) for path in re.findall(r"^\| `[A-Z]+ ([^` ]+)`", text, re.MULTILINE)}
    served = {re.sub(r"\([^)]*\)", "<>", pattern.pattern) for pattern, _method, _handler in ROUTES}
    assert served | paths_of_django(get_resolver()) <= documented
    assert documented - served - paths_of_django(get_resolver()) == {"/admin/"}
