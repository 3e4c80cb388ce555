"""calculator: arithmetic, so that the model does not guess."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from chat.tools.base import tool
from chat.tools.registry import Command

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
MAX_LENGTH = 200
MAX_EXPONENT = 1000
MAX_VALUE = 10**300


def evaluate(expression: str) -> float | int:
    """The value of an arithmetic expression: numbers, ``+ - * / // % **`` and brackets.

    Raises:
        ValueError: anything else, or numbers too large to be meant.
    """
    if len(expression) > MAX_LENGTH:
        raise ValueError("too long")
    try:
        return _value(ast.parse(expression.replace("^", "**"), mode="eval").body)
    except (SyntaxError, ZeroDivisionError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError("not an arithmetic expression") from error


def _value(node: ast.AST) -> float | int:
    match node:
        case ast.Constant(value=bool()):
            raise ValueError("not a number")
        case ast.Constant(value=int() | float() as number):
            result: float | int = number
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            result = _OPERATORS[type(op)](_value(operand))
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _OPERATORS:
            a, b = _value(left), _value(right)
            if isinstance(op, ast.Pow) and abs(b) > MAX_EXPONENT:
                raise ValueError("too large")
            result = _OPERATORS[type(op)](a, b)
        case _:
            raise ValueError("not an arithmetic expression")
    if isinstance(result, complex) or abs(result) > MAX_VALUE:
        raise ValueError("too large")
    return result


@tool(command=Command("Calculate", "Compute an expression exactly", "12 * (3 + 4)", "analytics"))
def calculator(expression: str) -> str:
    """Compute an arithmetic expression exactly.

    Args:
        expression: Numbers with + - * / // % ** and brackets, for example "(3 + 4) * 12.5".
    """
    try:
        return str(evaluate(expression))
    except ValueError as error:
        return f"Cannot compute this: {error}."
