"""Fleets as AWS has them: partial, repeated, lost, slow to be seen, throttled, expiring."""

import datetime
import threading
import unittest

from botocore.exceptions import ClientError, ConnectionClosedError

from tests.running import (
    IMAGE,
    Cloud,
    failing,
    fleet_request,
    ids_of,
    states,
    tags,
    template,
    until,
)


class Fleets(unittest.TestCase):
    """One cloud for all; each test has a fleet of its own name."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud("--no-boot")
        cls.ec2 = cls.cloud.client("ec2")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.cloud.close()

    def setUp(self) -> None:
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")
        self.template = template(self.ec2, self.name)
        self.cloud.rules()

    def tearDown(self) -> None:
        """Room and quota are counted over all instances, so none is left to the next test."""
        ids = [i["id"] for i in self.cloud.control("instances") if i["state"] != "terminated"]
        if ids:
            self.ec2.terminate_instances(InstanceIds=ids)

    def of_this_test(self, *more: dict) -> list:
        filters = [{"Name": "tag:loadfleet:fleet", "Values": [self.name]}, *more]
        answer = self.ec2.describe_instances(Filters=filters)
        return [i for r in answer["Reservations"] for i in r["Instances"]]

    def test_lost_answers_and_the_same_token_make_one_fleet(self) -> None:
        spot_fleet = {
            "IamFleetRole": "arn:aws:iam::123456789012:role/x", "TargetCapacity": 2,
            "Type": "request", "ClientToken": "spot-1", "LaunchTemplateConfigs": [{
                "LaunchTemplateSpecification": {
                    "LaunchTemplateId": self.template, "Version": "1",
                },
            }],
        }
        single = {
            "LaunchTemplate": {"LaunchTemplateId": self.template}, "MinCount": 1, "MaxCount": 3,
            "ClientToken": "run-1",
        }
        calls = {
            "CreateFleet": lambda: ids_of(self.ec2.create_fleet(
                **fleet_request(self.template, 4, ClientToken="fleet-1")
            )),
            "RequestSpotFleet": lambda: self.ec2.request_spot_fleet(
                SpotFleetRequestConfig=spot_fleet
            )["SpotFleetRequestId"],
            "RunInstances": lambda: [
                i["InstanceId"] for i in self.ec2.run_instances(**single)["Instances"]
            ],
        }
        for action, call in calls.items():
            self.cloud.rules({"match": {"action": action}, "fault": "applied-drop"})
            with self.assertRaises(ConnectionClosedError):
                call()
            self.assertEqual(call(), call())
        self.assertEqual(len(self.of_this_test()), 4 + 2 + 3)
        with failing("IdempotentParameterMismatch"):
            self.ec2.create_fleet(**fleet_request(self.template, 5, ClientToken="fleet-1"))

    def test_the_same_token_at_once_makes_one_fleet(self) -> None:
        request = fleet_request(self.template, 3, ClientToken="at-once")
        threads = [
            threading.Thread(target=self.ec2.create_fleet, kwargs=request) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.of_this_test()), 3)

    def test_what_a_pool_lacks_is_told_and_taken_from_others(self) -> None:
        self.cloud.control("settings", capacity={"spot/c5.large": 0, "spot/*": 3})
        try:
            fleet = self.ec2.create_fleet(**fleet_request(self.template, 5))
        finally:
            self.cloud.control("settings", capacity={})
        self.assertEqual(len(ids_of(fleet)), 3)
        self.assertEqual(
            {error["ErrorCode"] for error in fleet["Errors"]}, {"InsufficientInstanceCapacity"}
        )
        kinds = {i["InstanceType"] for i in self.of_this_test()}
        self.assertNotIn("c5.large", kinds)

    def test_a_quota_that_is_too_small_stops_a_fleet(self) -> None:
        quota = self.cloud.client("service-quotas").get_service_quota
        self.cloud.control("settings", quotas={"L-34B43A08": 6.0, "L-1216C47A": 0.0})
        try:
            self.assertEqual(
                quota(ServiceCode="ec2", QuotaCode="L-34B43A08")["Quota"]["Value"], 6
            )
            with failing("VcpuLimitExceeded"):
                self.ec2.run_instances(
                    ImageId=IMAGE, InstanceType="c5.large", MinCount=1, MaxCount=1
                )
            fleet = self.ec2.create_fleet(**fleet_request(self.template, 5))
        finally:
            self.cloud.control("settings", quotas={"L-34B43A08": 2e4, "L-1216C47A": 2e4})
        self.assertEqual(len(ids_of(fleet)), 3)
        self.assertIn(
            "MaxSpotInstanceCountExceeded", {error["ErrorCode"] for error in fleet["Errors"]}
        )

    def test_new_ids_and_tags_may_be_seen_late(self) -> None:
        self.cloud.control("settings", slow_ids=0.6, slow_tags=1.2)
        try:
            ids = ids_of(self.ec2.create_fleet(**fleet_request(self.template, 2)))
            with failing("InvalidInstanceID.NotFound"):
                self.ec2.describe_instances(InstanceIds=ids)
            until(lambda: self.is_known(ids), "ids are seen")
            self.assertEqual(self.of_this_test(), [])
            until(lambda: len(self.of_this_test()) == 2, "tags are seen")
        finally:
            self.cloud.control("settings", slow_ids=0, slow_tags=0)

    def is_known(self, ids: list[str]) -> bool:
        try:
            return states(self.ec2, ids) == ["running"] * len(ids)
        except ClientError:
            return False

    def test_instances_are_as_their_template_says(self) -> None:
        group = self.ec2.create_security_group(GroupName=self.name, Description="d")["GroupId"]
        identifier = template(
            self.ec2, f"{self.name}-2", SecurityGroupIds=[group],
            MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            InstanceInitiatedShutdownBehavior="terminate",
        )
        ids = ids_of(self.ec2.create_fleet(**fleet_request(
            identifier, 1, TagSpecifications=[tags("instance", role="worker")]
        )))
        shown = self.ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"][0]
        self.assertEqual([g["GroupId"] for g in shown["SecurityGroups"]], [group])
        self.assertEqual(shown["MetadataOptions"]["HttpTokens"], "required")
        self.assertEqual(shown["InstanceLifecycle"], "spot")
        found = {tag["Key"]: tag["Value"] for tag in shown["Tags"]}
        self.assertEqual(found["loadfleet:role"], "worker")
        self.assertEqual(found["loadfleet:fleet"], f"{self.name}-2")
        self.assertTrue(found["aws:ec2:fleet-id"].startswith("fleet-"))
        with failing("DependencyViolation"):
            self.ec2.delete_security_group(GroupId=group)
        self.ec2.terminate_instances(InstanceIds=ids)
        self.ec2.delete_security_group(GroupId=group)

    def test_a_wrong_image_or_type_is_refused(self) -> None:
        for code, data in (
            ("InvalidAMIID.NotFound", {"ImageId": "ami-00000000000000000"}),
            ("InvalidParameterValue", {"InstanceType": "c6g.large"}),
            ("InvalidParameterValue", {"IamInstanceProfile": {"Name": "nobody"}}),
        ):
            identifier = template(self.ec2, f"{self.name}-{len(str(data))}", **data)
            with failing(code):
                self.ec2.create_fleet(**fleet_request(identifier, 1) | {
                    "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": {
                        "LaunchTemplateId": identifier, "Version": "1",
                    }}],
                })
        with failing("DryRunOperation"):
            self.ec2.create_fleet(**fleet_request(self.template, 1), DryRun=True)
        self.assertEqual(self.of_this_test(), [])

    def test_a_maintained_fleet_replaces_and_expires(self) -> None:
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        request = fleet_request(self.template, 2, Type="maintain", ValidUntil=ends)
        fleet = self.ec2.create_fleet(**request, TerminateInstancesWithExpiration=True)["FleetId"]
        running = {"Name": "instance-state-name", "Values": ["running"]}
        first = self.of_this_test(running)[0]["InstanceId"]
        self.cloud.control("kill", id=first)
        until(lambda: len(self.of_this_test(running)) == 2, "a replacement", 2.5)
        until(lambda: self.of_this_test(running) == [], "the end of the fleet")
        shown = self.ec2.describe_fleets(FleetIds=[fleet])["Fleets"][0]
        self.assertTrue(shown["FleetState"].startswith("deleted"))

    def test_an_instant_fleet_is_found_by_its_id_only(self) -> None:
        fleet = self.ec2.create_fleet(**fleet_request(self.template, 2))
        known = [f["FleetId"] for f in self.ec2.describe_fleets()["Fleets"]]
        self.assertNotIn(fleet["FleetId"], known)
        ended = self.ec2.delete_fleets(
            FleetIds=[fleet["FleetId"], "fleet-nonsense"], TerminateInstances=True
        )
        self.assertEqual(len(ended["SuccessfulFleetDeletions"]), 1)
        error = ended["UnsuccessfulFleetDeletions"][0]["Error"]["Code"]
        self.assertEqual(error, "fleetIdMalformed")
        self.assertEqual(set(states(self.ec2, ids_of(fleet))), {"terminated"})

    def test_agents_that_pretend_register_their_instances(self) -> None:
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="registrations")
        self.cloud.control("agent", objects=[{
            "bucket": "registrations", "key": "{{tag:loadfleet:fleet}}/{{instance-id}}",
            "body": "{{private-ip}}", "where": {"loadfleet:fleet": self.name},
        }])
        ids = ids_of(self.ec2.create_fleet(**fleet_request(self.template, 20)))

        def keys() -> list[str]:
            listed = s3.list_objects_v2(Bucket="registrations").get("Contents", [])
            return sorted(item["Key"].partition("/")[2] for item in listed)

        until(lambda: keys() == ids, "all register")
        self.cloud.control("agent", objects=[])

    def test_throttling_is_aws_s_own(self) -> None:
        self.cloud.control("settings", throttled=True)
        try:
            done = 0
            with failing("RequestLimitExceeded"):
                for _ in range(40):
                    self.ec2.run_instances(
                        ImageId=IMAGE, InstanceType="c5.large", MinCount=1, MaxCount=1
                    )
                    done += 1
        finally:
            self.cloud.control("settings", throttled=False)
        self.assertGreaterEqual(done, 5)

    def test_a_held_call_tells_when_it_is_held(self) -> None:
        self.cloud.rules({"match": {"action": "CreateFleet"}, "fault": "applied-hold"})
        request = fleet_request(self.template, 2, ClientToken="held")
        thread = threading.Thread(target=self.forget, kwargs=request, daemon=True)
        thread.start()
        held = self.cloud.post("_gate/held", {"seconds": 20})
        self.assertEqual([seen["action"] for seen in held], ["CreateFleet"])
        self.assertEqual(len(self.of_this_test()), 2)

    def forget(self, **request: object) -> None:
        try:
            self.ec2.create_fleet(**request)
        except Exception:  # noqa: BLE001 - it is cut off when the cloud ends
            pass


if __name__ == "__main__":
    unittest.main()
