"""Keys and signatures: RFC 7515, 7517, 7518, 7638, 7797, 8037."""

import json
import warnings

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from jose_peer import decoded, encoded

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
ASYMMETRIC = [*CURVES, "EdDSA", *RSA]
MACS = {"HS256": 32, "HS384": 48, "HS512": 64}
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

#: How often each algorithm is tried in each direction.
ROUNDS = 60
#: RSA keys take long to make, so few serve all.
RSA_SIZES = [2048, 2048, 3072]

warnings.filterwarnings("ignore", module="joserfc")  # it would rather say Ed25519 than EdDSA


class Keys:
    """Keys of joserfc by algorithm."""

    def __init__(self, source):
        self.source = source
        self.rsa = [RSAKey.generate_key(size) for size in RSA_SIZES]

    def fresh(self, algorithm):
        if algorithm in CURVES:
            return ECKey.generate_key(CURVES[algorithm])
        if algorithm == "EdDSA":
            return OKPKey.generate_key("Ed25519")
        if algorithm in MACS:
            count = MACS[algorithm] + self.source.randrange(100)
            return OctKey.import_key(self.source.randbytes(count))
        return self.source.choice(self.rsa)


def public(key, **members):
    return key.as_dict(private=False) | members


def payload(source):
    """Of any length and content, often text or JSON, also none."""
    kind = source.randrange(5)
    if kind == 0:
        return json.dumps({"iss": "é" * source.randrange(9), "n": source.random()}).encode()
    return source.randbytes(0 if kind == 1 else source.randrange(1, 2000))


def allowed(source, algorithm):
    """The algorithm among any others."""
    others = [other for other in ASYMMETRIC if source.random() < 0.3]
    return sorted({algorithm, *others}, key=lambda _: source.random())


def changed(source, token):
    """The token with one character that is another, or with one more or one less."""
    place = source.randrange(len(token))
    kind = source.randrange(6)
    if kind == 0:
        return token[:place] + token[place + 1:]
    if kind == 1:
        return token[:place] + source.choice(ALPHABET + ".=") + token[place:]
    other = source.choice([character for character in ALPHABET if character != token[place]])
    return token[:place] + other + token[place + 1:]


def they_sign(peer, source):
    keys, cases = Keys(source), 0
    for algorithm in ASYMMETRIC:
        for _ in range(ROUNDS):
            key, content = keys.fresh(algorithm), payload(source)
            token = jws.serialize_compact({"alg": algorithm}, content, key, [algorithm])
            question = {"jwk": public(key), "algs": allowed(source, algorithm)}
            answer = peer.expect("verify", token=token, **question)
            assert decoded(answer["payload"]) == content
            for _ in range(3):
                peer.refusal("verify", token=changed(source, token), **question)
            # Nothing else helps where the algorithm is not allowed, and nobody else's key fits.
            others = [other for other in ASYMMETRIC if other != algorithm]
            assert peer.refusal("verify", token=token, jwk=public(key), algs=others) == "wrongAlgorithm"
            peer.refusal("verify", token=token, jwk=public(keys.fresh(source.choice(ASYMMETRIC))) | {"kid": "x"},
                         algs=[source.choice(others)])
            cases += 6
    return cases


def we_sign(peer, source):
    cases = 0
    for algorithm in ASYMMETRIC:
        made = peer.expect("generate", alg=algorithm)
        jwk = made["jwk"]
        assert jwk["alg"] == algorithm and jwk["use"] == "sig" and "d" not in jwk, jwk
        key = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}[jwk["kty"]].import_key(jwk)
        assert key.thumbprint() == jwk["kid"]
        for _ in range(ROUNDS):
            content = payload(source)
            token = peer.expect(
                "sign", number=made["number"], payload=encoded(content), form="compact")["token"]
            read = jws.deserialize_compact(token, key, [algorithm])
            assert read.payload == content and read.headers()["kid"] == jwk["kid"]
            header, body, signature = token.split(".")
            check(key, algorithm, decoded(signature), f"{header}.{body}".encode())
            cases += 2
    return cases


def check(key, algorithm, signature, message):
    """Verifies with the primitives alone; raises for a signature that is none."""
    public_key = key.public_key
    if algorithm == "EdDSA":
        return public_key.verify(signature, message)
    digest = HASHES[algorithm[2:]]()
    if algorithm in CURVES:
        half = len(signature) // 2
        assert half == (public_key.key_size + 7) // 8
        r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
        return public_key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(digest))
    if algorithm.startswith("RS"):
        return public_key.verify(signature, message, padding.PKCS1v15(), digest)
    pss = padding.PSS(padding.MGF1(digest), salt_length=digest.digest_size)
    return public_key.verify(signature, message, pss, digest)


