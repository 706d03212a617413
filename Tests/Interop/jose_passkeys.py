"""Passkeys: WebAuthn Level 3, with python-fido2 as authenticator and browser, and as relying party."""

import datetime
import hashlib
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier
from fido2 import cbor, cose
from fido2.attestation import NoneAttestation, PackedAttestation
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)

from jose_peer import decoded, encoded

RP, ORIGIN = "login.example", "https://login.example"
HANDLE = b"an account"
ALGORITHMS = {-7: cose.ES256, -8: cose.EdDSA, -257: cose.RS256}
ATTESTATIONS = ["none", "self", "certificate"]
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80

#: How many authenticators of each kind, how many sign-ins with each, how many damages of each answer.
ROUNDS, SIGN_INS, DAMAGES = 12, 3, 12


class Authenticator:
    """One credential of fido2's making, behind a browser at ORIGIN."""

    _rsa = None

    def __init__(self, source, algorithm):
        self.source = source
        self.algorithm = algorithm
        self.key = self.fresh(algorithm)
        self.credential_id = source.randbytes(source.choice([1, 16, 32, 64, 200, 1023]))
        self.aaguid = source.randbytes(16)
        self.counter = source.choice([0, source.randrange(1 << 31)])
        self.synced = source.random() < 0.5

    @classmethod
    def fresh(cls, algorithm):
        if algorithm == -7:
            return ec.generate_private_key(ec.SECP256R1())
        if algorithm == -8:
            return ed25519.Ed25519PrivateKey.generate()
        if cls._rsa is None:
            cls._rsa = rsa.generate_private_key(65537, 2048)  # takes long, so one serves all
        return cls._rsa

    @property
    def attested(self):
        public = ALGORITHMS[self.algorithm].from_cryptography_key(self.key.public_key())
        return AttestedCredentialData.create(self.aaguid, self.credential_id, public)

    def flags(self):
        flags = UP | UV
        if self.synced:
            flags |= BE | (BS if self.source.random() < 0.5 else 0)
        return flags

    def data(self, flags, attested=b""):
        outputs = self.source.choice([None, None, {}, {"credProtect": 2, "hmac-secret": True}])
        flags |= (AT if attested else 0) | (ED if outputs is not None else 0)
        return AuthenticatorData.create(
            hashlib.sha256(RP.encode()).digest(), flags, self.counter, bytes(attested), outputs)

    def client_data(self, kind, challenge):
        extra = {"extraData": "\u00e9" * self.source.randrange(9)} if self.source.random() < 0.5 else {}
        return CollectedClientData.create(kind, challenge, ORIGIN, False, **extra)

    def registration(self, challenge, attestation):
        client, data = self.client_data("webauthn.create", challenge), self.data(self.flags(), self.attested)
        message = bytes(data) + client.hash
        if attestation == "none":
            made = AttestationObject.create("none", data, {})
        elif attestation == "self":
            made = AttestationObject.create(
                "packed", data, {"alg": self.algorithm, "sig": sign(self.key, message)})
        else:
            algorithm = self.source.choice(list(ALGORITHMS))
            maker = self.fresh(algorithm)
            chain = [certificate(maker, self.aaguid if self.source.random() < 0.5 else None)]
            made = AttestationObject.create(
                "packed", data, {"alg": algorithm, "sig": sign(maker, message), "x5c": chain})
        return {"clientDataJSON": bytes(client), "attestationObject": bytes(made)}

    def assertion(self, challenge, flags=None):
        if self.counter:
            self.counter += self.source.randrange(1, 9)
        client = self.client_data("webauthn.get", challenge)
        data = self.data(self.flags() if flags is None else flags)
        signature = sign(self.key, bytes(data) + client.hash)
        return {"clientDataJSON": bytes(client), "authenticatorData": bytes(data), "signature": signature}

    def text(self, parts, **members):
        """What a page sends: the parts of the response, and members that are no bytes."""
        response = {name: encoded(value) for name, value in parts.items()} | members
        identifier = encoded(self.credential_id)
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": response,
                           "clientExtensionResults": {}})


def sign(key, message):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(hashes.SHA256()))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message)


def certificate(key, aaguid):
    """One for an attestation key: §8.2.1."""
    name = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "AA"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Maker"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Model")])
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(datetime.datetime(2024, 1, 1)).not_valid_after(datetime.datetime(2044, 1, 1))
        .add_extension(x509.BasicConstraints(False, None), True))
    if aaguid is not None:
        model = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + aaguid)
        builder = builder.add_extension(model, False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.DER)


