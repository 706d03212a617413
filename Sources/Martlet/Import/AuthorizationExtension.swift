import JSON
import Stores

/// Who is in which group and has which role, by the export of Auth0's Authorization Extension: a JSON object of `groups`,
/// `roles`, `permissions`, `rules` and `configuration`, which name each other and their members by identifiers.
///
/// Facts: whoever is in a group is in those that have it among `nested`, and has the `roles` of all of these; a role also
/// has `users` of its own. Roles are of one application each, and so may be called alike. What a role permits
/// (`permissions`), and groups that somebody is in at another provider (`mappings`), have nothing here to stand for them.
struct AuthorizationExtension {
    /// What each person is in and has, by `user_id`.
    private(set) var memberships: [String: Set<Membership>] = [:]
    /// Groups whose members come and go with groups of other providers.
    private(set) var mapped: [String] = []

    /// Why an export is not taken: a sentence without a full stop.
    struct Damage: Error, Equatable {
        let sentence: String
    }

    private struct Group {
        let membership: Membership
        let members: [String]
        let roles: [String]
        let nested: [String]
    }

    init(_ object: JSONObject) throws(Damage) {
        guard object["groups"] != nil || object["roles"] != nil else {
            throw Damage(sentence: "it holds neither groups nor roles")
        }
        var roles: [String: Membership] = [:]
        for role in try AuthorizationExtension.objects(object, "roles") {
            let membership = try AuthorizationExtension.membership(.role, role, besides: roles.values)
            roles[try AuthorizationExtension.id(role)] = membership
            for user in try AuthorizationExtension.texts(role, "users") {
                memberships[user, default: []].insert(membership)
            }
        }
        var groups: [String: Group] = [:]
        for group in try AuthorizationExtension.objects(object, "groups") {
            let membership = try AuthorizationExtension.membership(
                .group, group, besides: groups.values.map(\.membership))
            groups[try AuthorizationExtension.id(group)] = Group(
                membership: membership, members: try AuthorizationExtension.texts(group, "members"),
                roles: try AuthorizationExtension.texts(group, "roles"),
                nested: try AuthorizationExtension.texts(group, "nested"))
            if try !AuthorizationExtension.objects(group, "mappings").isEmpty {
                mapped.append(membership.name.rawValue)
            }
        }
        var parents: [String: [String]] = [:]
        for (id, group) in groups { for child in group.nested { parents[child, default: []].append(id) } }
        for (id, group) in groups where !group.members.isEmpty {
            var all: Set<Membership> = []
            for id in AuthorizationExtension.reached(from: id, parents) {
                guard let group = groups[id] else { continue }
                all.insert(group.membership)
                for role in group.roles {
                    guard let role = roles[role] else {
                        throw Damage(
                            sentence:
                                "the group \(Console.visible(group.membership.name.rawValue)) has a role that it does not hold"
                        )
                    }
                    all.insert(role)
                }
            }
            for member in group.members { memberships[member, default: []].formUnion(all) }
        }
    }

    /// A group and all that have it, each once: groups may have each other.
    private static func reached(from id: String, _ parents: [String: [String]]) -> Set<String> {
        var (seen, next): (Set<String>, [String]) = ([id], [id])
        while let id = next.popLast() {
            for parent in parents[id] ?? [] where seen.insert(parent).inserted { next.append(parent) }
        }
        return seen
    }

    private static func membership(
        _ kind: Membership.Kind, _ object: JSONObject, besides known: some Collection<Membership>
    ) throws(Damage) -> Membership {
        guard let text = object["name"]?.string, let name = MembershipName(text) else {
            throw Damage(
                sentence: "\(Console.visible(object["name"]?.string ?? "")) cannot be the name of a \(kind.rawValue)")
        }
        let membership = Membership(kind, name)
        guard !known.contains(membership) else {
            // What one application grants must not count at another.
            throw Damage(
                sentence:
                    "two of its \(kind.rawValue)s are called \(Console.visible(text)): give one of them another name")
        }
        return membership
    }

    private static func id(_ object: JSONObject) throws(Damage) -> String {
        guard let id = object["_id"]?.string else { throw Damage(sentence: "a group or role has no _id") }
        return id
    }

    private static func objects(_ object: JSONObject, _ name: String) throws(Damage) -> [JSONObject] {
        guard let value = object[name], !value.isNull else { return [] }
        let objects = value.array?.compactMap(\.object) ?? []
        guard objects.count == value.array?.count else { throw Damage(sentence: "\(name) is no list of objects") }
        return objects
    }

    private static func texts(_ object: JSONObject, _ name: String) throws(Damage) -> [String] {
        guard let value = object[name], !value.isNull else { return [] }
        let texts = value.array?.compactMap(\.string) ?? []
        guard texts.count == value.array?.count else { throw Damage(sentence: "\(name) is no list of identifiers") }
        return texts
    }
}

extension AuthorizationExtension {
    /// Bytes of an export: some hundred thousand members.
    private static let sizeLimit = 64 << 20

    /// The export in a file.
    init(path: String) throws {
        let bytes: [UInt8]
        do throws(SmallFile.Failure) {
            bytes = try SmallFile.read(path, limit: AuthorizationExtension.sizeLimit).bytes
        } catch {
            throw CommandFailure("\(Console.visible(path)) cannot be read: \(error)")
        }
        guard let object = try? JSONObject(parsing: bytes) else {
            throw CommandFailure(.badData, "\(Console.visible(path)) holds no JSON object")
        }
        do throws(Damage) {
            try self.init(object)
        } catch {
            throw CommandFailure(.badData, "\(Console.visible(path)): \(error.sentence)")
        }
    }
}
