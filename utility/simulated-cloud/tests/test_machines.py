"""Instances that boot: user-data, metadata, roles, names, services, and every way to end."""

import base64
import json
import os
import signal
import subprocess
import unittest
import unittest.mock

from tests.running import FOLDER, Cloud, fleet_request, ids_of, states, template, until

USER_DATA = """#!/bin/bash
imds=http://169.254.169.254/latest
echo "without a token: $(curl -s -o /dev/null -w '%{http_code}' $imds/meta-data/)"
token=$(curl -sf -X PUT $imds/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')
get() { curl -sf -H "X-aws-ec2-metadata-token: $token" "$imds/$1"; }
echo "address: $(get meta-data/local-ipv4) $(ip -4 -o addr show eth0 | awk '{print $4}' | cut -d/ -f1)"
echo "fleet: $(get meta-data/tags/instance/loadfleet:fleet)"
echo "document: $(get dynamic/instance-identity/document | tr -d '\\n ')"
role=$(get meta-data/iam/security-credentials/)
json=$(get "meta-data/iam/security-credentials/$role")
field() { printf '%s' "$json" | sed -n "s/.*\\"$1\\": \\"\\([^\\"]*\\)\\".*/\\1/p"; }
put() {
    curl -s -o /dev/null -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:s3 \\
        --user "$(field AccessKeyId):$(field SecretAccessKey)" \\
        -H "x-amz-security-token: $(field Token)" \\
        -H "x-amz-content-sha256: $(printf x | sha256sum | cut -d' ' -f1)" \\
        -X PUT --data-binary x "https://store.s3.us-east-1.amazonaws.com/$1"
}
echo "own part: $(put runs/r/nodes/i/x), others': $(put software/x)"
echo written > /etc/written-by-an-instance
echo "home: $(ls -A /root /home /tmp | grep -v : | tr -d '\\n')"
cat > /etc/systemd/system/agent.service <<'UNIT'
[Service]
Environment=NAME=agent
ExecStart=/bin/bash -c 'echo "$NAME starts"; [ -e /run/second ] && exec sleep 1000; touch /run/second; exit 1'
Restart=on-failure
RestartSec=100ms
UNIT
systemctl daemon-reload
systemctl enable --now agent
until [ "$(journalctl -u agent | grep -c 'agent starts')" = 2 ]; do sleep 0.05; done
echo "agent: $(systemctl is-active agent)"
echo "done"
"""


