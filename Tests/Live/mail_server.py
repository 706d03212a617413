"""A real mail server for one test: aiosmtpd, whose mails are read by the strict parser of Python's library."""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import logging
import ssl
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provider import PATIENCE, within

# Whatever goes wrong here is meant to.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

STRICT = email.policy.default.clone(raise_on_defect=True)


class Mailbox:
    """Takes every mail; `refuse` holds an answer to give instead, `hold` an event to wait for before the mail is taken."""

    def __init__(self, port, host="127.0.0.1", user=None, password=None, tls=None):
        self.mails = []
        self.refuse = None
        self.hold = None
        self.holding = threading.Event()
        self._lock = threading.Lock()
        self._tls, self._login = tls, (user, password)
        options = {}
        if tls:
            options["tls_context"] = tls
        if user:
            options |= {"auth_required": True, "auth_require_tls": bool(tls), "authenticator": self._judge}
        self._make = lambda: Controller(self, hostname=host, port=port, enable_SMTPUTF8=True, **options)
        self._controller = None

    def start(self):
        self._controller = self._make()
        self._controller.start()
        return self

    def stop(self):
        if self._controller:
            self._controller.stop()
            self._controller = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _judge(self, server, session, envelope, mechanism, data):
        login = tuple(part.decode() for part in (data.login, data.password))
        return AuthResult(success=login == self._login, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 taken"

    async def handle_DATA(self, server, session, envelope):
        mail = Mail(envelope, session)
        if self.hold:
            self.holding.set()
            # The client may be gone when this is over, or not.
            while not self.hold.is_set():
                await asyncio.sleep(0.02)
        with self._lock:
            self.mails.append(mail)
        return "250 taken"

    def to(self, address):
        with self._lock:
            return [mail for mail in self.mails if mail.recipient == address]

    def wait_for(self, address, count=1):
        """The newest mail to an address once there are so many."""
        return within(PATIENCE, lambda: len(self.to(address)) >= count and self.to(address)[-1], f"mail to {address}")


class Mail:
    """One mail as it came: parsed without any defect, or not at all."""

    def __init__(self, envelope, session):
        self.raw = envelope.original_content
        self.sender, (self.recipient,) = envelope.mail_from, envelope.rcpt_tos
        self.was_encrypted = session.ssl is not None
        self.message = email.message_from_bytes(self.raw, policy=STRICT)
        self.text = self.message.get_body(("plain",)).get_content()
        self.html = self.message.get_body(("html",)).get_content()

    @property
    def link(self):
        (link,) = [line for line in self.text.splitlines() if line.startswith(("https://", "http://"))]
        return link

    def check(self):
        """What every mail of the provider has: RFC 5322, 2045, 2046, 3834."""
        message, lines = self.message, self.raw.split(b"\r\n")
        assert b"\n" not in self.raw.replace(b"\r\n", b"") and b"\r" not in self.raw.replace(b"\r\n", b"")
        assert all(len(line) <= 78 for line in lines), max(lines, key=len)
        for field in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type"):
            (value,) = message.get_all(field)
            assert not value.defects, (field, value, value.defects)
        assert message["Auto-Submitted"] == "auto-generated"
        assert not message["Cc"] and not message["Bcc"] and not message["Reply-To"]
        assert abs((datetime.datetime.now(datetime.UTC) - message["Date"].datetime).total_seconds()) < 3600
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        for part in message.walk():
            assert not part.defects, part.defects
        return self


def make_certificate(folder, host="127.0.0.1", name="mail"):
    """A certificate of its own authority for an address; the paths of the certificate and a context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "the mail server of a test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path, secret = folder / f"{name}.pem", folder / f"{name}.key"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return path, context
