import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("The chain of security events")
struct AuditVerifierTests {
    typealias Fault = AuditVerifier.Fault

    /// Six events, a checkpoint behind the third and the sixth, one more event.
    private func lines() async throws -> (lines: [String], key: PublicKey) {
        let ground = try await AuditGround()
        for _ in 0..<2 {
            try await ground.sign(in: 3)
            _ = try #require(try await ground.linker.checkpoint(.anyEvent))
        }
        try await ground.sign(in: 1)
        return (try await ground.export(), try await ground.publicKey())
    }

    @Test func holdsAsItWasWritten() async throws {
        let (lines, key) = try await lines()
        #expect(lines.count == 11)
        let finding = try AuditGround.verify(lines, trusting: [key])
        #expect(finding.first == 1 && finding.last == 7)
        #expect(finding.checkpoints == 2 && finding.covered == 6 && finding.trusted == 6)
        #expect(finding.issuer == AuditGround.issuer && finding.keys == [key.thumbprint])
        // Nobody has to trust the key that the file brings along.
        #expect(try AuditGround.verify(lines).trusted == nil)
        #expect(try AuditGround.verify(lines, trusting: [SigningKey.generate(.es256).publicKey]).trusted == nil)
    }

    /// Every member of every event, changed to something else of its kind, is noticed at that event.
    @Test func noticesEachChangedMember() async throws {
        let (lines, _) = try await lines()
        var changes = 0
        for (place, line) in lines.enumerated() {
            let members = try JSONObject(parsing: Array(line.utf8))
            guard members["type"]?.string == "event" else { continue }
            let sequence = try #require(members["sequence"]?.integer)
            for member in members {
                var changed = members
                changed[member.name] = AuditVerifierTests.other(than: member)
                var tampered = lines
                tampered[place] = String(decoding: changed.jsonBytes(), as: UTF8.self)
                let fault = #expect(throws: Fault.self, "\(member.name) of event \(sequence)") {
                    try AuditGround.verify(tampered)
                }
                switch member.name {
                case "type": #expect(fault == .unreadable(line: place + 1))
                case "sequence": #expect(fault == .missing(sequence: sequence))
                default:
                    let id = changed["id"]?.string ?? ""
                    #expect(fault == .changed(sequence: sequence, id: id), "\(member.name)")
                }
                changes += 1
            }
            // What is left out or added.
            for name in members.map(\.name) {
                var changed = members
                changed[name] = nil
                var tampered = lines
                tampered[place] = String(decoding: changed.jsonBytes(), as: UTF8.self)
                #expect(throws: Fault.self, "without \(name)") { try AuditGround.verify(tampered) }
            }
            var longer = members
            longer["note"] = .string("x")
            var tampered = lines
            tampered[place] = String(decoding: longer.jsonBytes(), as: UTF8.self)
            #expect(throws: Fault.unreadable(line: place + 1)) { try AuditGround.verify(tampered) }
        }
        #expect(changes >= 7 * 12)
    }

    private static func other(than member: JSONObject.Member) -> JSONValue {
        let text = member.value.string ?? ""
        return switch member.name {
        case "type": .string("incident")
        case "sequence": .integer((member.value.integer ?? 0) + 1)
        case "at": .string("2026-01-31T23:59:59.000001Z")
        case "outcome": .string("refused")
        case "actor": .string("stranger")
        case "details": .object(["a": "c"])
        // Another value of the same length, still in its alphabet.
        case "sealed", "digest", "id":
            .string((text.hasPrefix("A") ? "B" : "A") + text.dropFirst())
        default: .string(text + "x")
        }
    }

    @Test func noticesWhatWasTakenOutMovedOrAdded() async throws {
        let (lines, _) = try await lines()
        func verify(_ change: (inout [String]) -> Void) throws -> AuditVerifier.Finding {
            var lines = lines
            change(&lines)
            return try AuditGround.verify(lines)
        }
        // Lines 1 to 3 and 5 to 7 are events 1 to 6; 4 and 8 are checkpoints; 9 is event 7.
        #expect(throws: Fault.missing(sequence: 1)) { try verify { $0.remove(at: 1) } }
        #expect(throws: Fault.missing(sequence: 2)) { try verify { $0.remove(at: 2) } }
        #expect(throws: Fault.missing(sequence: 2)) { try verify { $0.swapAt(2, 3) } }
        #expect(throws: Fault.missing(sequence: 2)) { try verify { $0.insert($0[1], at: 2) } }
        #expect(throws: Fault.contradicted(sequence: 3)) { try verify { $0.swapAt(4, 5) } }
        // Without a checkpoint the chain still holds, and less of it is signed.
        #expect(try verify { $0.remove(at: 8) }.covered == 3)
        #expect(throws: Fault.unreadable(line: 1)) { try verify { $0.remove(at: 0) } }
        #expect(throws: Fault.unreadable(line: 3)) { try verify { $0.insert("{}", at: 2) } }
        #expect(throws: Fault.unreadable(line: 3)) { try verify { $0.insert("not JSON", at: 2) } }
        #expect(throws: Fault.unreadable(line: 2)) { try verify { $0.insert($0[0], at: 1) } }
        #expect(throws: Fault.unreadable(line: 12)) { try verify { $0.append($0[9]) } }
        #expect(throws: Fault.cutOff(behind: 0)) { try AuditGround.verify([]) }
    }

    @Test func noticesAnEndThatWasCutOff() async throws {
        let (lines, _) = try await lines()
        // The last line alone, the last event, and everything behind the first checkpoint but for the second one.
        #expect(throws: Fault.cutOff(behind: 7)) { try AuditGround.verify(lines.dropLast()) }
        #expect(throws: Fault.missing(sequence: 7)) { try AuditGround.verify(lines.dropLast(2) + lines.suffix(1)) }
        let behindFirst = Array(lines[...4]) + [lines[8]] + lines.suffix(1)
        #expect(throws: Fault.missing(sequence: 4)) { try AuditGround.verify(behindFirst) }
    }

    /// Who can write the database can write the chain anew, but not sign it.
    @Test func noticesAChainThatWasWrittenAnew() async throws {
        let (lines, key) = try await lines()
        let forger = try SigningKey.generate(.es256)
        var digest: TokenDigest?
        var forged: [String] = []
        for line in lines {
            guard case .event(let linked)? = AuditLine(Array(line.utf8)) else {
                forged.append(line)
                continue
            }
            let old = linked.event
            let event = AuditEvent(
                id: old.id, at: old.at, action: old.action, outcome: .refused, actor: old.actor, subject: old.subject,
                client: old.client, requestID: old.requestID, network: old.network, details: old.details,
                sealed: old.sealed)
            let next = AuditChain.digest(of: event, at: linked.link.sequence, behind: digest)
            digest = next
            let link = AuditLink(id: old.id, sequence: linked.link.sequence, digest: next)
            var writer = JSONWriter()
            AuditLine.event(LinkedAuditEvent(event: event, link: link)).write(to: &writer)
            forged.append(String(decoding: writer.bytes, as: UTF8.self))
        }
        #expect(throws: Fault.contradicted(sequence: 3)) { try AuditGround.verify(forged) }
        // Without checkpoints nothing is signed, and that is said.
        let unsigned = forged.filter { !$0.contains(#""type":"checkpoint""#) }
        #expect(try AuditGround.verify(unsigned, trusting: [key]).covered == nil)
        // With the forger's own the file is consistent, and no known key stands for it.
        let claims: JSONObject = [
            "iss": .string(AuditGround.issuer), "iat": 1, "sequence": 7,
            "digest": .string(Base64URL.encode(try #require(digest).bytes)),
        ]
        func checkpoint(_ claims: JSONObject, type: JWSType = "audit-checkpoint+jwt") throws -> String {
            let token = try JWTSigner(key: forger, type: type).sign(claims)
            let own = String(decoding: forger.publicKey.jsonBytes(), as: UTF8.self)
            var writer = JSONWriter()
            AuditLine.checkpoint(AuditCheckpoint(sequence: 7, token: token, key: own)).write(to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        let signed = unsigned.dropLast() + [try checkpoint(claims)] + unsigned.suffix(1)
        let finding = try AuditGround.verify(Array(signed), trusting: [key])
        #expect(finding.covered == 7 && finding.trusted == nil)
        // A token of another kind, place or issuer is no checkpoint.
        var elsewhere = claims
        elsewhere["iss"] = "https://other.example"
        var other = claims
        other["sequence"] = 6
        for line in [try checkpoint(claims, type: "at+jwt"), try checkpoint(elsewhere), try checkpoint(other)] {
            #expect(throws: Fault.forged(sequence: 7)) {
                try AuditGround.verify(Array(unsigned.dropLast() + [line] + unsigned.suffix(1)))
            }
        }
    }

    @Test func noticesACheckpointThatItsKeyDidNotSign() async throws {
        let (lines, _) = try await lines()
        var members = try JSONObject(parsing: Array(lines[8].utf8))
        let other = try JSONObject(parsing: try SigningKey.generate(.es256).publicKey.jsonBytes())
        members["key"] = .object(other)
        var tampered = lines
        tampered[8] = String(decoding: members.jsonBytes(), as: UTF8.self)
        #expect(throws: Fault.forged(sequence: 6)) { try AuditGround.verify(tampered) }
        #expect(try AuditGround.verify(lines).covered == 6)
    }

    @Test func aStoreIsReadLikeAFile() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 1001)
        _ = try await ground.linker.checkpoint()
        let finding = try await ground.verify()
        #expect(finding.last == 1001 && finding.trusted == 1001)
        // An event that somebody adds with a place of its own.
        let event = AuditEvent(
            id: "f", at: ground.clock.now, action: "sign_in", outcome: .succeeded, actor: .stranger, subject: nil,
            client: nil, requestID: nil, network: nil, details: nil, sealed: nil)
        try await ground.storage.audit.append([event])
        #expect(
            try await ground.storage.audit.link([
                AuditLink(
                    id: "f", sequence: 1002, digest: try #require(TokenDigest(bytes: [UInt8](repeating: 1, count: 32))))
            ]))
        await #expect(throws: Fault.changed(sequence: 1002, id: "f")) { try await ground.verify() }
    }

    @Test func aBeginningThatSomebodyCutOffIsNoticedInTheStore() async throws {
        let ground = try await AuditGround()
        for _ in 0..<3 {
            try await ground.sign(in: 3)
            _ = try await ground.linker.checkpoint(.anyEvent)
        }
        #expect(try await ground.linker.prune(before: .noon + .seconds(4)) == 3)
        #expect(try await ground.verify().pruned == 3)
        // Past the linker, at a checkpoint, so that the chain still begins where one is.
        #expect(try await ground.storage.audit.prune(through: 6, limit: 99) == 3)
        await #expect(throws: Fault.missing(sequence: 4)) { try await ground.verify() }
        // A file may begin anywhere, and says what it knows.
        let finding = try AuditGround.verify(try await ground.export())
        #expect(finding.first == 7 && finding.pruned == 3)
    }
}