@unittest.skipUnless(os.geteuid() == 0, "booting instances needs root")
class Machines(unittest.TestCase):
    """One cloud for all, of three instances; each test ends its own."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.cloud = Cloud("--grace", "2")
        cls.addClassCleanup(cls.cloud.close)
        cls.ec2 = cls.cloud.client("ec2")
        cls.cloud.client("s3").create_bucket(Bucket="store")
        iam = cls.cloud.client("iam")
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }]}
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::store/runs/*",
        }]}
        iam.create_role(RoleName="node", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName="node", PolicyName="p", PolicyDocument=json.dumps(policy))
        iam.create_instance_profile(InstanceProfileName="node")
        iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
        identifier = template(
            cls.ec2, "machines", UserData=base64.b64encode(USER_DATA.encode()).decode(),
            IamInstanceProfile={"Name": "node"}, InstanceInitiatedShutdownBehavior="terminate",
            MetadataOptions={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
        )
        fleet = cls.ec2.create_fleet(**fleet_request(identifier, 5))
        cls.ids = ids_of(fleet)
        for one in cls.ids:
            until(lambda one=one: "cloud-init: " in cls.console(one), f"{one}'s user-data")

    @classmethod
    def console(cls, identifier: str) -> str:
        return cls.ec2.get_console_output(InstanceId=identifier).get("Output", "")

    def execute(self, identifier: str, command: str) -> str:
        return self.cloud.control("exec", id=identifier, command=command)["output"].strip()

    def metadata(self, identifier: str, key: str) -> str:
        url = "http://169.254.169.254/latest"
        header = "X-aws-ec2-metadata-token"
        return self.execute(identifier, (
            f"t=$(curl -s -X PUT {url}/api/token -H '{header}-ttl-seconds: 60'); "
            f"curl -sf -H \"{header}: $t\" {url}/meta-data/{key} || echo none"
        ))

    def test_user_data_sees_what_it_would_on_aws(self) -> None:
        console = self.console(self.ids[0])
        shown = self.ec2.describe_instances(InstanceIds=[self.ids[0]])
        address = shown["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
        for line in (
            "without a token: 401", f"address: {address} {address}", "fleet: machines",
            "own part: 200, others': 403", "home: \n", "agent: active", "done",
            "user-data ended with status 0", f'"instanceId":"{self.ids[0]}"',
        ):
            self.assertIn(line, console)
        self.assertFalse(os.path.exists("/etc/written-by-an-instance"))

    def test_instances_reach_each_other_and_not_this_machine(self) -> None:
        first, second = self.ids[0], self.ids[1]
        shown = self.ec2.describe_instances(InstanceIds=[second])
        name = shown["Reservations"][0]["Instances"][0]["PrivateDnsName"]
        # No server is sure to be installed, but a refusal comes from the other instance too.
        code = self.execute(first, f"curl -s -m5 -o /dev/null http://{name}:81/; echo $?")
        self.assertEqual(code, "7")
        code = self.execute(first, "curl -s -m1 -o /dev/null http://172.31.15.250:81/; echo $?")
        self.assertEqual(code, "28")
        port = self.cloud.told["gate"]
        code = self.execute(first, f"curl -s -m2 -o /dev/null http://127.0.0.1:{port}/; echo $?")
        self.assertEqual(code, "7")

    def test_an_instance_that_switches_itself_off_is_terminated(self) -> None:
        one = self.ids[2]
        self.execute(one, "shutdown -h +60; shutdown -c; shutdown -h now")
        until(lambda: states(self.ec2, [one]) == ["terminated"], "the end")
        shown = self.ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
        self.assertEqual(shown["StateReason"]["Code"], "Client.InstanceInitiatedShutdown")
        self.assertIn("done", self.console(one))

    def test_an_interruption_is_announced_and_comes(self) -> None:
        one = self.ids[3]
        self.assertEqual(self.metadata(one, "spot/instance-action"), "none")
        told = self.cloud.control("interrupt", id=one, seconds=3)
        notice = json.loads(self.metadata(one, "spot/instance-action"))
        self.assertEqual(notice["action"], "terminate")
        self.assertEqual(notice["time"][:19], told["time"][:19])
        until(lambda: states(self.ec2, [one]) == ["terminated"], "the end")

    def test_a_terminated_instance_is_gone_with_all_its_processes(self) -> None:
        one = self.ids[4]
        self.execute(one, "systemd-run /bin/bash -c \"trap '' TERM; sleep 9876\"")
        self.ec2.terminate_instances(InstanceIds=[one])
        until(lambda: states(self.ec2, [one]) == ["terminated"], "the end")
        known = {i["id"]: i["booted"] for i in self.cloud.control("instances")}
        self.assertFalse(known[one])
        self.assertNotIn("sleep 9876", subprocess.check_output(["ps", "ax"], text=True))

    def test_an_image_keeps_what_its_instance_wrote(self) -> None:
        image = self.ec2.create_image(InstanceId=self.ids[0], Name="baked")["ImageId"]
        script = "#!/bin/bash\necho \"found: $(cat /etc/written-by-an-instance)\"\n"
        one = self.ec2.run_instances(
            ImageId=image, InstanceType="c5.large", MinCount=1, MaxCount=1, UserData=script,
        )["Instances"][0]["InstanceId"]
        until(lambda: "found: written" in self.console(one), "the baked instance's console")
        self.ec2.terminate_instances(InstanceIds=[one])

    def test_what_is_left_is_listed(self) -> None:
        left = {(e["kind"], e["tags"].get("loadfleet:fleet")) for e in self.cloud.control("left")}
        for kind in ("instance", "volume", "launch-template"):
            self.assertIn((kind, "machines"), left)
        self.assertIn(("bucket", None), left)


@unittest.skipUnless(os.geteuid() == 0, "booting instances needs root")
class Remains(unittest.TestCase):
    """Nothing outlives the cloud, however it ends."""

    def traces(self) -> dict[str, set[str]]:
        """What a cloud could leave behind."""
        lines = subprocess.check_output(["ps", "ax", "-o", "args"], text=True).splitlines()
        with open("/proc/self/mounts", encoding="utf-8") as file:
            mounts = [line for line in file if line.startswith(("instance ", "cloud "))]
        links = subprocess.check_output(["ip", "-br", "link"], text=True).splitlines()
        return {
            "processes": {
                line for line in lines
                if f"{FOLDER}/" in line and "unittest" not in line or "sleep 8765" in line
            },
            "mounts": set(mounts), "links": {line.split()[0] for line in links},
            "run": {name for name in os.listdir("/run") if name in ("netns", "instances")},
        }

    def test_after_kill_9_and_after_an_orderly_end(self) -> None:
        before = self.traces()
        for end in (signal.SIGKILL, signal.SIGTERM, None):
            with self.subTest(str(end)):
                cloud = Cloud()
                ec2 = cloud.client("ec2")
                data = base64.b64encode(b"#!/bin/bash\nsleep 8765\n").decode()
                request = fleet_request(template(ec2, "remains", UserData=data), 2)
                ids = ids_of(ec2.create_fleet(**request))
                until(lambda: states(ec2, ids) == ["running"] * 2, "instances run")
                until(lambda: "sleep 8765" in str(self.traces()), "user-data runs")
                if end is None:
                    cloud.close()
                else:
                    cloud.process.send_signal(end)
                    cloud.process.wait(30)
                    cloud.process.stdin.close()
                    cloud.process.stdout.close()
                until(lambda: self.traces() == before, f"nothing is left but {before}", 20)

    def test_servers_of_others_do_not_outlive_a_killed_cloud(self) -> None:
        def servers() -> set[str]:
            lines = subprocess.check_output(["ps", "ax", "-o", "pid,args"], text=True).splitlines()
            return {line for line in lines if "loadfleet-cloud-" in line or "moto_server" in line}

        before = servers()
        cloud = Cloud("--no-boot", "--for-tests")
        self.assertGreaterEqual(len(servers() - before), 5)
        cloud.process.kill()
        cloud.close()
        until(lambda: not servers() - before, "no server is left")


class WithoutRoot(unittest.TestCase):
    """Without root there is a cloud all the same, which says what it lacks."""

    def test_it_says_what_it_lacks(self) -> None:
        import launch

        with unittest.mock.patch("os.geteuid", return_value=1000):
            self.assertEqual(launch.obstacle(), "booting instances needs root")
        with unittest.mock.patch("shutil.which", return_value=None):
            self.assertIn("iproute2", launch.obstacle() or "")


if __name__ == "__main__":
    unittest.main()
