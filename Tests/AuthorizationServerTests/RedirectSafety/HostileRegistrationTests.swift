import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite(
    "What a stranger registers is kept byte for byte, or refused", .spec("A-20", "R-12", "RFC 7591 §2", "RFC 7592 §2.2")
)
struct HostileRegistrationTests {
    private static let lists = ["redirect_uris", "post_logout_redirect_uris", "request_uris"]
    private static let members =
        lists + ["initiate_login_uri", "backchannel_logout_uri", "frontchannel_logout_uri", "jwks_uri", "logo_uri"]

    private static func document(_ member: String, _ uri: String) -> JSONObject {
        var members = RegistrationBench.sound
        members[member] = lists.contains(member) ? [.string(uri)] : .string(uri)
        return members
    }

    /// What could be read differently by somebody else: no address that is kept has any of it.
    private static func isClean(_ uri: String) -> Bool {
        let authority = uri.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
        return uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") } && !authority.contains("@")
    }

    @Test(arguments: HostileURIs.all.groups)
    func byRegistrationAndByReplacement(_ group: HostileURIs.Group) async throws {
        let bench = try await RegistrationBench()
        let first = try await bench.register()
        let id = try #require(first["client_id"]?.string)
        let token = first["registration_access_token"]?.string
        func replace(_ document: JSONObject) async throws -> JSONObject {
            // RFC 7592 §2.2.
            try await bench.replace(id, document.patched(with: ["client_id": .string(id)]), token)
        }
        for uri in group.uris {
            for member in Self.members {
                let document = Self.document(member, uri)
                var taken: [JSONValue?] = []
                do {
                    taken.append(try await bench.register(document)[member])
                } catch is RegistrationRefusal {}
                do {
                    taken.append(try await replace(document)[member])
                } catch is RegistrationRefusal {}
                #expect(taken.allSatisfy { $0 == document[member] }, "\(member) \(uri.debugDescription)")
                #expect(taken.isEmpty || Self.isClean(uri), "\(member) \(uri.debugDescription)")
                #expect(taken.count != 1, "one way is stricter: \(member) \(uri.debugDescription)")
                let isForAnswers = ["redirect_uris", "post_logout_redirect_uris"].contains(member)
                if isForAnswers, group.neverRegistered { #expect(taken.isEmpty, "\(member) \(uri.debugDescription)") }
            }
        }
        // The neighbour that is sound: by every member, both ways.
        for member in Self.members {
            let document = Self.document(member, "https://app.example/sound")
            #expect(try await bench.register(document)[member] == document[member], "\(member)")
            #expect(try await replace(document)[member] == document[member], "\(member)")
        }
    }
}
