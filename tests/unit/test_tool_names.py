"""No two tools have the same name for a model, whatever their servers are called."""

import itertools
import re

from chat.tools.mcp_tools import model_name

PARTS = ["a", "b", "c", "a_b", "b_c", "a_", "_b", "__", "_", "abc", "a_b_c", "x" * 20, "x" * 40]


def test_names_of_servers_and_tools_never_meet() -> None:
    names = {(server, tool): model_name(server, tool) for server, tool in itertools.product(PARTS, PARTS)}
    assert len(set(names.values())) == len(names)
    assert names["a", "b_c"] == "mcp_a_b_c"
    assert names["a_b", "c"] != "mcp_a_b_c"


def test_every_name_is_one_that_providers_take() -> None:
    for server, tool in itertools.product(["a" * 20, "a_b", "a" * 100], ["b" * 40, "c"]):
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", model_name(server, tool))
