"""The cloud behind its door: who answers what, and what is put right on the way to moto."""

import http.client
import json
import threading
from collections.abc import Callable
from typing import Any

from compute import images
from compute.market import VCPU_KINDS, on_demand_price, vcpus
from compute.service import ComputeService, Once
from compute.settings import ON_DEMAND_QUOTA, SPOT_QUOTA, Settings
from door import authorization
from door.gate import Answer
from door.refusal import Refusal
from door.request import Request
from stacks import Stacks

HOP_HEADERS = ("connection", "transfer-encoding", "expect", "content-length")
WRITES = ("PUT", "POST", "DELETE")
QUOTA_NAMES = {
    SPOT_QUOTA: "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
    ON_DEMAND_QUOTA: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
}


class Services:
    """Everything that answers a request which the door let in."""

    def __init__(self, moto_port: int, settings: Settings):
        self.moto_port, self.settings = moto_port, settings
        self.compute = ComputeService(settings, self.ask_moto)
        self.once = Once()
        self.stacks = Stacks(self.ask_moto)
        self.stripes = [threading.Lock() for _ in range(64)]
        self.own: dict[tuple[str, str], Callable[[Request, Any], Any]] = {
            ("ssm", "GetParameter"): self.parameter,
            ("ssm", "GetParameters"): self.parameters,
            ("servicequotas", "GetServiceQuota"): self.quota,
            ("servicequotas", "ListServiceQuotas"): self.quotas,
            ("pricing", "GetProducts"): self.products,
        }

    def authorize(self, request: Request) -> None:
        if request.service == "ec2":
            self.compute.authorize(request)
        else:
            authorization.authorize(request)

    def answer(self, request: Request) -> Answer:
        if request.service == "ec2":
            return self.compute.answer(request)
        handler = self.own.get((request.service, request.action or ""))
        if handler:
            result = handler(request, json.loads(request.body or b"{}"))
            if result is not None:
                kind = {"Content-Type": "application/x-amz-json-1.1"}
                return Answer(200, kind, json.dumps(result).encode())
        if request.service == "s3" and request.method in WRITES:
            # moto looks at a condition and writes in two steps, and another write may come between.
            with self.stripes[hash(request.path) % len(self.stripes)]:
                return self.ask_moto(request)
        ask = self.stacks.answer if request.service == "cloudformation" else self.ask_moto
        token = self.token(request)
        if token:
            key = (request.service, request.region, request.action, token)
            return self.once.answer(key, request.body.decode(), lambda: ask(request))
        return ask(request)

    @staticmethod
    def token(request: Request) -> str | None:
        """The token that makes a repeated call the same call, where moto doesn't see it."""
        if request.service == "scheduler" and request.body:
            return json.loads(request.body).get("ClientToken")
        if request.service == "cloudformation":
            form = request.form()
            return form.get("ClientRequestToken") or form.get("ClientToken")
        return None

    def ask_moto(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.moto_port, timeout=300)
        target = f"{request.path}?{request.query}" if request.query else request.path
        connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            if name.lower() not in HOP_HEADERS:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return Answer(reply.status, dict(reply.getheaders()), body)

    # What moto lacks

    @staticmethod
    def parameter(request: Request, given: Any) -> Any:
        found = images.parameter(given.get("Name", ""), request.region)
        return found and {"Parameter": found}

    @staticmethod
    def parameters(request: Request, given: Any) -> Any:
        found = [images.parameter(name, request.region) for name in given.get("Names", [])]
        if not all(found):
            return None
        return {"Parameters": found, "InvalidParameters": []}

    def quota(self, request: Request, given: Any) -> Any:
        if given.get("ServiceCode") != "ec2":
            return None
        code = given.get("QuotaCode")
        if code not in self.settings.quotas:
            raise Refusal("NoSuchResourceException", 400, f"No such quota: {code}")
        return {"Quota": self.quota_shown(request, code)}

    def quotas(self, request: Request, given: Any) -> Any:
        if given.get("ServiceCode") != "ec2":
            return None
        return {"Quotas": [self.quota_shown(request, code) for code in self.settings.quotas]}

    def quota_shown(self, request: Request, code: str) -> dict[str, Any]:
        return {
            "ServiceCode": "ec2", "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
            "QuotaCode": code, "QuotaName": QUOTA_NAMES.get(code, code), "Unit": "None",
            "Value": self.settings.quotas[code], "Adjustable": True, "GlobalQuota": False,
            "QuotaArn": f"arn:aws:servicequotas:{request.region}::ec2/{code}",
        }

    @staticmethod
    def products(_: Request, given: Any) -> Any:
        """On-demand prices, in the form of AWS's price list."""
        filters = {item["Field"]: item["Value"] for item in given.get("Filters", [])}
        kinds = [filters["instanceType"]] if "instanceType" in filters else VCPU_KINDS
        return {"FormatVersion": "aws_v1", "PriceList": [
            json.dumps({
                "product": {
                    "productFamily": "Compute Instance", "attributes": {
                        "instanceType": kind, "vcpu": str(vcpus(kind)), "operatingSystem": "Linux",
                        "regionCode": filters.get("regionCode", "us-east-1"), "tenancy": "Shared",
                        "capacitystatus": "Used", "preInstalledSw": "NA",
                    },
                },
                "terms": {"OnDemand": {f"{kind}.JRTC": {"priceDimensions": {f"{kind}.JRTC.6YS6": {
                    "unit": "Hrs", "pricePerUnit": {"USD": f"{on_demand_price(kind):.10f}"},
                }}}}},
            }) for kind in kinds
        ]}
