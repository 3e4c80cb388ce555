"""The SDK calls a store by position in one place and by name in the next: both are its API."""

import inspect

import pytest
from chatkit.store import Store

from chat.stores.django import DjangoStore
from chat.stores.memory import MemoryStore

METHODS = sorted(name for name in vars(Store) if not name.startswith("_") and callable(getattr(Store, name)))


@pytest.mark.parametrize("store", [DjangoStore, MemoryStore])
@pytest.mark.parametrize("name", METHODS)
def test_trap_35_arguments_are_named_and_ordered_as_in_the_sdk(store: type[Store], name: str) -> None:
    expected, ours = inspect.signature(getattr(Store, name)), inspect.signature(getattr(store, name))
    assert list(ours.parameters) == list(expected.parameters)
    kinds = {parameter.kind for parameter in ours.parameters.values()}
    assert kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    assert inspect.iscoroutinefunction(getattr(store, name)) == inspect.iscoroutinefunction(getattr(Store, name))