def imported_keys(peer, source):
    """Private keys of theirs, as JWK and as PKCS#8, are the same keys here."""
    keys, cases = Keys(source), 0
    for algorithm in ASYMMETRIC:
        for turn in range(10):
            key = keys.fresh(algorithm)
            if turn % 2:
                pkcs8 = key.private_key.private_bytes(
                    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                question = {"pkcs8": encoded(pkcs8)}
            else:
                question = {"jwk": key.as_dict(private=True)}
            made = peer.expect("import", alg=algorithm, **question)
            theirs = public(key)
            assert {name: made["jwk"][name] for name in theirs if name != "kid"} == {
                name: value for name, value in theirs.items() if name != "kid"}
            assert peer.expect("thumbprint", jwk=theirs)["thumbprint"] == key.thumbprint()
            content = payload(source)
            token = peer.expect(
                "sign", number=made["number"], payload=encoded(content), form="compact")["token"]
            assert jws.deserialize_compact(token, key, [algorithm]).payload == content
            if algorithm.startswith("RS") or algorithm == "EdDSA":  # these know one signature alone
                header = made["jwk"]
                again = jws.serialize_compact(
                    {"alg": algorithm, "typ": "JWT", "kid": header["kid"]}, content, key, [algorithm])
                assert token.split(".")[1:2] == again.split(".")[1:2]
                prefix = token.rsplit(".", 1)[0].encode()
                assert decoded(token.rsplit(".", 1)[1]) == sign(key, algorithm, prefix)
            cases += 3
    return cases


def sign(key, algorithm, message):
    if algorithm == "EdDSA":
        return key.private_key.sign(message)
    return key.private_key.sign(message, padding.PKCS1v15(), HASHES[algorithm[2:]]())


def damaged_keys(peer, source):
    """A public key with one bit turned is refused by both, or is a key for both."""
    cases = 0
    for algorithm, curve in CURVES.items():
        for _ in range(ROUNDS):
            jwk = public(ECKey.generate_key(curve))
            peer.expect("thumbprint", jwk=jwk)
            name = source.choice(["x", "y"])
            number = bytearray(decoded(jwk[name]))
            number[source.randrange(len(number))] ^= 1 << source.randrange(8)
            jwk[name] = encoded(bytes(number))
            try:
                ECKey.import_key(jwk).public_key
                theirs = "taken"
            except (ValueError, JoseError):
                theirs = "refused"
            ours = "refused" if "refused" in peer.ask("thumbprint", jwk=jwk) else "taken"
            assert ours == theirs, (algorithm, jwk, ours, theirs)
            cases += 2
    return cases


def secrets_shared(peer, source):
    keys, cases = Keys(source), 0
    for algorithm, shortest in MACS.items():
        for _ in range(ROUNDS):
            key, content = keys.fresh(algorithm), payload(source)
            token = jws.serialize_compact({"alg": algorithm}, content, key, [algorithm])
            jwk = {"kty": "oct", "k": key.as_dict()["k"], "alg": algorithm}
            answer = peer.expect("verify", token=token, jwk=jwk, algs=[])
            assert decoded(answer["payload"]) == content
            for _ in range(3):
                peer.refusal("verify", token=changed(source, token), jwk=jwk, algs=[])
            other = source.choice([name for name in MACS if name != algorithm])
            assert peer.refusal("verify", token=token, jwk=jwk | {"alg": other}, algs=[]) in (
                "wrongAlgorithm", "weakKey")
            short = encoded(source.randbytes(source.randrange(shortest)))
            assert peer.refusal("verify", token=token, jwk=jwk | {"k": short}, algs=[]) == "weakKey"
            cases += 6
    return cases


def payloads_beside(peer, source):
    """Detached content, encoded or as it is."""
    keys, cases = Keys(source), 0
    for algorithm in [*ASYMMETRIC, *MACS]:
        for turn in range(20):
            key, content = keys.fresh(algorithm), payload(source)
            header = {"alg": algorithm} | ({"b64": False, "crit": ["b64"]} if turn % 2 else {})
            if turn % 2:  # joserfc writes such content into the token, which must be text then
                content = encoded(content).encode()
            whole = jws.serialize_compact(header, content, key, [algorithm])
            head, tail = whole.split(".", 1)[0], whole.rsplit(".", 1)[1]
            jwk = key.as_dict() | {"alg": algorithm} if algorithm in MACS else public(key)
            question = {"token": f"{head}..{tail}", "jwk": jwk, "algs": allowed(source, algorithm)}
            question["algs"] = [name for name in question["algs"] if name not in MACS]
            assert decoded(peer.expect("verify", payload=encoded(content), **question)["payload"]) == content
            other = bytes([*content, source.randrange(256)])
            peer.refusal("verify", payload=encoded(other), **question)
            cases += 2
        if algorithm in MACS:
            continue
        made = peer.expect("generate", alg=algorithm)
        key = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}[made["jwk"]["kty"]].import_key(made["jwk"])
        for turn in range(20):
            content, form = payload(source), "unencoded" if turn % 2 else "detached"
            token = peer.expect("sign", number=made["number"], payload=encoded(content), form=form)["token"]
            assert jws.deserialize_compact(token, key, [algorithm], payload=content).payload == content
            cases += 1
    return cases


def json_forms(peer, source):
    """Both JSON serializations, with up to three signatures."""
    keys, cases = Keys(source), 0
    for algorithm in ASYMMETRIC:
        for turn in range(20):
            key, content = keys.fresh(algorithm), payload(source)
            member = {"protected": {"alg": algorithm}, "header": {"kid": "one"}}
            if turn % 2:
                count = source.randrange(1, 4)
                document = jws.serialize_json([member] * count, content, key, [algorithm])
            else:
                document = jws.serialize_json(member, content, key, [algorithm])
            question = {"jwk": public(key, kid="one"), "algs": [algorithm]}
            answer = peer.expect("verify", token=json.dumps(document), **question)
            assert decoded(answer["payload"]) == content
            document["payload"] = encoded(content + b"x")
            assert peer.refusal("verify", token=json.dumps(document), **question) == "invalidSignature"
            cases += 2
    return cases


STEPS = [
    ("they sign, we verify, and refuse what was changed", they_sign),
    ("we sign, they verify", we_sign),
    ("private keys of theirs are the same keys here", imported_keys),
    ("points off their curve are refused by both", damaged_keys),
    ("HMAC, and secrets that are too short", secrets_shared),
    ("content that travels beside its signature", payloads_beside),
    ("the JSON serializations", json_forms),
]