def server():
    """fido2 as relying party, which looks at attestation as ours does: formats none and packed, no roots."""
    def attested(attestation, digest):
        kinds = {"none": NoneAttestation, "packed": PackedAttestation}
        kinds[attestation.fmt]().verify(attestation.att_stmt, attestation.auth_data, digest)

    return Fido2Server({"id": RP, "name": "fido2"}, attestation="direct", verify_origin=lambda it: it == ORIGIN,
                       verify_attestation=attested)


def state(challenge):
    return {"challenge": encoded(challenge), "user_verification": "required"}


def they_register(challenge, text):
    """The authenticator data, or None where fido2 refuses."""
    try:
        return server().register_complete(state(challenge), json.loads(text))
    except Exception:  # of any kind: it has no one type for what is malformed
        return None


def they_verify(challenge, credentials, text):
    try:
        return server().authenticate_complete(state(challenge), credentials, json.loads(text))
    except Exception:
        return None


def question(challenge, **members):
    return {"rp": RP, "origin": ORIGIN, "challenge": encoded(challenge), "verified": True} | members


def changed(source, data):
    """The bytes with a bit, a byte, a piece or an end that is another."""
    data, kind = bytearray(data), source.randrange(6)
    place = source.randrange(len(data))
    if kind <= 1:
        data[place] ^= 1 << source.randrange(8)
    elif kind == 2:
        data[place] = (data[place] + source.randrange(1, 256)) & 0xFF
    elif kind == 3:
        del data[place:place + source.randrange(1, 4)]
    elif kind == 4:
        data[place:place] = source.randbytes(source.randrange(1, 4))
    else:
        data += source.randbytes(source.randrange(1, 4))
    return bytes(data)


def damaged(source, parts):
    """Answers with one part changed."""
    for _ in range(DAMAGES):
        name = source.choice(list(parts))
        other = changed(source, parts[name])
        if other != parts[name]:
            yield parts | {name: other}


def they_make(peer, source):
    """What fido2 makes we register and verify; of what is changed we take nothing that fido2 would not take."""
    cases = 0
    for algorithm in ALGORITHMS:
        for attestation in ATTESTATIONS:
            for _ in range(ROUNDS):
                authenticator = Authenticator(source, algorithm)
                challenge = source.randbytes(32)
                parts = authenticator.registration(challenge, attestation)
                text = authenticator.text(parts, transports=["usb", "internal"])
                data = they_register(challenge, text)
                credential = peer.expect("register passkey", **question(challenge, answer=text))
                check_registered(credential, data)
                for other in damaged(source, parts):
                    text = authenticator.text(other)
                    answer = peer.ask("register passkey", **question(challenge, answer=text))
                    if "refused" not in answer:
                        assert attestation != "self", f"taken with a foreign signature: {text}"
                        # Nobody signs for `none`; a certificate may change, since no root is trusted to have made it.
                        check_registered(answer, they_register(challenge, text) if attestation == "none" else data)
                    cases += 1
                cases += 1 + sign_in(peer, source, authenticator, credential)
    return cases


def check_registered(credential, data):
    """Both have read the same."""
    assert data is not None, "fido2 refuses"
    attested = data.credential_data
    flags = {"isUserVerified": data.is_user_verified(), "isBackupEligible": data.is_backup_eligible(),
             "isBackedUp": data.is_backed_up()}
    for name, value in flags.items():
        assert (name in credential) == value, f"{name} differs: {credential}"
    assert decoded(credential["id"]) == attested.credential_id
    assert decoded(credential["aaguid"]) == attested.aaguid
    assert decoded(credential["publicKey"]) == cbor.encode(attested.public_key)
    assert credential["signCount"] == data.counter


def sign_in(peer, source, authenticator, credential):
    cases = 0
    for _ in range(SIGN_INS):
        challenge = source.randbytes(32)
        parts = authenticator.assertion(challenge)
        handle = source.choice([{}, {"userHandle": encoded(HANDLE)}])
        asked = question(challenge, credential=credential, handle=encoded(HANDLE))
        text = authenticator.text(parts, **handle)
        assert they_verify(challenge, [authenticator.attested], text) is not None, "fido2 refuses its own"
        updated = peer.expect("verify passkey", **asked, answer=text)
        assert updated["signCount"] == authenticator.counter
        assert updated["isVerifiedNow"] is True
        for other in damaged(source, parts):
            peer.refusal("verify passkey", **asked, answer=authenticator.text(other, **handle))
            cases += 1
        why = peer.refusal("verify passkey", **asked, answer=authenticator.text(parts, userHandle=encoded(b"x")))
        assert why == "wrongUserHandle", why
        credential = {name: value for name, value in updated.items() if name != "isVerifiedNow"}
        if authenticator.counter:
            why = peer.refusal("verify passkey", **(asked | {"credential": credential}), answer=text)
            assert why == "clonedAuthenticator", why
        cases += 2
    return cases


