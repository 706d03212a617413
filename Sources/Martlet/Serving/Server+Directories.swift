import AuthorizationServer
import Directory
import Federation
import JOSE
import OAuthTypes
import Observability
import Reactor
import Stores

extension Server {
    /// The people whose passwords directories compare.
    ///
    /// A connector that was changed is seen at the next sign-in; its domains, and a new connector, within two seconds.
    static func directories(
        _ federation: Federation, _ environment: ServerEnvironment, _ masterKey: MasterKey, _ loop: EventLoop,
        _ log: Log, makesAccounts: Bool
    ) -> DirectoryAccounts {
        DirectoryAccounts(
            DirectoryAccounts.Parts(
                connectors: { try await federation.connectors() }, store: environment.storage.connectors,
                links: environment.storage.links, makesAccounts: makesAccounts,
                secret: { try $0.openSecret(masterKey) }, clock: environment.clock, random: environment.random,
                pause: { try await loop.sleep(until: .after($0)) },
                report: { id, reason in
                    log.warning("directory.refused", .harmless("connector", id), .harmless("reason", reason))
                }))
    }
}

extension Connector {
    /// The secret, in clear; nil where there is none.
    func openSecret(_ masterKey: MasterKey) throws -> Secret? {
        try sealedSecret.map { sealed in
            try masterKey.open(sealed, purpose: Upstream.secretPurpose, boundTo: Array(id.rawValue.utf8))
        }
    }
}
