import JOSE
import JSON
import OAuthTypes
import Stores

extension Resource {
    /// What programs read.
    func write(to writer: inout JSONWriter) {
        writer.member("resource", id.rawValue)
        writer.member("name", name)
        writer.member("scope", scopes.description)
        writer.member("access_token_format", format.rawValue)
        writer.member("access_token_lifetime", tokenLifetime)
        writer.member("grant_lifetime", grantLifetime)
        writer.member("access_token_signing_alg", algorithm?.rawValue)
        writer.member("clients", clients.isEmpty ? nil : clients.map(\.rawValue).sorted())
        writer.member("created_at", createdAt.internetDate)
    }

    /// For people, a line for everything that there is.
    var description: String {
        let lines: [(String, String)] = [
            ("Resource", id.rawValue), ("Name", name), ("Scopes", scopes.description), ("Access tokens", tokens),
            ("Grants", grantLifetime.map { "\($0) s at most" } ?? ""),
            ("Clients", clients.isEmpty ? "any" : clients.map(\.rawValue).sorted().joined(separator: ", ")),
            ("Added", createdAt.internetDate),
        ]
        return lines.filter { !$0.1.isEmpty }.map { label, value in
            label + String(repeating: " ", count: 16 - label.count) + Console.visible(value)
        }.joined(separator: "\n")
    }

    private var tokens: String {
        [format.rawValue, algorithm?.rawValue, tokenLifetime.map { "\($0) s" }].compactMap(\.self)
            .joined(separator: ", ")
    }

    /// Shows it to people or programs.
    func show(on console: Console, asJSON isJSON: Bool) {
        if isJSON {
            console.print { writer in writer.object { write(to: &$0) } }
        } else {
            console.print(description)
        }
    }
}
