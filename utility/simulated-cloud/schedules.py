"""EventBridge Scheduler's other half, which moto leaves out: it carries out what falls due."""

import json
import re
import sys
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from moto.iam.models import iam_backends
from moto.scheduler.models import scheduler_backends

from compute.calls import CALLS
from compute.permissions import needs
from compute.service import ComputeService
from door.authorization import require
from door.identities import ACCOUNT, Identity, role_policies
from door.refusal import Refusal

TARGET = "arn:aws:scheduler:::aws-sdk:ec2:"


def due(schedule: Any, now: datetime) -> bool:
    """Whether a one-shot schedule's time has come."""
    found = re.fullmatch(r"at\((.+)\)", schedule.schedule_expression)
    if not found or schedule.state != "ENABLED":
        return False
    at = datetime.fromisoformat(found[1])
    return now >= at.replace(tzinfo=ZoneInfo(schedule.schedule_expression_timezone))


def run_due(compute: ComputeService, done: set[str]) -> None:
    """Runs what is due once, with the permissions of its role, and drops it where it says so."""
    now = datetime.now(timezone.utc)
    for region, backend in list(scheduler_backends[ACCOUNT].items()):
        for group in list(backend.schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                key = f"{schedule.arn} {schedule.schedule_expression}"
                if key in done or not due(schedule, now):
                    continue
                done.add(key)
                try:
                    carry_out(compute, region, schedule)
                except Refusal as refusal:
                    print(f"schedule {schedule.name}: {refusal}", file=sys.stderr)
                if schedule.action_after_completion == "DELETE":
                    group.schedules.pop(schedule.name, None)


def carry_out(compute: ComputeService, region: str, schedule: Any) -> None:
    target = schedule.target
    if not target["Arn"].startswith(TARGET):
        return
    name = target["Arn"].removeprefix(TARGET)
    action = name[0].upper() + name[1:]
    world = compute.world(region)
    given = json.loads(target.get("Input") or "{}")
    role = iam_backends[ACCOUNT]["aws"].get_role_by_arn(target["RoleArn"])
    identity = Identity(role.arn, "", policies=role_policies(role))
    require(identity, "ec2", list(needs(world, action, given)), {})
    CALLS[action](world, given)
