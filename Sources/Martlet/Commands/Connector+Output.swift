import AuthorizationServer
import Federation
import JSON
import OAuthTypes
import Stores

extension Connector {
    /// What it is; its secret is never shown.
    func write(to writer: inout JSONWriter) {
        writer.member("id", id.rawValue)
        writer.member("kind", kind.rawValue)
        writer.member("preset", preset)
        writer.member("name", name)
        writer.member("position", position)
        writer.member("enabled", isEnabled)
        writer.member("has_secret", sealedSecret != nil)
        writer.member("settings", (try? JSONValue(parsing: Array(settings.utf8))) ?? .null)
        // Nobody is sent to a directory.
        writer.member("callback_path", kind == .ldap ? nil : Upstream.callbackPath(id))
    }

    /// For people, or for programs.
    func show(on tool: Tool, isJSON: Bool) {
        let console = tool.console
        guard !isJSON else {
            console.print { writer in writer.object { self.write(to: &$0) } }
            return
        }
        let lines = [
            ("Connector", id.rawValue), ("Kind", kind.rawValue + (preset.map { ", preset " + $0 } ?? "")),
            ("Name", name), ("Place", "\(position)"), ("State", isEnabled ? "enabled" : "disabled"),
            ("Secret", sealedSecret == nil ? "none" : "stored, sealed"), ("Settings", settings),
            (
                "Callback",
                kind == .ldap ? "none" : (tool.configuration.issuer?.url ?? "ISSUER") + Upstream.callbackPath(id)
            ),
            ("Changed", updatedAt.internetDate),
        ]
        console.print(
            lines.map { label, value in
                label + String(repeating: " ", count: 12 - label.count) + Console.visible(value)
            }.joined(separator: "\n"))
    }
}
