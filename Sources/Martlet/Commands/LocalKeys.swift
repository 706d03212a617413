import AuthorizationServer
import JOSE
import OAuthTypes
import Reactor
import SQLStores
import Stores

/// The keys of this provider, from its database.
struct LocalKeys: Sendable {
    let issuer: String
    private let configuration: Configuration

    init(_ settings: Settings) throws(ConfigurationError) {
        configuration = try Configuration(forTools: settings)
        var reader = SettingsReader(settings)
        let server = ServerSettings(&reader, hasIPv6: true)
        let fallback = server.mode == .development ? ServeConfiguration.developmentIssuer(server) : nil
        guard let issuer = server.issuer ?? fallback else {
            throw ConfigurationError(problems: [
                ConfigurationProblem(.issuer, "is missing", "Write what the server has, or say --issuer.")
            ])
        }
        self.issuer = issuer.url
    }

    /// Every published key, with the name and the algorithm that it has there.
    func load(on group: EventLoopGroup) async throws -> JWKSet {
        ProcessMemory.hide()
        let storage = try await configuration.database.open(on: group, role: .tool, schema: .require)
        let records: [SigningKeyRecord]
        do {
            records = try await storage.stores.keys.list()
        } catch {
            await storage.close()
            throw error
        }
        await storage.close()
        guard !records.isEmpty else {
            throw CommandFailure("there are no signing keys yet; the first `martlet serve` makes them")
        }
        let masterKey = try configuration.requireMasterKey()
        return try JWKSet(
            // Keys to encrypt to verify nothing, and those of a newer program are its own affair.
            records.filter { SignatureAlgorithm(rawValue: $0.algorithm) != nil }.map { record in
                do {
                    return try StoredSigningKey(opening: record.sealed, with: masterKey, named: record.id.rawValue)
                        .publicKey
                } catch {
                    throw CommandFailure(
                        "signing key \(record.id) cannot be opened with this master key; `martlet doctor` tells more")
                }
            })
    }
}
