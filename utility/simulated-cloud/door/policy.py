"""Decides by IAM's rules whether policies allow an action on a resource under its conditions.

What is not read: permission boundaries, session policies, resource policies and the policies of an
organization. A condition operator that is not known refuses, so that a policy that needs one is
not taken for tested.
"""

import fnmatch
import ipaddress
import re
from collections.abc import Callable
from typing import Any

Context = dict[str, Any]
VARIABLE = re.compile(r"\$\{([^}]+)\}")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def matches(pattern: str, value: str, fold: bool = False) -> bool:
    """IAM's wildcards: `*` and `?`, and nothing else."""
    escaped = pattern.replace("[", "[[]")
    if fold:
        escaped, value = escaped.lower(), value.lower()
    return fnmatch.fnmatchcase(value, escaped)


def compare_number(check: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, value: check(float(value), float(wanted))


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": matches,
    "ArnLike": matches,
    "ArnEquals": matches,
    "Bool": lambda wanted, value: str(wanted).lower() == value.lower(),
    "NumericEquals": compare_number(lambda value, wanted: value == wanted),
    "NumericLessThan": compare_number(lambda value, wanted: value < wanted),
    "NumericLessThanEquals": compare_number(lambda value, wanted: value <= wanted),
    "NumericGreaterThanEquals": compare_number(lambda value, wanted: value >= wanted),
    "IpAddress": lambda wanted, value: (
        ipaddress.ip_address(value) in ipaddress.ip_network(wanted)
    ),
}
NEGATED = {
    "StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}


def condition_holds(operator: str, key: str, wanted: list[Any], context: Context) -> bool:
    """One key of one condition; the values of the policy are alternatives."""
    wanted = [str(value) for value in wanted]
    values = context.get(key)
    if operator == "Null":
        return (values is None) == (wanted[0].lower() == "true")
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if values is None:
        return optional or quantifier == "ForAllValues" or name in NEGATED
    check = OPERATORS.get(NEGATED.get(name, name))
    if check is None:
        return False
    wanted = [VARIABLE.sub(lambda found: str(context.get(found[1], "")), item) for item in wanted]
    hits = [any(check(item, str(value)) for item in wanted) for value in as_list(values)]
    if name in NEGATED:
        return not any(hits)
    return all(hits) if quantifier == "ForAllValues" else any(hits)


def statement_applies(
    statement: dict[str, Any], action: str, resource: str, context: Context
) -> bool:
    if "Action" in statement:
        if not any(matches(item, action, fold=True) for item in as_list(statement["Action"])):
            return False
    elif any(matches(item, action, fold=True) for item in as_list(statement["NotAction"])):
        return False
    resources = as_list(statement.get("Resource", statement.get("NotResource", [])))
    named = any(
        matches(VARIABLE.sub(lambda found: str(context.get(found[1], "")), item), resource)
        for item in resources
    )
    if named == ("NotResource" in statement):
        return False
    return all(
        condition_holds(operator, key, as_list(wanted), context)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def allows(
    policies: list[dict[str, Any]], action: str, resource: str, context: Context
) -> bool:
    """Whether a statement allows it and none denies it."""
    allowed = False
    for policy in policies:
        for statement in as_list(policy["Statement"]):
            if statement_applies(statement, action, resource, context):
                if statement["Effect"] == "Deny":
                    return False
                allowed = True
    return allowed
