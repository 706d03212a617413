import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import JOSE

@Suite("Encrypted request objects", .spec("RFC 9101 §6.1", "OpenID Connect Core §10.2"))
struct RequestEncryptionTests {
    private static func published(_ server: TestServer) -> [EncryptionKey] {
        server.environment.keys.published?.encryptionKeys ?? []
    }

    private static func encrypt(
        _ text: String, to key: EncryptionKey, _ algorithm: KeyManagementAlgorithm = .ecdhES,
        _ encryption: ContentEncryption = .a128GCM
    ) throws -> String {
        try JWEEncrypter(to: key, algorithm: algorithm, encryption: encryption, contentType: .jwt).encrypt(text)
    }

    @Test(
        .spec("A-81"), arguments: [KeyManagementAlgorithm.ecdhES, .ecdhESA128KW, .ecdhESA256KW],
        ContentEncryption.allCases)
    func everyAlgorithmOfTheMetadataIsOpened(
        _ algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryption
    ) async throws {
        let bench = try await RequestObjectBench(takesEncryption: true)
        let key = try #require(Self.published(bench.server).first)
        let object = try Self.encrypt(try bench.signed(["prompt": "none"]), to: key, algorithm, encryption)
        let answer = try await bench.decide([.request: object]).answer
        #expect(answer?.refusal == .loginRequired && answer?[.state] == "inside")
        let registered = try await RequestObjectBench(
            members: ["request_object_encryption_alg": "ECDH-ES", "request_object_encryption_enc": "A256GCM"],
            takesEncryption: true)
        let theirs = try #require(Self.published(registered.server).first)
        let other = try Self.encrypt(try registered.signed(), to: theirs, algorithm, encryption)
        #expect(try await registered.isTaken([.request: other]) == (algorithm == .ecdhES && encryption == .a256GCM))
    }

