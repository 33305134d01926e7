"""AWS's names as instances see them: a name server that leads to the cloud, and certificates that
it can show for them."""

import contextlib
import datetime
import re
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from machines.network import API_ADDRESS

A_RECORD, IN_CLASS = b"\x00\x01", b"\x00\x01"
PRIVATE_NAME = re.compile(r"ip-(\d+)-(\d+)-(\d+)-(\d+)\.(ec2|[a-z0-9-]+\.compute)\.internal")


def address_of(name: str) -> str | None:
    if name.endswith(".amazonaws.com"):
        return API_ADDRESS
    found = PRIVATE_NAME.fullmatch(name)
    return ".".join(found.groups()[:4]) if found else None


def reply_to(query: bytes) -> bytes | None:
    """The answer to a question of the DNS (RFC 1035); none to what is no question."""
    if len(query) < 17:
        return None
    labels, place = [], 12
    while place < len(query) and query[place]:
        size = query[place]
        labels.append(query[place + 1:place + 1 + size].decode(errors="replace").lower())
        place += 1 + size
    question = query[12:place + 5]
    address = address_of(".".join(labels))
    wants_address = query[place + 1:place + 3] == A_RECORD
    answers = b""
    if address and wants_address:
        answers = b"\xc0\x0c" + A_RECORD + IN_CLASS + b"\x00\x00\x00\x3c\x00\x04"
        answers += socket.inet_aton(address)
    flags = b"\x81\x80" if address else b"\x81\x83"
    counts = b"\x00\x01" + (b"\x00\x01" if answers else b"\x00\x00") + b"\x00\x00\x00\x00"
    return query[:2] + flags + counts + question + answers


def serve_names(server: socket.socket) -> None:
    """Answers questions until the process ends."""
    def work() -> None:
        while True:
            # Who asked may be gone, which one hears of at the next call; or have asked nonsense.
            with contextlib.suppress(OSError, IndexError):
                query, client = server.recvfrom(4096)
                reply = reply_to(query)
                if reply:
                    server.sendto(reply, client)

    threading.Thread(target=work, daemon=True).start()


def names_of(region: str) -> list[str]:
    return [
        "*.amazonaws.com", f"*.{region}.amazonaws.com", f"*.s3.{region}.amazonaws.com",
        "*.s3.amazonaws.com",
    ]


def make_certificate(region: str, folder: str) -> tuple[ssl.SSLContext, str]:
    """What the door shows, and the certificate (PEM) that instances are to trust.

    It signs itself, and is made anew for each cloud.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated cloud")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names_of(region)]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    path = f"{folder}/certificate.pem"
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
        file.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, text
