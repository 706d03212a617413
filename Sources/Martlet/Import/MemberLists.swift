import Identity
import JOSE
import Stores

/// Lists of who is in a group or has a role, where an export of people does not say it: looked up by person.
///
/// Keeps the beginning of a digest for each member of each list, no names.
final class MemberLists {
    /// A list: of what, and the file, which looks like the export.
    struct Source {
        let membership: Membership
        let path: String
    }

    private var memberships: [Membership]
    /// By the beginning of the digest of a name: the places of the lists it is on.
    private var members: [UInt64: [Int]] = [:]

    init(_ sources: [Source], _ format: ExportFormat) throws {
        memberships = sources.map(\.membership)
        for (place, source) in sources.enumerated() {
            let file = try FilePieces(source.path)
            let rows = ExportRows(format) { try file.next() }
            do {
                while let row = try rows.next() {
                    let names = format.names(in: row)
                    guard !names.isEmpty else {
                        throw CommandFailure(
                            .badData, "\(Console.visible(source.path)): line \(row.line) names no member")
                    }
                    for name in names { members[MemberLists.key(name), default: []].append(place) }
                }
            } catch let error as ExportRows.Damage {
                throw CommandFailure(.badData, "\(Console.visible(source.path)): \(error)")
            }
        }
    }

    /// What an export of Auth0's Authorization Extension says of everybody.
    func add(_ authorization: AuthorizationExtension) {
        var places: [Membership: Int] = [:]
        for (name, all) in authorization.memberships {
            for membership in all {
                let place = places[membership] ?? memberships.count
                if places.updateValue(place, forKey: membership) == nil { memberships.append(membership) }
                members[MemberLists.key(name), default: []].append(place)
            }
        }
    }

    private static func key(_ name: String) -> UInt64 {
        SHA256.digest(of: Array(name.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What the lists say of somebody.
    func memberships(of name: String) -> Set<Membership> {
        Set((members[MemberLists.key(name)] ?? []).map { memberships[$0] })
    }
}

@available(*, unavailable)
extension MemberLists: Sendable {}
