import Glibc
import TLSTesting
import Testing

@testable import Reactor

@Suite("TLS", .timeLimit(.minutes(10)))
struct TLSTests {
    private static let olderVersions = [0x0301, 0x0302]

    /// A round trip, so that session tickets have arrived, too.
    private func echoes(_ client: TLSClient, _ text: String = "hello") -> Bool {
        client.send(text)
        return client.receive() == Array(text.utf8)
    }

    private func wishes(_ change: (inout TLSClient.Wishes) -> Void) -> TLSClient.Wishes {
        var wishes = TLSClient.Wishes()
        change(&wishes)
        return wishes
    }

    @Test(arguments: TestCertificate.Key.allCases)
    func bytesTravelInBothVersionsAndNothingOlderIsTaken(_ kind: TestCertificate.Key) async throws {
        let certificate = try TestCertificate("a.example", key: kind)
        try await withTLSEcho(try TLSServer([certificate.identity])) { port in
            let newest = try TLSClient(port: port)
            #expect(newest.version == "TLSv1.3" && echoes(newest) && newest.sees(certificate))
            let older = try TLSClient(port: port, wishes { $0.versions = 0x0303...0x0303 })
            #expect(older.version == "TLSv1.2" && echoes(older) && !older.isCompressed)
            for version in Self.olderVersions {
                #expect(throws: TLSClient.Refused.self, "version \(version)") {
                    try TLSClient(port: port, wishes { $0.versions = version...version })
                }
            }
        }
    }

    @Test func everyCipherOfTheListIsTakenAndNoOther() async throws {
        let identities = try [TestCertificate("a.example").identity, TestCertificate("b.example", key: .rsa).identity]
        let taken = [
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        ]
        let refused = [
            "AES128-GCM-SHA256", "AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256",
            "ECDHE-ECDSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM", "NULL-SHA256",
            "ADH-AES128-GCM-SHA256", "AECDH-AES128-SHA", "PSK-AES128-GCM-SHA256", "CAMELLIA128-SHA",
        ]
        try await withTLSEcho(try TLSServer(identities)) { port in
            for cipher in taken + refused {
                let older = wishes {
                    $0.versions = 0x0303...0x0303
                    $0.olderCiphers = cipher + ":@SECLEVEL=0"
                    $0.host = cipher.contains("RSA") && !cipher.contains("ECDSA") ? "b.example" : "a.example"
                }
                if taken.contains(cipher) {
                    let client = try TLSClient(port: port, older)
                    #expect(client.cipher == cipher)
                } else {
                    #expect(throws: TLSClient.Refused.self, "\(cipher)") { try TLSClient(port: port, older) }
                }
            }
            let suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
            for cipher in suites {
                #expect(try TLSClient(port: port, wishes { $0.ciphers = cipher }).cipher == cipher)
            }
            #expect(throws: TLSClient.Refused.self) {
                try TLSClient(
                    port: port,
                    wishes {
                        $0.ciphers = "TLS_AES_128_CCM_SHA256"; $0.versions = 0x0304...0x0304
                    })
            }
            // Of what the client offers the server takes what it likes best.
            #expect(try TLSClient(port: port, wishes { $0.versions = 0x0303...0x0303 }).cipher == taken[0])
        }
    }

    @Test func theCertificateIsThatOfTheNamedHost() async throws {
        let first = try TestCertificate("a.example")
        let second = try TestCertificate("b.example", "*.wild.example")
        try await withTLSEcho(try TLSServer([first.identity, second.identity])) { port in
            for version in [0x0303, 0x0304] {
                func seen(_ host: String?) throws -> TLSClient {
                    try TLSClient(
                        port: port,
                        wishes {
                            $0.host = host; $0.versions = version...version
                        })
                }
                #expect(try seen("a.example").sees(first))
                #expect(try seen("b.example").sees(second))
                #expect(try seen("B.EXAMPLE").sees(second))
                #expect(try seen("any.wild.example").sees(second))
                #expect(try seen("one.two.wild.example").sees(first))
                #expect(try seen("stranger.example").sees(first))
                let unnamed = try seen(nil)
                #expect(unnamed.sees(first))
                #expect(try echoes(seen("b.example")))
            }
        }
    }

    @Test func theChainIsSent() async throws {
        let authority = try TestCertificate("authority.example", isAuthority: true)
        let leaf = try TestCertificate("a.example", issuer: authority)
        let identity = try TLSIdentity(certificate: leaf.pem + authority.pem, key: leaf.keyPEM)
        try await withTLSEcho(try TLSServer([identity])) { port in
            let client = try TLSClient(port: port)
            #expect(client.sees(leaf) && client.chainCount == 2)
        }
    }

    @Test func http11IsChosenAndOtherProtocolsAreRefused() async throws {
        try await withTLSEcho(try TLSServer([TestCertificate("a.example").identity])) { port in
            func chosen(_ offer: [String]) throws -> String? {
                try TLSClient(port: port, wishes { $0.protocols = offer }).chosenProtocol
            }
            let (alone, second) = (try chosen(["http/1.1"]), try chosen(["h2", "http/1.1"]))
            #expect(alone == "http/1.1" && second == "http/1.1")
            #expect(try chosen([]) == nil)
            for offer in [["h2"], ["http/1.0", "ftp"], ["http/1.1x"], ["http/1."]] {
                #expect(throws: TLSClient.Refused.self) { try chosen(offer) }
            }
        }
    }

    @Test(arguments: [0x0303, 0x0304])
    func aTicketResumesUntilItsKeyIsRotated(_ version: Int) async throws {
        let server = try TLSServer([TestCertificate("a.example").identity, TestCertificate("b.example").identity])
        try await withTLSEcho(server) { port in
            func connect(_ session: TLSClientSession?, _ host: String = "b.example") throws -> TLSClient {
                let client = try TLSClient(
                    port: port,
                    wishes {
                        $0.session = session; $0.host = host; $0.versions = version...version
                    })
                #expect(echoes(client))
                return client
            }
            let first = try connect(nil)
            #expect(!first.isResumed)
            let second = try connect(first.currentSession)
            #expect(second.isResumed)
            try server.rotateTicketKeys()
            let third = try connect(second.currentSession)
            #expect(!third.isResumed)
            #expect(try connect(third.currentSession).isResumed)
        }
    }

    @Test func newCertificatesAreForNewConnections() async throws {
        let (old, new) = (try TestCertificate("a.example"), try TestCertificate("a.example"))
        let server = try TLSServer([old.identity])
        try await withTLSEcho(server) { port in
            let open = try TLSClient(port: port)
            try server.replace([new.identity])
            #expect(try TLSClient(port: port).sees(new))
            #expect(open.sees(old) && echoes(open))
            #expect(throws: TLSError.noCertificate) { try server.replace([]) }
            #expect(try TLSClient(port: port).sees(new))
        }
    }

    @Test(arguments: [0x0303, 0x0304])
    func aClientCertificateReachesTheServerVerifiedOrNot(_ version: Int) async throws {
        let authority = try TestCertificate("authority.example", isAuthority: true)
        let known = try TestCertificate("client.example", issuer: authority)
        let expired = try TestCertificate("client.example", issuer: authority, validFor: -60)
        let own = try TestCertificate("client.example")
        let server = try TLSServer(
            [TestCertificate("a.example").identity], authorities: TLSAuthorities(authority.pem))
        let seen = Locked<[ClientCertificate?]>([])
        let note: @Sendable (ClientCertificate?) -> Void = { certificate in seen.withLock { $0.append(certificate) } }
        try await withTLSEcho(server, asking: .optional, certificates: note) { port in
            var session: TLSClientSession?
            for certificate in [known, expired, own, nil] {
                let client = try TLSClient(
                    port: port,
                    wishes {
                        $0.certificate = certificate; $0.versions = version...version
                    })
                #expect(echoes(client))
                if certificate === known { session = client.currentSession }
                // OpenSSL does not resume what was not ended well.
                client.sayGoodbye()
            }
            // A resumed session is that of the same client.
            let resumed = try TLSClient(
                port: port,
                wishes {
                    $0.session = session; $0.versions = version...version
                })
            #expect(echoes(resumed) && resumed.isResumed)
        }
        // By name, as a failure would print kilobytes.
        let names = [(known, "known"), (expired, "expired"), (own, "own")]
        let told = seen.withLock { $0 }.map { certificate in
            let name = names.first { $0.0.der == certificate?.der }?.1 ?? "none"
            return name + (certificate?.isVerified == true ? ", verified" : "")
        }
        #expect(told == ["known, verified", "expired", "own", "none", "known, verified"])

        // Who does not ask gets none.
        seen.withLock { $0 = [] }
        try await withTLSEcho(server, certificates: note) { port in
            let client = try TLSClient(port: port, wishes { $0.certificate = known })
            #expect(echoes(client))
        }
        #expect(seen.withLock { $0 } == [nil])
    }

    @Test(arguments: [0x0303, 0x0304])
    func aResumedSessionVouchesForNothingPastTheEndOfItsCertificate(_ version: Int) async throws {
        let authority = try TestCertificate("authority.example", isAuthority: true)
        // It may end before the first handshake on a slow machine; then this shows less, and nothing wrong.
        let brief = try TestCertificate("client.example", issuer: authority, validFor: 2)
        let end = time(nil) + 3
        let server = try TLSServer(
            [TestCertificate("a.example").identity], authorities: TLSAuthorities(authority.pem))
        let seen = Locked<[ClientCertificate?]>([])
        let note: @Sendable (ClientCertificate?) -> Void = { certificate in seen.withLock { $0.append(certificate) } }
        try await withTLSEcho(server, asking: .optional, certificates: note) { port in
            let client = try TLSClient(
                port: port,
                wishes {
                    $0.certificate = brief; $0.versions = version...version
                })
            #expect(echoes(client))
            let session = client.currentSession
            client.sayGoodbye()
            while time(nil) <= end { try await Task.sleep(for: .milliseconds(100)) }
            let resumed = try TLSClient(
                port: port,
                wishes {
                    $0.session = session; $0.versions = version...version
                })
            #expect(echoes(resumed))
        }
        let last = seen.withLock { $0 }.last
        #expect(last??.der == brief.der && last??.isVerified == false)
    }

    @Test func largeAnswersAndRequestsArriveWhole() async throws {
        try await withTLSEcho(try TLSServer([TestCertificate("a.example").identity])) { port in
            let client = try TLSClient(port: port)
            for count in [1, 16_384, 16_385, 100_000, 500_000] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 5) }
                client.send(bytes)
                var received: [UInt8] = []
                while received.count < bytes.count {
                    let more = client.receive()
                    guard !more.isEmpty else { break }
                    received += more
                }
                #expect(received == bytes)
            }
        }
    }

    @Test func bothSidesSayGoodbyeAndACutStreamIsTold() async throws {
        let errors = Locked([ConnectionError]())
        let server = try TLSServer([TestCertificate("a.example").identity])
        let note: @Sendable (ConnectionError) -> Void = { error in errors.withLock { $0.append(error) } }
        try await withTLSEcho(server, failures: note) { port in
            let polite = try TLSClient(port: port)
            #expect(echoes(polite))
            polite.sayGoodbye()
            #expect(polite.receive().isEmpty && polite.hasReceivedCloseNotify)
            #expect(errors.withLock { $0 }.isEmpty)
            do {
                let rude = try TLSClient(port: port)
                #expect(echoes(rude))
            }
            try await eventually { !errors.withLock { $0 }.isEmpty }
            #expect(errors.withLock { $0 } == [.reset])
        }
    }

    @Test func keysMayChangeAndHandshakesMayNotBeRepeated() async throws {
        try await withTLSEcho(try TLSServer([TestCertificate("a.example").identity])) { port in
            let client = try TLSClient(port: port)
            for _ in 0..<20 {
                client.updateKeys()
                #expect(echoes(client))
            }
            let older = try TLSClient(port: port, wishes { $0.versions = 0x0303...0x0303 })
            #expect(echoes(older))
            #expect(!older.renegotiates())
        }
    }

    @Test func aHandshakeThatDoesNotEndMeetsItsDeadline() async throws {
        let errors = Locked([ConnectionError]())
        let server = try TLSServer([TestCertificate("a.example").identity])
        let note: @Sendable (ConnectionError) -> Void = { error in errors.withLock { $0.append(error) } }
        try await withTLSEcho(server, deadline: .milliseconds(50), failures: note) { port in
            let silent = try await withLoops(1) { group in
                try await group.loops[0].run {
                    let stream = try await Connection.connect(
                        to: SocketAddress("127.0.0.1", port: port)!, on: group.loops[0], until: .generous)
                    let end = try await stream.read(upTo: 10, until: .generous)
                    stream.close()
                    return end
                }
            }
            #expect(silent.isEmpty)
            #expect(errors.withLock { $0 } == [.timedOut])
        }
    }

    @Test func whatIsNoHandshakeIsRefusedWithAnAlert() async throws {
        let errors = Locked([ConnectionError]())
        let server = try TLSServer([TestCertificate("a.example").identity])
        let note: @Sendable (ConnectionError) -> Void = { error in errors.withLock { $0.append(error) } }
        try await withTLSEcho(server, failures: note) { port in
            let answer = try await withLoops(1) { group in
                try await group.loops[0].run {
                    let stream = try await Connection.connect(
                        to: SocketAddress("127.0.0.1", port: port)!, on: group.loops[0], until: .generous)
                    try await stream.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), until: .generous)
                    let answer = try await stream.read(upTo: 10, until: .generous)
                    stream.close()
                    return answer
                }
            }
            // OpenSSL knows this mistake, and closes without a word.
            #expect(answer.isEmpty)
            guard case .insecure = errors.withLock({ $0.first }) else {
                Issue.record("\(errors.withLock { $0 })")
                return
            }
            #expect(try echoes(TLSClient(port: port)))
        }
    }

    @Test func manyClientsOnTwoLoopsWhileCertificatesAndTicketKeysChange() async throws {
        let server = try TLSServer([TestCertificate("a.example").identity])
        let other = try TestCertificate("b.example").identity
        try await withTLSEcho(server, loops: 2) { port in
            try await withThrowingDiscardingTaskGroup { tasks in
                for _ in 0..<4 {
                    tasks.addTask {
                        var session: TLSClientSession?
                        for _ in 0..<25 {
                            let client = try TLSClient(port: port, wishes { $0.session = session })
                            #expect(echoes(client))
                            session = client.currentSession
                            client.sayGoodbye()
                        }
                    }
                }
                tasks.addTask {
                    for round in 0..<40 {
                        if round % 2 == 0 { try server.rotateTicketKeys() } else { try server.replace([other]) }
                        await Task.yield()
                    }
                }
            }
        }
    }
}