def any_flags(peer, source):
    """Every byte of flags, rightly signed: we take what the specification lets pass, and fido2 at least that."""
    cases = 0
    for synced in [False, True]:
        authenticator = Authenticator(source, -7)
        authenticator.synced, authenticator.counter = synced, 0
        challenge = source.randbytes(32)
        text = authenticator.text(authenticator.registration(challenge, "self"))
        credential = peer.expect("register passkey", **question(challenge, answer=text))
        for flags in [value for value in range(256) if not value & (AT | ED)]:
            challenge = source.randbytes(32)
            text = authenticator.text(authenticator.assertion(challenge, flags))
            answer = peer.ask(
                "verify passkey", **question(challenge, credential=credential, handle=encoded(HANDLE), answer=text))
            sound = flags & UP and flags & UV and bool(flags & BE) == synced and (flags & BE or not flags & BS)
            assert ("refused" not in answer) == bool(sound), f"flags {flags:#x}: {answer}"
            if sound:
                assert they_verify(challenge, [authenticator.attested], text) is not None
                assert ("isBackedUp" in answer) == bool(flags & BS)
            cases += 1
    return cases


def we_make(peer, source):
    """Our authenticator, which the other tests rely on, answers what fido2 asks to its satisfaction."""
    cases = 0
    user = {"id": HANDLE, "name": "a@example.org", "displayName": "A"}
    for algorithm in ALGORITHMS:
        for attested in [{}, {"attested": True}]:
            number = peer.expect("make authenticator", alg=algorithm, rp=RP, origin=ORIGIN, **attested)["number"]
            them = server()
            options, begun = them.register_begin(user, user_verification="required")
            answer = peer.expect(
                "answer options", number=number, creates=True, options=json.dumps(dict(options.public_key)))
            data = them.register_complete(begun, json.loads(answer["answer"]))
            assert data.credential_data.public_key[3] == algorithm
            for _ in range(SIGN_INS):
                options, begun = them.authenticate_begin([data.credential_data], user_verification="required")
                answer = peer.expect("answer options", number=number, options=json.dumps(dict(options.public_key)))
                answer = json.loads(answer["answer"])
                them.authenticate_complete(begun, [data.credential_data], answer)
                assert decoded(answer["response"]["userHandle"]) == HANDLE
                cases += 1
            cases += 1
    return cases


def options_are_read_alike(peer, source):
    """What we ask of a browser, read by fido2 as a browser would."""
    for _ in range(ROUNDS * 10):
        challenge, handle = source.randbytes(32), source.randbytes(source.randrange(1, 65))
        credentials = [source.randbytes(source.randrange(1, 99)) for _ in range(source.randrange(4))]
        asked = question(challenge, credentials=[encoded(one) for one in credentials])
        name = "\u00e9\"\\<\u6c34" * source.randrange(1, 9)
        text = peer.expect("passkey options", **asked, handle=encoded(handle), name=name)["options"]
        made = PublicKeyCredentialCreationOptions.from_dict(json.loads(text))
        assert (made.rp.id, made.challenge, made.attestation) == (RP, challenge, "none")
        assert (made.user.id, made.user.name, made.user.display_name) == (handle, name, name)
        assert [one.alg for one in made.pub_key_cred_params] == list(ALGORITHMS)
        assert [one.id for one in made.exclude_credentials] == credentials
        assert made.authenticator_selection.resident_key == "required"
        assert made.authenticator_selection.user_verification == "required"
        text = peer.expect("passkey options", **asked)["options"]
        got = PublicKeyCredentialRequestOptions.from_dict(json.loads(text))
        assert (got.rp_id, got.challenge, got.user_verification) == (RP, challenge, "required")
        assert [one.id for one in got.allow_credentials] == credentials
        assert all(one.transports == ["usb"] for one in got.allow_credentials)
    return ROUNDS * 20


STEPS = [
    ("passkeys that fido2 makes are registered and sign in, and damaged ones do not", they_make),
    ("of all flags an authenticator can sign, the sound ones are taken", any_flags),
    ("fido2 takes what our authenticator makes", we_make),
    ("fido2 reads what we ask of browsers", options_are_read_alike),
]
