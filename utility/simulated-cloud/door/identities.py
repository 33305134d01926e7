"""Who signs: users with access keys and roles with sessions, as moto's IAM and STS know them."""

import dataclasses
import json
import urllib.parse
from datetime import datetime, timezone
from typing import Any

ACCOUNT = "123456789012"


@dataclasses.dataclass
class Identity:
    """A signer: its ARN, its secret, and the policies that say what it may do.

    No policies at all (None) means the gate doesn't ask: a signer without an entry in IAM.
    """

    arn: str
    secret: str
    token: str | None = None
    expiration: datetime | None = None
    policies: list[dict[str, Any]] | None = None


def document(text: Any) -> dict[str, Any]:
    """A policy as IAM keeps it: a document, or its text, plain or URL-encoded."""
    if isinstance(text, dict):
        return text
    return json.loads(text if text.lstrip().startswith("{") else urllib.parse.unquote(text))


class Identities:
    """Finds the signer of an access key."""

    def __init__(self, fixed: dict[str, str] | None = None):
        """`fixed` has keys and secrets that IAM does not know."""
        self.fixed = fixed or {}

    def find(self, key: str) -> Identity | None:
        if key in self.fixed:
            return Identity(f"arn:aws:iam::{ACCOUNT}:root", self.fixed[key])
        return None


class AccountIdentities(Identities):
    """The identities of the account in this process's moto."""

    def find(self, key: str) -> Identity | None:
        from moto.iam.models import iam_backends

        known = super().find(key)
        if known or key.startswith("ASIA"):
            return known or self._session(key)
        iam = iam_backends[ACCOUNT]["aws"]
        for user in list(iam.users.values()):
            for access in user.access_keys:
                if access.access_key_id == key:
                    return Identity(
                        user.arn, access.secret_access_key, policies=self._user_policies(user)
                    )
        return None

    def _session(self, key: str) -> Identity | None:
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        for session in sts_backends[ACCOUNT]["aws"].assumed_roles:
            if session.access_key_id == key:
                role = iam_backends[ACCOUNT]["aws"].get_role_by_arn(session.role_arn)
                return Identity(
                    session.arn, session.secret_access_key, session.session_token,
                    session.expiration.replace(tzinfo=timezone.utc), role_policies(role),
                )
        return None

    @staticmethod
    def _user_policies(user: Any) -> list[dict[str, Any]]:
        inline = [document(text) for text in user.policies.values()]
        managed = [document(policy.document) for policy in user.managed_policies.values()]
        return inline + managed


def role_policies(role: Any) -> list[dict[str, Any]]:
    """The policies of a role, inline and attached."""
    inline = [document(text) for text in role.policies.values()]
    return inline + [document(policy.document) for policy in role.managed_policies.values()]
