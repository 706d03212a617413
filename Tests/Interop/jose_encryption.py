"""Encryption: RFC 7516, 7518 §4 and §5, 8037 §3.2, nested tokens of RFC 7519 §5.2."""

import json

from cryptography.hazmat.primitives import hashes, keywrap, padding as block_padding
from cryptography.hazmat.primitives.asymmetric import ec, padding, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from jose_peer import decoded, encoded
from jose_signatures import changed, payload, public

RSA = ["RSA-OAEP", "RSA-OAEP-256"]
ECDH = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
WRAPS = {"A128KW": 16, "A256KW": 32}
#: The length of the key in bytes.
ENCRYPTIONS = {"A128GCM": 16, "A256GCM": 32, "A128CBC-HS256": 32, "A256CBC-HS512": 64}
CURVES = {"p256": "P-256", "p384": "P-384", "p521": "P-521", "x25519": "X25519"}
NAMES = [*RSA, *ECDH, *WRAPS, "dir", *ENCRYPTIONS]
EVERY = jwe.JWERegistry(algorithms=NAMES)

#: How often each pair of algorithms is tried in each direction.
ROUNDS = 20


class Keys:
    """Keys of joserfc, and how Martlet is asked to decrypt with them."""

    def __init__(self, peer, source):
        self.peer = peer
        self.source = source
        self.rsa = [RSAKey.generate_key(size) for size in (2048, 3072)]
        self.numbers = {}

    def fresh(self, algorithm, encryption):
        if algorithm in RSA:
            return self.source.choice(self.rsa)
        if algorithm in ECDH:
            curve = self.source.choice([*CURVES.values()])
            return OKPKey.generate_key(curve) if curve == "X25519" else ECKey.generate_key(curve)
        count = WRAPS[algorithm] if algorithm in WRAPS else ENCRYPTIONS[encryption]
        return OctKey.import_key(self.source.randbytes(count))

    def question(self, key, algorithm):
        if key.key_type == "oct":
            return {"jwk": private(key), "alg": algorithm}
        if id(key) not in self.numbers:
            # The key is kept too, so that no other gets its id.
            answer = self.peer.expect("import decryption key", jwk=private(key))
            self.numbers[id(key)] = answer["number"], key
        return {"number": self.numbers[id(key)][0]}


def private(key):
    return key.as_dict(private=True)


def pairs():
    for algorithm in [*RSA, *ECDH, *WRAPS, "dir"]:
        for encryption in ENCRYPTIONS:
            yield algorithm, encryption


def parties(source):
    """`apu` and `apv`, or one of them, or none."""
    return {name: encoded(source.randbytes(source.randrange(40))) for name in ("apu", "apv") if source.random() < 0.4}


def they_encrypt(peer, source):
    keys, cases = Keys(peer, source), 0
    for algorithm, encryption in pairs():
        for _ in range(ROUNDS):
            key, content = keys.fresh(algorithm, encryption), payload(source)
            header = {"alg": algorithm, "enc": encryption} | (parties(source) if algorithm in ECDH else {})
            token = jwe.encrypt_compact(header, content, key, registry=EVERY)
            question = keys.question(key, algorithm)
            assert decoded(peer.expect("decrypt", token=token, **question)["plaintext"]) == content
            for _ in range(3):
                peer.refusal("decrypt", token=changed(source, token), **question)
            parts = token.split(".")
            place = source.choice([place for place in range(1, 5) if parts[place]])
            damaged = bytearray(decoded(parts[place]))
            damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
            parts[place] = encoded(bytes(damaged))
            why = peer.refusal("decrypt", token=".".join(parts), **question)
            assert why == "undecryptable", (why, algorithm, encryption, place)
            if algorithm not in RSA:  # of those there are but two
                other = keys.fresh(algorithm, encryption)
                peer.refusal("decrypt", token=token, **keys.question(other, algorithm))
            cases += 6
    return cases


def we_encrypt(peer, source):
    keys, cases = Keys(peer, source), 0
    for algorithm, encryption in pairs():
        for _ in range(ROUNDS):
            key, content = keys.fresh(algorithm, encryption), payload(source)
            jwk = private(key) if key.key_type == "oct" else public(key)
            answer = peer.expect(
                "encrypt", jwk=jwk, alg=algorithm, enc=encryption, plaintext=encoded(content))
            read = jwe.decrypt_compact(answer["token"], key, registry=EVERY)
            assert read.plaintext == content and read.protected["alg"] == algorithm, read.protected
            assert by_hand(answer["token"], key) == content
            cases += 2
    return cases


