import JOSE
public import OAuthTypes
public import Stores

extension Resource {
    /// One in which no field is empty.
    public static func withEveryFieldSet(
        _ id: String = "https://api.example/orders?v=1", scopes: String = "orders:read orders:write",
        format: AccessTokenFormat = .opaque, clients: Set<String> = ["shop 1~", "app"]
    ) -> Resource {
        Resource(
            id: ResourceIdentifier(id)!, name: "Orders, näh", scopes: ScopeSet(parsing: scopes)!, format: format,
            tokenLifetime: 300,
            grantLifetime: 86_400, algorithm: .rs256, clients: Set(clients.map { ClientID($0)! }), createdAt: .noon)
    }

    /// One in which every field that may be empty is.
    public static func withNothingOptional(
        _ id: String = "urn:example:api", scopes: String = "", format: AccessTokenFormat = .jwt
    ) -> Resource {
        Resource(
            id: ResourceIdentifier(id)!, name: "api", scopes: ScopeSet(parsing: scopes)!, format: format,
            tokenLifetime: nil,
            grantLifetime: nil, algorithm: nil, clients: [], createdAt: .noon)
    }
}

extension OpaqueToken {
    /// One that lives for a minute from noon.
    public static func numbered(
        _ number: Int = 1, client: String = "shop 1~", grant: String? = "g_1", claims: String = "{\"sub\":\"u_7Zk2\"}",
        expiresAt: Timestamp = .noon + .seconds(60)
    ) -> OpaqueToken {
        OpaqueToken(
            digest: .numbered(number), clientID: ClientID(client)!, grantID: grant.map { GrantID(rawValue: $0) },
            claims: claims, expiresAt: expiresAt)
    }
}

extension Membership {
    /// Somebody is in a group.
    public static func group(_ name: String, from source: String = Membership.operator) -> Membership {
        Membership(.group, MembershipName(name)!, from: source)
    }

    /// Somebody has a role.
    public static func role(_ name: String, from source: String = Membership.operator) -> Membership {
        Membership(.role, MembershipName(name)!, from: source)
    }
}
