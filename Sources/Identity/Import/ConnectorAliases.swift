public import OAuthTypes
public import Stores

/// Which connector here stands for which provider of an export.
///
/// An alias that nobody has mapped stands for the connector of the same name, if there is one: compared byte by byte, since
/// a wrong guess would let the people of one provider into the accounts of another's.
public struct ConnectorAliases: Sendable, Equatable {
    private var connectors: [[UInt8]: ConnectorID] = [:]

    /// The connectors that there are, each by its own name.
    public init(_ connectors: [ConnectorID] = []) {
        for connector in connectors { self.connectors[Array(connector.rawValue.utf8)] = connector }
    }

    /// Lets an alias stand for a connector, whatever there is of that name.
    public mutating func map(_ alias: String, to connector: ConnectorID) {
        connectors[Array(alias.utf8)] = connector
    }

    /// The connector that an alias stands for.
    public subscript(alias: String) -> ConnectorID? { connectors[Array(alias.utf8)] }
}
