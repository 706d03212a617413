import AuthorizationServer
import Foundation

@testable import Martlet

/// What the server makes of settings, as its tests give them.
enum GivenSettings {
    static func serve(_ variables: [String: String]) throws -> ServeConfiguration {
        try ServeConfiguration(Settings(environment: variables.map { ($0.key, $0.value) }), hasIPv6: true)
    }

    /// All that is wrong with them; none if a server would start.
    static func problems(_ variables: [String: String]) -> [ConfigurationProblem] {
        do {
            _ = try serve(variables)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        } catch {
            return [ConfigurationProblem("unexpected", "\(error)", "")]
        }
    }

    /// Everything that production mode asks for.
    static func production(in folder: TemporaryFolder) throws -> [String: String] {
        let key = try folder.file(
            "master.key", "0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccddeeff00112233445566778899", mode: 0o600)
        return [
            "MARTLET_MODE": "production", "MARTLET_ISSUER": "https://login.example",
            "MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db"), "MARTLET_MASTER_KEY_FILE": key,
        ]
    }
}
