"""The foundation deploys; its roles and the operator's policy allow what is needed, no more."""

import json
import re
import unittest

from tests.running import IMAGE, ROOT, Cloud, failing, fleet_request, ids_of, tags, template

TEMPLATE = (ROOT / "environments/cloudformation/foundation.yaml").read_text(encoding="utf-8")
PERMISSIONS = (ROOT / "docs/aws-permissions.md").read_text(encoding="utf-8")
POLICIES = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PERMISSIONS, re.DOTALL)
]
OPERATOR, ADMINISTRATOR = POLICIES[0], POLICIES[-1]


class Foundation(unittest.TestCase):
    """One stack for all, deployed by the cloud's own key; the rest is done by the operator."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud("--no-boot")
        cls.admin = cls.cloud.client("ec2")
        vpc = cls.admin.describe_vpcs()["Vpcs"][0]["VpcId"]
        cls.outputs = cls.deploy("loadfleet", VpcId=vpc)
        cls.key = cls.user("operator", OPERATOR)
        cls.ec2 = cls.cloud.client("ec2", *cls.key)

    @classmethod
    def user(cls, name: str, policy: object) -> tuple[str, str]:
        iam = cls.cloud.client("iam")
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    @classmethod
    def tearDownClass(cls) -> None:
        cls.cloud.close()

    @classmethod
    def deploy(cls, name: str, **parameters: str) -> dict[str, str]:
        stacks = cls.cloud.client("cloudformation")
        stacks.create_stack(
            StackName=name, TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in parameters.items()
            ],
        )
        stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack
        return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}

    def data(self, name: str, **more: object) -> dict:
        return {
            "IamInstanceProfile": {"Name": self.outputs["NodeProfile"]},
            "SecurityGroupIds": [self.outputs["SecurityGroup"]],
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "InstanceInitiatedShutdownBehavior": "terminate",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": True}}
            ],
            "TagSpecifications": [tags(kind, fleet=name) for kind in ("instance", "volume")],
        } | more

    def fleet(self, name: str, **more: object) -> dict:
        made = template(self.ec2, name, **self.data(name, **more))
        fleet = [tags("fleet", fleet=name)]
        return self.ec2.create_fleet(**fleet_request(made, 2, TagSpecifications=fleet))

    def test_the_group_admits_itself_only(self) -> None:
        group = self.admin.describe_security_groups(
            GroupIds=[self.outputs["SecurityGroup"]]
        )["SecurityGroups"][0]
        sources = [
            pair["GroupId"] for rule in group["IpPermissions"]
            for pair in rule["UserIdGroupPairs"]
        ]
        self.assertEqual(sources, [self.outputs["SecurityGroup"]])
        ranges = [
            r for rule in group["IpPermissions"] for r in rule["IpRanges"] + rule["Ipv6Ranges"]
        ]
        self.assertEqual(ranges, [])

    def test_the_store_is_encrypted(self) -> None:
        # Of a bucket's other properties moto's CloudFormation knows none; cfn-lint does.
        s3, bucket = self.cloud.client("s3"), self.outputs["Bucket"]
        self.assertIn("ServerSideEncryptionConfiguration", s3.get_bucket_encryption(Bucket=bucket))

    def test_a_network_of_its_own_can_be_had(self) -> None:
        # Another account would have another bucket; here the first one goes.
        outputs = self.deploy_alone("loadfleet-alone", CreateNetwork="true")
        self.assertEqual(len(outputs["Subnets"].split(",")), 2)
        self.assertTrue(outputs["Vpc"].startswith("vpc-"))

    @classmethod
    def deploy_alone(cls, name: str, **parameters: str) -> dict[str, str]:
        cloud, cls.cloud = cls.cloud, Cloud("--no-boot")
        try:
            return cls.deploy(name, **parameters)
        finally:
            cls.cloud.close()
            cls.cloud = cloud

    def test_the_administrator_makes_and_removes_a_foundation_and_nothing_else(self) -> None:
        key = self.user("administrator", ADMINISTRATOR)
        stacks, s3 = self.cloud.client("cloudformation", *key), self.cloud.client("s3", *key)
        ec2 = self.cloud.client("ec2", *key)
        ec2.describe_vpcs()
        ec2.describe_instances()
        ec2.describe_launch_templates()
        change = {"StackName": "loadfleet-second", "ChangeSetName": "c"}
        stacks.create_change_set(
            **change, TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"],
            ChangeSetType="CREATE", ImportExistingResources=True, Parameters=[
                {"ParameterKey": "VpcId", "ParameterValue": self.outputs["Vpc"]}
            ],
        )
        stacks.describe_change_set(**change)
        # The first one's bucket is taken in.
        stacks.execute_change_set(**change)
        stack = stacks.describe_stacks(StackName="loadfleet-second")["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        stacks.describe_stack_events(StackName=stack["StackId"])
        stacks.delete_stack(StackName=stack["StackId"])
        bucket = self.outputs["Bucket"]
        s3.head_bucket(Bucket=bucket)
        s3.list_multipart_uploads(Bucket=bucket)
        s3.list_object_versions(Bucket=bucket)
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "nothing"}]})
        with failing("AccessDenied"):
            s3.get_object(Bucket=bucket, Key="nothing")
        with failing("AccessDenied"):
            stacks.delete_stack(StackName="another")
        with failing("UnauthorizedOperation"):
            ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)

    def test_the_operator_launches_and_ends_a_fleet(self) -> None:
        fleet = self.fleet("fleet-1")
        ids = ids_of(fleet)
        self.assertEqual(len(ids), 2)
        self.ec2.get_console_output(InstanceId=ids[0])
        self.ec2.delete_fleets(FleetIds=[fleet["FleetId"]], TerminateInstances=True)
        self.ec2.delete_launch_template(LaunchTemplateName="fleet-1")
        spot = template(self.ec2, "fleet-2", **self.data("fleet-2"))
        request = self.ec2.request_spot_fleet(SpotFleetRequestConfig={
            "IamFleetRole": self.outputs["SpotFleetRole"], "TargetCapacity": 2,
            "TagSpecifications": [tags("spot-fleet-request", fleet="fleet-2")],
            "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": {
                "LaunchTemplateId": spot, "Version": "1",
            }}],
        })["SpotFleetRequestId"]
        self.ec2.cancel_spot_fleet_requests(
            SpotFleetRequestIds=[request], TerminateInstances=True
        )
        one = template(self.ec2, "fleet-3", **self.data("fleet-3"))
        self.ec2.run_instances(LaunchTemplate={"LaunchTemplateId": one}, MinCount=1, MaxCount=1)

    def test_the_operator_can_launch_nothing_unsafe(self) -> None:
        unsafe = {
            "no-imds2": {"MetadataOptions": {"HttpTokens": "optional"}},
            "no-profile": {"IamInstanceProfile": {}},
            "no-encryption": {"BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "Encrypted": False}}
            ]},
            "no-tags": {"TagSpecifications": []},
        }
        for name, data in unsafe.items():
            with self.subTest(name), failing("UnauthorizedOperation"):
                self.fleet(name, **data)
        with failing("UnauthorizedOperation"):
            self.ec2.create_launch_template(
                LaunchTemplateName="untagged", LaunchTemplateData={"ImageId": IMAGE}
            )
        with failing("UnauthorizedOperation"):
            self.ec2.create_security_group(GroupName="own", Description="d")

    def test_the_operator_ends_nothing_of_others(self) -> None:
        strangers = self.cloud.control("strangers", count=2)
        with failing("UnauthorizedOperation"):
            self.ec2.terminate_instances(InstanceIds=strangers)
        with failing("UnauthorizedOperation"):
            self.ec2.create_tags(
                Resources=strangers[:1], Tags=[{"Key": "loadfleet:fleet", "Value": "mine"}]
            )
        with failing("AccessDenied"):
            self.cloud.client("s3", *self.key).list_objects_v2(Bucket="somebody-elses")
        left = {entry["id"] for entry in self.cloud.control("left")}
        self.assertTrue(set(strangers) <= left)

    def test_workers_write_their_own_part_only(self) -> None:
        for role, may, may_not in (
            ("NodeProfile", "runs/r1/nodes/i-1/parts/000001", "runs/r1/outcome.json"),
            ("ControllerProfile", "runs/r1/outcome.json", "software/loadfleet"),
        ):
            arn = self.cloud.client("iam").get_instance_profile(
                InstanceProfileName=self.outputs[role]
            )["InstanceProfile"]["Roles"][0]["Arn"]
            session = self.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="i-1")
            key = session["Credentials"]
            credentials = (key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
            s3 = self.cloud.client("s3", *credentials)
            bucket = self.outputs["Bucket"]
            s3.put_object(Bucket=bucket, Key=may, Body=b"x", IfNoneMatch="*")
            with failing("PreconditionFailed"):
                s3.put_object(Bucket=bucket, Key=may, Body=b"y", IfNoneMatch="*")
            self.assertEqual(s3.get_object(Bucket=bucket, Key=may)["Body"].read(), b"x")
            with failing("AccessDenied"):
                s3.put_object(Bucket=bucket, Key=may_not, Body=b"x")
            with failing("NoSuchKey"):
                s3.get_object(Bucket=bucket, Key="fleets/f/fleet.json")
            logs = self.cloud.client("logs", *credentials)
            logs.create_log_stream(logGroupName=self.outputs["LogGroup"], logStreamName=role)
            with failing("UnauthorizedOperation"):
                self.cloud.client("ec2", *credentials).describe_instances()
            with failing("InvalidToken"):
                stolen = self.cloud.client("s3", *credentials[:2], "another-token")
                stolen.list_objects_v2(Bucket=bucket)

    def test_a_schedule_ends_a_fleet_at_its_lease(self) -> None:
        import datetime

        from tests.running import states, until

        fleet = self.fleet("leased")
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        scheduler = self.cloud.client("scheduler", *self.key)
        request = {
            "Name": "loadfleet-leased", "ActionAfterCompletion": "DELETE", "ClientToken": "t",
            "ScheduleExpression": f"at({at:%Y-%m-%dT%H:%M:%S})",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": "arn:aws:scheduler:::aws-sdk:ec2:deleteFleets",
                "RoleArn": self.outputs["SchedulerRole"],
                "Input": json.dumps(
                    {"FleetIds": [fleet["FleetId"]], "TerminateInstances": True}
                ),
            },
        }
        scheduler.create_schedule(**request)
        scheduler.create_schedule(**request)
        until(
            lambda: set(states(self.admin, ids_of(fleet))) == {"terminated"}, "the lease's end"
        )
        names = [entry["id"] for entry in self.cloud.control("left") if entry["kind"] == "schedule"]
        self.assertEqual(names, [])


if __name__ == "__main__":
    unittest.main()
