import JOSE
public import OAuthTypes

/// The steps by which a directory proves a person, over one connection.
///
/// Each question is asked for everybody, whoever is known: the time that it takes tells nothing.
struct DirectoryCourse {
    let settings: DirectorySettings
    /// The password of the account that searches.
    let secret: Secret?
    let random: any RandomSource

    private static let control = AttributeName("userAccountControl")!
    /// What every entry has.
    static let anything = AttributeName("objectClass")!
    private static let groupName = AttributeName("cn")!
    /// A bit of `userAccountControl` in Active Directory: ACCOUNTDISABLE.
    private static let disabledBit: Int64 = 2

    func prove(
        _ email: Email, _ password: [UInt8], over connection: any DirectoryConnection
    ) throws(DirectoryFault) -> DirectoryVerdict {
        switch settings.finding {
        case .search(let account): return try search(email, password, as: account, connection)
        case .pattern(let pattern): return try bind(email, password, pattern, connection)
        }
    }

    private func search(
        _ email: Email, _ password: [UInt8], as account: DistinguishedName?, _ connection: any DirectoryConnection
    ) throws(DirectoryFault) -> DirectoryVerdict {
        try enter(account, connection)
        let found = try connection.search(
            DirectorySearch(
                base: settings.base, depth: .subtree, filter: filter(email), attributes: attributes, limit: 1))
        // A name that nobody has, so that an unknown address is asked for as a known one is.
        let nobody = settings.base.child(called: Base64URL.encode(random.bytes(16)))
        let entry = found.count == 1 ? found[0] : DirectoryEntry(name: nobody, values: [:])
        // Before the person is proven, since they may not be allowed to look.
        let groups = try groups(of: entry, connection)
        let outcome = try connection.bind(entry.name, password: password)
        guard found.count == 1 else { return .refused(found.isEmpty ? .unknown : .ambiguous) }
        return verdict(entry, groups, outcome, email)
    }

    private func bind(
        _ email: Email, _ password: [UInt8], _ pattern: String, _ connection: any DirectoryConnection
    ) throws(DirectoryFault) -> DirectoryVerdict {
        let user = String(email.rawValue.prefix { $0 != "@" })
        let name = DistinguishedName(pattern: pattern, user: user)
        switch try connection.bind(name, password: password) {
        case .proven: break
        case .refused: return .refused(.wrongPassword)
        case .outdated: return .refused(.outdatedPassword)
        }
        let found = try connection.search(
            DirectorySearch(
                base: name, depth: .entry, filter: .all([.present(DirectoryCourse.anything)] + requirements),
                attributes: attributes, limit: 1))
        guard found.count == 1 else { return .refused(.unknown) }
        return verdict(found[0], try groups(of: found[0], connection), .proven, email)
    }

    /// Proves the account that searches, if there is one.
    func enter(_ account: DistinguishedName?, _ connection: any DirectoryConnection) throws(DirectoryFault) {
        guard let account else { return }
        let password = secret?.withBytes { bytes in bytes.indices.map { bytes[$0] } } ?? []
        guard !password.isEmpty else { throw .refused(.noSecret) }
        guard case .proven = try connection.bind(account, password: password) else { throw .refused(.wrongAccount) }
    }

    /// What an entry must have besides.
    var requirements: [SearchFilter] {
        settings.required.sorted { $0.key.rawValue < $1.key.rawValue }.map { .equals($0.key, $0.value) }
    }

    private func filter(_ email: Email) -> SearchFilter {
        .all([.any(settings.login.map { .equals($0, email.rawValue) })] + requirements)
    }

    /// What is wanted of a person.
    var attributes: [AttributeName] {
        var names = settings.login + settings.identifier + [settings.email, settings.name, DirectoryCourse.control]
        if case .attribute(let name) = settings.groups { names.append(name) }
        return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func groups(
        of entry: DirectoryEntry, _ connection: any DirectoryConnection
    ) throws(DirectoryFault) -> [String] {
        switch settings.groups {
        case .none: return []
        case .attribute(let name):
            return entry.texts(name)
        case .search(let base, let member, let isNested):
            let value = Array(entry.name.text.utf8)
            let found = try connection.search(
                DirectorySearch(
                    base: base, depth: .subtree,
                    filter: isNested ? .matches(member, rule: .chain, value) : .equals(member, value),
                    attributes: [DirectoryCourse.groupName], limit: 1000))
            return found.map(\.name.text)
        }
    }

    private func verdict(
        _ entry: DirectoryEntry, _ groups: [String], _ outcome: BindOutcome, _ email: Email
    ) -> DirectoryVerdict {
        switch outcome {
        case .proven: break
        case .refused: return .refused(.wrongPassword)
        case .outdated: return .refused(.outdatedPassword)
        }
        if let flags = entry.text(DirectoryCourse.control).flatMap(Int64.init), flags & DirectoryCourse.disabledBit != 0
        {
            return .refused(.disabled)
        }
        guard let subject = subject(entry) else { return .refused(.noIdentifier) }
        return .proven(
            DirectoryPerson(
                subject: subject, email: ownAddress(entry) ?? email, name: entry.text(settings.name), groups: groups))
    }

    /// The address that the directory has for somebody, in a domain of its own.
    func ownAddress(_ entry: DirectoryEntry) -> Email? {
        entry.texts(settings.email).lazy.compactMap { Email($0) }.first(where: settings.admits)
    }

    /// What a person is known by for good; nil where the entry has none of the attributes for that.
    func subject(_ entry: DirectoryEntry) -> String? {
        settings.identifier.lazy.compactMap { identifier(entry, $0) }.first
    }

    /// A value as text: what is none is written in hexadecimal, a GUID as Active Directory's own tools do.
    private func identifier(_ entry: DirectoryEntry, _ name: AttributeName) -> String? {
        guard let value = entry.first(name), value.count <= 128 else { return nil }
        if name.rawValue == "objectguid", value.count == 16 {
            // The first three groups are little-endian.
            let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
            let digits = DirectoryCourse.hexadecimal(order.map { value[$0] })
            let cuts = [0, 8, 12, 16, 20, 32]
            let characters = Array(digits)
            return zip(cuts, cuts.dropFirst()).map { String(characters[$0..<$1]) }.joined(separator: "-")
        }
        guard value.allSatisfy({ (0x21...0x7E).contains($0) }) else { return DirectoryCourse.hexadecimal(value) }
        return String(decoding: value, as: UTF8.self)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension DirectorySettings {
    /// Whether an address is of a domain of the directory, byte for byte.
    ///
    /// Of ASCII alone: directories take for one what are several addresses here (accents, wide letters), each with limits
    /// of its own.
    public func admits(_ email: Email) -> Bool {
        guard email.rawValue.utf8.allSatisfy({ $0 < 0x80 }), let at = email.rawValue.lastIndex(of: "@") else {
            return false
        }
        let domain = email.rawValue[email.rawValue.index(after: at)...]
        return domains.contains { $0.utf8.elementsEqual(domain.utf8) }
    }
}
