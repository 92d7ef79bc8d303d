"""What a PromQL query reads: metric names, the labels it matches, and those it groups by."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import promql_parser


@dataclass(frozen=True, slots=True)
class Selected:
    """One metric of a query, with the labels that the query needs it to have."""

    metric: str
    labels: frozenset[str]
    matched: tuple[tuple[str, str], ...] = field(default=())


_WRAPPERS = (promql_parser.ParenExpr, promql_parser.UnaryExpr, promql_parser.SubqueryExpr)


def selected(query: str) -> list[Selected]:
    """Every metric that a query reads. Raises ValueError for one that is no PromQL."""
    return list(_walk(promql_parser.parse(query), frozenset()))


def _walk(node: Any, grouped: frozenset[str]) -> Iterator[Selected]:
    if isinstance(node, promql_parser.VectorSelector):
        matchers = [(each.name, each.value) for each in node.matchers.matchers]
        labels = grouped | {name for name, _ in matchers}
        yield Selected(str(node.name), frozenset(labels), tuple(matchers))
    elif isinstance(node, promql_parser.MatrixSelector):
        yield from _walk(node.vector_selector, grouped)
    elif isinstance(node, promql_parser.AggregateExpr):
        by = node.modifier.labels if node.modifier is not None else ()
        yield from _walk(node.expr, grouped | frozenset(by))
    elif isinstance(node, promql_parser.BinaryExpr):
        yield from _walk(node.lhs, grouped)
        yield from _walk(node.rhs, grouped)
    elif isinstance(node, promql_parser.Call):
        for argument in node.args:
            yield from _walk(argument, grouped)
    elif isinstance(node, _WRAPPERS):
        yield from _walk(node.expr, grouped)
