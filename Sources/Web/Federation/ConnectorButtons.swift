import AuthorizationServer
import Federation
import HTTP
import OAuthTypes
import Pages
import Stores

/// The connectors as pages show them, and what went wrong with one.
struct ConnectorButtons: Sendable {
    let parts: Site.FederationParts
    let root: String

    /// A button for each connector, that leads to `path` and its identifier; `query` is what follows.
    func buttons(_ path: String, _ query: String = "") async throws -> [ConnectorButton] {
        try await parts.federation.upstreams().map { upstream in
            ConnectorButton(
                id: upstream.connector.id.rawValue, name: upstream.connector.name, preset: upstream.connector.preset,
                url: root + path + upstream.connector.id.rawValue + query, isResting: upstream.isResting)
        }
    }

    /// Where the owner of an address is sent without being asked; nil where they are asked, or it does not answer.
    func home(of address: String?, _ path: String) async throws -> String? {
        guard let email = address.flatMap({ Email($0) }) else { return nil }
        let upstreams = try await parts.federation.upstreams()
        let home = upstreams.first { $0.settings.policy.isHome(of: email.rawValue) && !$0.isResting }
        return home.map { path + $0.connector.id.rawValue }
    }

    /// What a page was asked to say of a connector; nil where it was not, or there is no such connector.
    func problem(of request: Request) async throws -> ConnectorProblem? {
        guard let form = try? request.queryParameters(),
            let trouble = form[Parameter("problem")].flatMap({ ConnectorTrouble(rawValue: $0) }),
            let id = form[Parameter("with")],
            let upstream = try await parts.federation.find(ConnectorID(rawValue: id))
        else { return nil }
        return ConnectorProblem(trouble.rawValue, name: upstream.connector.name)
    }

    /// What follows the path of a page that is to say what went wrong.
    static func query(_ trouble: ConnectorTrouble, _ id: ConnectorID) -> String {
        "problem=\(trouble.rawValue)&with=\(FormParameters.encode(id.rawValue))"
    }
}