def our_keys(peer, source):
    """Keys that we make are what joserfc encrypts to."""
    cases = 0
    for kind in ["rsa", *CURVES]:
        for _ in range(1 if kind == "rsa" else 10):
            made = peer.expect("generate decryption key", kind=kind)
            jwk = made["jwk"]
            assert jwk["use"] == "enc" and "d" not in jwk, jwk
            key = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}[jwk["kty"]].import_key(jwk)
            assert key.thumbprint() == jwk["kid"]
            for algorithm in RSA if kind == "rsa" else ECDH:
                content = payload(source)
                token = jwe.encrypt_compact(
                    {"alg": algorithm, "enc": source.choice([*ENCRYPTIONS]), "kid": jwk["kid"]}, content, key,
                    registry=EVERY)
                answer = peer.expect("decrypt", token=token, number=made["number"])
                assert decoded(answer["plaintext"]) == content
                cases += 1
    return cases


def nested(peer, source):
    made = peer.expect("generate decryption key", kind="p256")
    key, signer, stranger = ECKey.import_key(made["jwk"]), ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    cases = 0
    for _ in range(100):
        subject = source.randbytes(source.randrange(20)).hex()

        def token(signer, content="JWT"):
            inner = jws.serialize_compact({"alg": "ES256"}, json.dumps({"sub": subject}), signer, ["ES256"])
            header = {"alg": source.choice(ECDH), "enc": source.choice([*ENCRYPTIONS])}
            return jwe.encrypt_compact(header | ({"cty": content} if content else {}), inner, key, registry=EVERY)

        question = {"number": made["number"], "signer": public(signer)}
        assert peer.expect("open nested", token=token(signer), **question)["sub"] == subject
        assert peer.refusal("open nested", token=token(stranger), **question) == "invalidSignature"
        assert peer.refusal("open nested", token=token(signer, None), **question) == "wrongType"
        cases += 3
    return cases


def by_hand(token, key):
    """The content, with the primitives alone."""
    header, encrypted, vector, ciphertext, tag = token.split(".")
    members = json.loads(decoded(header))
    content_key = unwrap(members, key, decoded(encrypted))
    return open_content(members["enc"], content_key, header.encode(), *map(decoded, (vector, ciphertext, tag)))


def unwrap(members, key, encrypted):
    algorithm, count = members["alg"], ENCRYPTIONS[members["enc"]]
    if algorithm in RSA:
        hash_function = hashes.SHA1() if algorithm == "RSA-OAEP" else hashes.SHA256()
        return key.private_key.decrypt(
            encrypted, padding.OAEP(padding.MGF1(hash_function), hash_function, None))
    if algorithm not in ECDH:
        shared = decoded(key.as_dict(private=True)["k"])
        return shared if algorithm == "dir" else keywrap.aes_key_unwrap(shared, encrypted)
    other = members["epk"]
    if other["kty"] == "OKP":
        agreed = key.private_key.exchange(x25519.X25519PublicKey.from_public_bytes(decoded(other["x"])))
    else:
        curve = key.private_key.curve
        numbers = [int.from_bytes(decoded(other[name]), "big") for name in ("x", "y")]
        agreed = key.private_key.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(*numbers, curve).public_key())
    direct = algorithm == "ECDH-ES"
    length = count if direct else int(algorithm[-5:-2]) // 8
    named = (members["enc"] if direct else algorithm).encode()
    info = len(named).to_bytes(4, "big") + named + bytes(8) + (length * 8).to_bytes(4, "big")
    derived = ConcatKDFHash(hashes.SHA256(), length, info).derive(agreed)
    return derived if direct else keywrap.aes_key_unwrap(derived, encrypted)


def open_content(encryption, key, aad, vector, ciphertext, tag):
    if encryption.endswith("GCM"):
        return AESGCM(key).decrypt(vector, ciphertext + tag, aad)
    half = len(key) // 2
    decryptor = Cipher(algorithms.AES(key[half:]), modes.CBC(vector)).decryptor()
    unpadder = block_padding.PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(ciphertext) + decryptor.finalize()) + unpadder.finalize()


STEPS = [
    ("what joserfc encrypts, Martlet decrypts, and nothing that was changed", they_encrypt),
    ("what Martlet encrypts, joserfc and cryptography decrypt", we_encrypt),
    ("joserfc encrypts to the keys that Martlet makes", our_keys),
    ("a nested token is taken for its inner signature alone", nested),
]
