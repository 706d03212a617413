import DirectoryTesting
import Foundation
import Glibc
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Reactor
import TLSTesting
import Testing

@testable import Directory

@Suite("Connections by libldap", .spec("RFC 4511", "RFC 4513 §3.1"), .timeLimit(.minutes(60)))
struct LDAPTransportTests {
    /// A certificate for this machine, of an authority whose file is there as long as the value.
    final class Trust: Sendable {
        let authority: TestCertificate
        let certificate: TestCertificate
        let file: URL

        init(_ host: String = "127.0.0.1", validFor: Int = 86_400) throws {
            authority = try TestCertificate("Authority", isAuthority: true)
            certificate = try TestCertificate(host, issuer: authority, validFor: validFor)
            file = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString).pem")
            try Data(authority.pem).write(to: file)
        }

        deinit { try? FileManager.default.removeItem(at: file) }
    }

    /// What came of one proof; it is broken off when the gate opens, and every thread has ended afterwards.
    private func outcome(
        _ ports: [UInt16], _ security: String, _ trust: Trust? = nil, brokenOffBy gate: Gate = Gate(),
        groups: String = "false"
    ) async throws -> Result<DirectoryVerdict, DirectoryFault> {
        try await outcomes(ports, security, trust, brokenOffBy: gate, groups: groups)[0]
    }

    private func outcomes(
        _ ports: [UInt16], _ security: String, _ trust: Trust? = nil, brokenOffBy gate: Gate = Gate(),
        groups: String = "false", times: Int = 1
    ) async throws -> [Result<DirectoryVerdict, DirectoryFault>] {
        // The library takes the machine's own name for `localhost`, which no certificate here has.
        let host = security == "none" ? "localhost" : "127.0.0.1"
        let hosts = ports.map { "\"\(host):\($0)\"" }.joined(separator: ",")
        let authorities = trust.map { #","ca_file":"\#($0.file.path)""# } ?? ""
        let text = """
            {"hosts":[\(hosts)],"domains":["x.org"],"base":"dc=x","bind_dn":"cn=s,dc=x","security":"\(security)",
             "groups":\(groups),"timeout":30\(authorities)}
            """
        let settings = try DirectorySettings(JSONObject(parsing: Array(text.utf8)))
        let directory = try Directory(
            settings, secret: Secret("service"), transport: LDAPTransport(settings), clock: TestClock(),
            random: SeededRandom(), pause: { _ in try await gate.wait() })
        let email = try #require(Email("ada@x.org"))
        var outcomes: [Result<DirectoryVerdict, DirectoryFault>] = []
        for _ in 0..<times {
            do throws(DirectoryFault) {
                outcomes.append(.success(try await directory.prove(email, password: Array("correct horse".utf8))))
            } catch {
                outcomes.append(.failure(error))
            }
        }
        await directory.stop()
        return outcomes
    }

    private func isProven(_ outcome: Result<DirectoryVerdict, DirectoryFault>) -> Bool {
        if case .success(.proven(let person)) = outcome { person.subject == "e-ada" } else { false }
    }

    @Test(arguments: ["ldaps", "starttls", "none"])
    func proveAPersonAndClose(_ security: String) async throws {
        let trust = try Trust()
        let closed = Semaphore()
        let played = try PlayedDirectory { connection in
            if security == "starttls" {
                connection.answer(Operation.extended, (Operation.extendedResponse, BER.result(0)))
            }
            if security == "none" || connection.secure(trust.certificate) { connection.playWell() }
            closed.signal()
        }
        #expect(isProven(try await outcome([played.port], security, trust)))
        // The other side has seen the end.
        closed.wait()
    }

    /// Where a directory falls silent.
    enum Silence: CaseIterable, Sendable {
        case beforeHandshake, beforeStartTLS, withinStartTLS, afterStartTLS, afterHandshake, beforeSearch, withinSearch
        case withinEntry

        var security: String {
            switch self {
            case .beforeHandshake, .afterHandshake: "ldaps"
            case .beforeStartTLS, .withinStartTLS, .afterStartTLS: "starttls"
            case .beforeSearch, .withinSearch, .withinEntry: "none"
            }
        }

        func play(_ connection: PlayedConnection, _ certificate: TestCertificate) {
            let yes = BER.result(0)
            switch self {
            case .beforeHandshake, .beforeStartTLS: _ = connection.receive(1)
            case .withinStartTLS:
                guard let message = connection.message() else { return }
                connection.send(Array(BER.message(message.id, Operation.extendedResponse, yes).dropLast()))
            case .afterStartTLS:
                connection.answer(Operation.extended, (Operation.extendedResponse, yes))
                _ = connection.receive(1)
            case .afterHandshake:
                _ = connection.secure(certificate)
                _ = connection.receive(1)
            case .beforeSearch:
                connection.answer(Operation.bind, (Operation.bindResponse, yes))
                _ = connection.message()
            case .withinSearch:
                connection.answer(Operation.bind, (Operation.bindResponse, yes))
                connection.answer(Operation.search, (Operation.entry, PlayedConnection.ada))
            case .withinEntry:
                connection.answer(Operation.bind, (Operation.bindResponse, yes))
                guard let message = connection.message() else { return }
                let entry = BER.message(message.id, Operation.entry, PlayedConnection.ada)
                connection.send(Array(entry.dropLast(3)))
            }
        }
    }

    /// The library alone would wait for ever in some of these.
    @Test(arguments: Silence.allCases)
    func endWhereTheDirectoryFallsSilent(_ silence: Silence) async throws {
        let trust = try Trust()
        let gate = Gate()
        let played = try PlayedDirectory { connection in
            silence.play(connection, trust.certificate)
            gate.open()
            // Open, and silent, until the other side has closed.
            _ = connection.drain()
        }
        #expect(
            try await outcome([played.port], silence.security, trust, brokenOffBy: gate)
                == .failure(.unavailable(.timedOut)))
    }

    @Test(arguments: ["none", "starttls", "ldaps"])
    func endWhereNobodyListens(_ security: String) async throws {
        let closed = try PlayedDirectory()
        #expect(try await outcome([closed.port], security, try Trust()) == .failure(.unavailable(.unreachable)))
    }

    @Test func theNextHostIsAskedAndRemembered() async throws {
        let closed = try PlayedDirectory()
        let played = try PlayedDirectory { $0.playWell() }
        let found = try await outcomes([closed.port, played.port], "none", times: 2)
        #expect(found.allSatisfy(isProven), "\(found)")

        // One that takes connections and is silent costs one sign-in its answer, not the next one.
        let gate = Gate()
        let silent = try PlayedDirectory { connection in
            gate.open()
            _ = connection.drain()
        }
        let outcomes = try await outcomes([silent.port, played.port], "none", brokenOffBy: gate, times: 1)
        #expect(outcomes == [.failure(.unavailable(.timedOut))])
        let hosts = LDAPHosts(["a", "b"].map { DirectorySettings.Host(name: $0, port: 1) })
        hosts.avoid(0)
        #expect(hosts.inTurn.map(\.number) == [1, 0])
        hosts.avoid(0)
        #expect(hosts.inTurn.map(\.number) == [1, 0])
        hosts.avoid(1)
        #expect(hosts.inTurn.map(\.number) == [0, 1])
    }

    /// How a server fails to prove that it is the one that is meant.
    enum Imposture: CaseIterable, Sendable {
        case otherAuthority, otherName, expired, oldVersion
    }

    @Test(arguments: Imposture.allCases, ["ldaps", "starttls"])
    func nothingIsSaidToWhoeverIsNotBelieved(_ imposture: Imposture, _ security: String) async throws {
        let trust =
            switch imposture {
            case .otherName: try Trust("elsewhere.example")
            case .expired: try Trust(validFor: -3600)
            case .otherAuthority, .oldVersion: try Trust()
            }
        let shown = imposture == .otherAuthority ? try Trust() : trust
        let versions = imposture == .oldVersion ? 0x0302...0x0302 : 0x0303...0x0304
        let heard = Locked<[UInt8]>([])
        let isOver = Semaphore()
        let played = try PlayedDirectory { connection in
            if security == "starttls" {
                connection.answer(Operation.extended, (Operation.extendedResponse, BER.result(0)))
            }
            if connection.secure(shown.certificate, versions: versions) {
                let bytes = connection.drain()
                heard.withLock { $0 = bytes }
            }
            isOver.signal()
        }
        guard case .failure(.untrusted) = try await outcome([played.port], security, trust) else {
            Issue.record("it should not be believed")
            return
        }
        isOver.wait()
        // At most a goodbye (RFC 4511 §4.3), never a name or a password.
        #expect(heard.withLock { $0.count } <= 7)
    }

    @Test func aServerWithoutStartTLSGetsNoPassword() async throws {
        let heard = Locked<[UInt8]>([])
        let isOver = Semaphore()
        let played = try PlayedDirectory { connection in
            connection.answer(Operation.extended, (Operation.extendedResponse, BER.result(2)))
            let bytes = connection.drain()
            heard.withLock { $0 = bytes }
            isOver.signal()
        }
        #expect(try await outcome([played.port], "starttls", try Trust()) == .failure(.untrusted(.noStartTLS)))
        isOver.wait()
        #expect(heard.withLock { $0.count } <= 7)
    }

    /// Whoever sits between may add answers in clear to the one that announces TLS.
    @Test func whatWasSaidInClearDoesNotCountUnderTLS() async throws {
        let trust = try Trust()
        let played = try PlayedDirectory { connection in
            guard let message = connection.message() else { return }
            connection.send(
                BER.message(message.id, Operation.extendedResponse, BER.result(0))
                    + BER.message(message.id + 1, Operation.bindResponse, BER.result(0)))
            if connection.secure(trust.certificate) { connection.playWell() }
        }
        guard case .failure = try await outcome([played.port], "starttls", trust) else {
            Issue.record("it should not be proven")
            return
        }
    }

    @Test func aMessageLargerThanAnyOfUseIsNotRead() async throws {
        let played = try PlayedDirectory { connection in
            connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            guard connection.message() != nil else { return }
            // Two gigabytes are announced.
            connection.send([0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 0x02, 0x01, 0x02, 0x64])
            _ = connection.drain()
        }
        #expect(try await outcome([played.port], "none") == .failure(.unavailable(.brokenOff)))
    }

    @Test func aSearchThatNeverEndsIsEnded() async throws {
        let people = try PlayedDirectory { connection in
            connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            guard let message = connection.message() else { return }
            while connection.send(BER.message(message.id, Operation.entry, PlayedConnection.ada)) {
                // After the search is given up, the password is asked about, and refused.
                connection.send(BER.message(message.id + 2, Operation.bindResponse, BER.result(49)))
            }
        }
        #expect(try await outcome([people.port], "none") == .success(.refused(.ambiguous)))

        let groups = try PlayedDirectory { connection in
            connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            connection.answer(
                Operation.search, (Operation.entry, PlayedConnection.ada), (Operation.searchEnd, BER.result(0)))
            guard let message = connection.message() else { return }
            let long = BER.entry("cn=g,dc=x", [("cn", [String(repeating: "x", count: 1 << 19)])])
            while connection.send(BER.message(message.id, Operation.entry, long)) {}
        }
        #expect(
            try await outcome([groups.port], "none", groups: #"{"base":"dc=x"}"#)
                == .failure(.unavailable(.tooLarge)))

        let references = try PlayedDirectory { connection in
            connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            guard let message = connection.message() else { return }
            let reference = BER.message(message.id, Operation.reference, BER.text("ldap://elsewhere.example/"))
            while connection.send(reference) {}
        }
        #expect(try await outcome([references.port], "none") == .failure(.unavailable(.tooLarge)))
    }

    @Test func nobodyIsFollowedElsewhere() async throws {
        let asked = Locked(0)
        let other = try PlayedDirectory { connection in
            asked.withLock { $0 += 1 }
            _ = connection.drain()
        }
        let address = "ldap://localhost:\(other.port)/dc=x"
        let referring = try PlayedDirectory { connection in
            connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            connection.answer(
                Operation.search, (Operation.reference, BER.text(address)), (Operation.entry, PlayedConnection.ada),
                (Operation.searchEnd, BER.result(0)))
            connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            _ = connection.drain()
        }
        #expect(isProven(try await outcome([referring.port], "none")))
        for step in [Operation.bind, Operation.search] {
            let refusing = try PlayedDirectory { connection in
                if step == Operation.search {
                    connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
                }
                let answer = step == Operation.bind ? Operation.bindResponse : Operation.searchEnd
                connection.answer(step, (answer, BER.result(10, referral: [address])))
                _ = connection.drain()
            }
            #expect(try await outcome([refusing.port], "none") == .failure(.refused(.elsewhere)))
        }
        // Whoever was to be asked had been by now.
        #expect(asked.withLock { $0 } == 0)
    }

    /// The library would connect again by itself, without TLS.
    @Test func whatIsBrokenOffIsNotBegunAgain() async throws {
        let trust = try Trust()
        let connections = Locked(0)
        let clear = Locked<[UInt8]>([])
        let played = try PlayedDirectory(
            { connection in
                connections.withLock { $0 += 1 }
                guard connection.secure(trust.certificate) else { return }
                connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
            },
            { connection in
                connections.withLock { $0 += 1 }
                let bytes = connection.receive()
                clear.withLock { $0 = bytes }
            })
        #expect(try await outcome([played.port], "ldaps", trust) == .failure(.unavailable(.brokenOff)))
        #expect(connections.withLock { $0 } == 1)
        #expect(clear.withLock { $0 }.isEmpty)
    }

    @Test func aPasswordThatHasRunOutIsToldApart() async throws {
        for (words, reason) in [
            (
                "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 532, v3839",
                "outdated_password"
            ),
            (
                "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 773, v3839",
                "outdated_password"
            ),
            (
                "80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 52e, v3839",
                "wrong_password"
            ),
        ] {
            let played = try PlayedDirectory { connection in
                connection.answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
                connection.answer(
                    Operation.search, (Operation.entry, PlayedConnection.ada), (Operation.searchEnd, BER.result(0)))
                connection.answer(Operation.bind, (Operation.bindResponse, BER.result(49, words: words)))
                _ = connection.drain()
            }
            guard case .success(.refused(let told)) = try await outcome([played.port], "none") else {
                Issue.record("it should be refused")
                continue
            }
            #expect(told.rawValue == reason)
        }
    }
}
