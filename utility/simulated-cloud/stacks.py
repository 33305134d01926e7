"""CloudFormation's change sets, where moto's are not enough: they take in buckets that are there
already, give outputs, leave events, and fail and roll back as stacks do."""

import threading
from collections.abc import Callable
from typing import Any

from door.gate import Answer
from door.request import Request
from moto.cloudformation.models import CloudFormationBackend, Event, Stack
from moto.ec2.models import ec2_backends
from moto.s3.models import FakeBucket, s3_backends

MAKE_BUCKET = FakeBucket.create_from_cloudformation_json


class Failure(Exception):
    """A resource that can't be made: its name in the template, its type, and why."""


class Stacks:
    """Stands in front of moto's CloudFormation."""

    def __init__(self, ask_moto: Callable[[Request], Answer]):
        self.ask_moto = ask_moto
        self.importing: set[tuple[str, ...]] = set()
        self.takes_in = False
        self.executing = threading.Lock()
        FakeBucket.create_from_cloudformation_json = self.make_bucket
        CloudFormationBackend.execute_change_set = execute

    def answer(self, request: Request) -> Answer:
        form = request.form()
        name = (request.region, form.get("StackName", ""), form.get("ChangeSetName", ""))
        if request.action == "CreateChangeSet" and form.get("ImportExistingResources") == "true":
            self.importing.add(name)
        if request.action != "ExecuteChangeSet":
            return self.ask_moto(request)
        with self.executing:
            self.takes_in = name in self.importing
            try:
                return self.ask_moto(request)
            finally:
                self.takes_in = False

    def make_bucket(self, name: str, given: Any, account: str, region: str, **more: Any) -> Any:
        there = s3_backends[account]["aws"].buckets.get(name)
        if there is not None and self.takes_in:
            return there
        return MAKE_BUCKET(name, given, account, region, **more)


def execute(
    backend: CloudFormationBackend, change_set_name: str, stack_name: str | None = None
) -> None:
    change_set = backend.describe_change_set(change_set_name)
    stack, kind = backend.stacks[change_set.stack_id], change_set.change_set_type
    before = (stack.template, stack.parameters)
    stack._add_stack_event(f"{kind}_IN_PROGRESS", resource_status_reason="User Initiated")
    stack.template, stack.parameters = change_set.template, change_set.parameters
    stack._parse_template()
    try:
        check_network(stack)
        if kind == "CREATE":
            stack.resource_map = stack._create_resource_map()
            stack.resource_map.create(stack.template_dict)
        else:
            stack.resource_map.update(change_set.template_dict, change_set.parameters)
    except Failure as failure:
        add_event(stack, *failure.args[:2], f"{kind}_FAILED", failure.args[2])
        stack.status = "ROLLBACK_COMPLETE" if kind == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
        if kind == "UPDATE":
            stack.template, stack.parameters = before
            stack._parse_template()
    else:
        for name, resource in stack.template_dict["Resources"].items():
            if stack.resource_map._parsed_resources.get(name) is not None:
                add_event(stack, name, resource["Type"], f"{kind}_COMPLETE", None)
        stack.output_map = stack._create_output_map()
        stack.status = f"{kind}_COMPLETE"
    stack._add_stack_event(stack.status)
    change_set.execution_status = "EXECUTE_COMPLETE"


def check_network(stack: Stack) -> None:
    """The commonest reason for which a foundation can't be made; moto takes any network."""
    network = stack.parameters.get("VpcId")
    known = ec2_backends[stack.account_id][stack.region_name].vpcs
    for name, resource in stack.template_dict["Resources"].items():
        if resource["Type"] == "AWS::EC2::SecurityGroup" and network and network not in known:
            raise Failure(name, resource["Type"], f"The vpc ID '{network}' does not exist")


def add_event(stack: Stack, name: str, kind: str, status: str, reason: str | None) -> None:
    stack.events.append(Event(
        stack_id=stack.stack_id, stack_name=stack.name, logical_resource_id=name,
        physical_resource_id="", resource_type=kind, resource_status=status,
        resource_status_reason=reason, resource_properties=None,
    ))
