import JSON
import OAuthTypes
import Stores

extension Client {
    /// What it is but for its id and secret, under the names of RFC 7591 §2 where there is one.
    func writeMetadata(to writer: inout JSONWriter) {
        writer.member("client_name", name)
        writer.member("redirect_uris", redirectURIs.map(\.rawValue))
        writer.member("post_logout_redirect_uris", postLogoutRedirectURIs.map(\.rawValue))
        writer.member("grant_types", orderedGrants)
        writer.member("scope", scopes.description)
        writer.member("token_endpoint_auth_methods", orderedMethods)
        writer.member("public", isPublic)
        writer.member("first_party", party == .first)
        if ownSignIn != .none { writer.member("own_sign_in", ownSignIn.rawValue) }
        writer.member("client_id_issued_at", createdAt.seconds)
        metadata.encodeMembers(to: &writer)
    }

    /// For people, a line for everything that there is.
    func description(secret: String?) -> String {
        var lines: [(String, String)] = [("Client", id.rawValue)]
        if let secret { lines.append(("Secret", secret)) }
        lines += [
            ("Name", name),
            ("Kind", (isPublic ? "public" : "confidential") + (party == .first ? ", first party" : "")),
            ("Grants", orderedGrants.joined(separator: " ")),
            ("Scopes", scopes.description),
        ]
        if ownSignIn != .none { lines.append(("Own sign-in", ownSignIn.rawValue)) }
        if !isPublic { lines.append(("Authentication", orderedMethods.joined(separator: " "))) }
        lines += redirectURIs.map { ("Redirect URI", $0.rawValue) }
        lines += postLogoutRedirectURIs.map { ("After sign-out", $0.rawValue) }
        lines.append(("Registered", createdAt.internetDate))
        if !metadata.compatibility.isEmpty {
            let exceptions = metadata.compatibility.map(\.rawValue).sorted()
            lines.append(("Weakened", exceptions.joined(separator: " ") + " (rules that are off for this client)"))
        }
        let facts = lines.filter { !$0.1.isEmpty }.map { label, value in
            label + String(repeating: " ", count: 16 - label.count) + Console.visible(value)
        }
        return (facts + metadataLines).joined(separator: "\n")
    }

    /// What else is registered, under the names that the specifications give it.
    private var metadataLines: [String] {
        guard let members = try? JSONObject(parsing: metadata.jsonBytes()) else { return [] }
        return members.filter { $0.name != "martlet_compatibility" }.map { member in
            let value = member.value.string ?? String(decoding: member.value.jsonBytes(), as: UTF8.self)
            return member.name + ": " + Console.visible(value)
        }
    }

    /// In the order of the protocol, so that output does not change from run to run.
    private var orderedGrants: [String] { GrantType.allCases.filter(grantTypes.contains).map(\.rawValue) }

    private var orderedMethods: [String] {
        ClientAuthenticationMethod.allCases.filter(authenticationMethods.contains).map(\.rawValue)
    }
}

extension Option {
    static let clientID = once("--id", "ID", "The client id.")
}

extension CommandUsage.Operand {
    static let clientID = CommandUsage.Operand(name: "ID", summary: "The client id; --id does the same.")
}

extension ClientID {
    /// A client id from the command line, which no client has if it is outside the grammar.
    init(argument text: String) throws(CommandFailure) {
        guard let id = ClientID(text) else { throw .noClient(text) }
        self = id
    }
}

extension CommandFailure {
    static func noClient(_ id: String) -> CommandFailure {
        CommandFailure("there is no client \(Console.visible(id)); `martlet client list` shows all")
    }
}