    @Test(.spec("D-04"))
    func theMetadataSaysWhatIsThere() async throws {
        let offered = try await RequestObjectBench(takesEncryption: true).server
        let silent = try await RequestObjectBench().server
        #expect(Self.published(offered).count == 1 && Self.published(silent).isEmpty)
        func metadata(_ offer: RequestObject.Offer) throws -> JSONValue {
            try ServerMetadata(issuer: offered.environment.issuer, scopes: [.openid], requestObjects: offer).wire
        }
        let all = try metadata(RequestObject.Offer(unsigned: true, encrypted: true))
        #expect(
            all["request_parameter_supported"]?.bool == true && all["request_uri_parameter_supported"]?.bool == true)
        #expect(all["require_request_uri_registration"]?.bool == true)
        #expect(all["request_object_signing_alg_values_supported"]?.array?.contains("none") == true)
        #expect(
            all["request_object_encryption_alg_values_supported"] == ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"])
        #expect(all["request_object_encryption_enc_values_supported"]?.array?.contains("A128CBC-HS256") == true)
        let plain = try metadata(RequestObject.Offer())
        #expect(plain["request_object_signing_alg_values_supported"]?.array?.contains("none") == false)
        #expect(plain["request_object_signing_alg_values_supported"]?.array?.contains("RS256") == true)
        #expect(plain["request_object_encryption_alg_values_supported"] == nil)
    }

    // MARK: The life of the key

    private struct Life {
        let bench: RequestObjectBench
        var server: TestServer { bench.server }
        var policy: Policy

        init(takesEncryption: Bool = true) async throws {
            bench = try await RequestObjectBench(takesEncryption: takesEncryption)
            policy = bench.server.environment.policy
        }

        func maintain() async throws {
            try await KeyRotation(
                server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: policy
            ).maintain()
            try await load()
        }

        func load() async throws {
            try server.environment.keys.load(try await server.storage.keys.list(), opening: server.masterKey)
        }

        func states() async throws -> [String] {
            try await server.storage.keys.list().filter(\.isForRequests).map(\.state.rawValue).sorted()
        }
    }

    @Test(.spec("OpenID Connect Core §10.2.1"))
    func whatWasEncryptedToAKeyIsOpenedAfterItMadeRoom() async throws {
        let life = try await Life()
        #expect(try await life.states() == ["current", "next"])
        let first = try #require(Self.published(life.server).first)
        life.server.clock.advance(by: life.policy.keyRotationInterval + .seconds(1))
        let object = try Self.encrypt(try life.bench.signed(), to: first)
        try await life.maintain()
        #expect(try await life.states() == ["current", "next", "retiring"])
        let second = try #require(Self.published(life.server).first)
        #expect(Self.published(life.server).count == 1 && second.keyID != first.keyID)
        #expect(try await life.bench.isTaken([.request: object]))
        #expect(try await life.bench.isTaken([.request: try Self.encrypt(try life.bench.signed(), to: second)]))
        life.server.clock.advance(by: life.policy.keyRetirement + .seconds(1))
        try await life.maintain()
        #expect(try await life.states() == ["current", "next"])
        let late = try Self.encrypt(try life.bench.signed(), to: first)
        #expect(try await life.bench.refusal([.request: late])?.code == .invalidRequestObject)
        #expect(try await life.bench.isTaken([.request: try Self.encrypt(try life.bench.signed(), to: second)]))
    }

    /// As a JWE of somebody who names no key: nothing says that one must (RFC 7516 §4.1.6).
    private static func anonymous(_ text: String, to key: EncryptionKey) throws -> String {
        let encryption = ContentEncryption.a128GCM
        let contentKey = try EncryptionContexts(key).contentKey(to: key, .ecdhES, encryption)
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.member("alg", "ECDH-ES")
            $0.member("enc", encryption.rawValue)
            $0.member("cty", "JWT")
            $0.member("epk", contentKey.ephemeralKey)
        }
        let header = Base64URL.encode(writer.bytes)
        let vector = [UInt8](repeating: 3, count: encryption.vectorCount)
        let (ciphertext, tag) = try encryption.encrypt(
            text.utf8.span, under: contentKey.secret, vector: vector, authenticating: Array(header.utf8))
        return ([header, ""] + [vector, ciphertext, tag].map { Base64URL.encode($0) }).joined(separator: ".")
    }

    @Test(.spec("RFC 7516 §4.1.6"))
    func whatNamesNoKeyIsOpenedByWhicheverItWasMeantFor() async throws {
        let life = try await Life()
        let first = try #require(Self.published(life.server).first)
        #expect(
            try await life.bench.isTaken([.request: try Self.anonymous(try life.bench.signed(), to: first)]))
        life.server.clock.advance(by: life.policy.keyRotationInterval + .seconds(1))
        try await life.maintain()
        let second = try #require(Self.published(life.server).first)
        #expect(second.keyID != first.keyID)
        for key in [first, second] {
            let object = try Self.anonymous(try life.bench.signed(), to: key)
            #expect(try CompactJWE(parsing: object).header.keyID == nil)
            #expect(try await life.bench.isTaken([.request: object]))
        }
        let stranger = try DecryptionKey.generate(.p256).publicKey
        let foreign = try Self.anonymous(try life.bench.signed(), to: stranger)
        #expect(try await life.bench.refusal([.request: foreign])?.code == .invalidRequestObject)
    }

    @Test func aProviderThatHadNoneGetsOneInTime() async throws {
        var life = try await Life(takesEncryption: false)
        #expect(try await life.states().isEmpty)
        life.policy.takesEncryptedRequests = true
        try await life.maintain()
        #expect(try await life.states() == ["next"] && Self.published(life.server).isEmpty)
        life.server.clock.advance(by: life.policy.keyPublication + .seconds(1))
        try await life.maintain()
        try await life.maintain()
        #expect(try await life.states() == ["current", "next"] && Self.published(life.server).count == 1)
        life.policy.takesEncryptedRequests = false
        try await life.maintain()
        #expect(try await life.states() == ["retiring"] && Self.published(life.server).isEmpty)
        // Those that sign are not touched by any of this.
        #expect(try await life.server.storage.keys.list().contains { $0.state == .current && !$0.isForRequests })
    }

    @Test func aKeyThatIsRevokedOpensNothingMore() async throws {
        let life = try await Life()
        let first = try #require(Self.published(life.server).first)
        let object = try Self.encrypt(try life.bench.signed(), to: first)
        #expect(try await life.bench.isTaken([.request: object]))
        let rotation = KeyRotation(
            life.server.storage.keys, masterKey: life.server.masterKey, clock: life.server.clock, policy: life.policy)
        let revoked = try await rotation.revoke(KeyID(rawValue: first.keyID))
        #expect(revoked.state == .current && revoked.current != nil)
        try await life.load()
        #expect(try await life.bench.refusal([.request: object])?.code == .invalidRequestObject)
        #expect(Self.published(life.server).first?.keyID == revoked.current?.rawValue)
    }

    @Test func aKeyOfAnotherMasterKeyIsNotTakenInItsPlace() async throws {
        let life = try await Life()
        let records = try await life.server.storage.keys.list()
        let stranger = try await Life()
        let strange = try await stranger.server.storage.keys.list().filter(\.isForRequests)
        #expect(throws: KeyRing.LoadError.self) {
            try life.server.environment.keys.load(
                records.filter { !$0.isForRequests }
                    + strange.map { record in
                        SigningKeyRecord(
                            id: record.id, algorithm: record.algorithm, sealed: Array(record.sealed.reversed()),
                            state: record.state, createdAt: record.createdAt, changedAt: record.changedAt)
                    }, opening: life.server.masterKey)
        }
        #expect(throws: Never.self) { try life.server.environment.keys.load(records, opening: life.server.masterKey) }
    }
}
