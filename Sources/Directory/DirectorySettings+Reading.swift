public import JSON

extension DirectorySettings {
    private static let members: Set = [
        "hosts", "security", "ca_file", "domains", "base", "bind_dn", "user_dn", "login", "require", "identifier",
        "email", "name", "groups", "group_base", "group_names", "may_create", "may_link", "profile", "password_page",
        "timeout",
    ]

    /// Reads the settings of a connector; every member but `hosts`, `domains` and `base` may be left out.
    public init(_ object: JSONObject) throws(Fault) {
        for member in object where !DirectorySettings.members.contains(member.name) {
            throw Fault(member: member.name, demand: "is not a setting of a directory")
        }
        func text(_ name: String) throws(Fault) -> String? {
            guard let value = object[name], !value.isNull else { return nil }
            // The library reads to the first zero.
            guard let text = value.string, !text.isEmpty, !text.utf8.contains(0) else {
                throw Fault(member: name, demand: "must be a text")
            }
            return text
        }
        func texts(_ name: String) throws(Fault) -> [String]? {
            guard let value = object[name], !value.isNull else { return nil }
            let texts = value.array?.compactMap(\.string) ?? value.string.map { [$0] } ?? []
            guard !texts.isEmpty, texts.count == value.array?.count ?? 1, !texts.contains("") else {
                throw Fault(member: name, demand: "must be a text, or a list of texts")
            }
            return texts
        }
        func attribute(_ name: String, _ text: String) throws(Fault) -> AttributeName {
            guard let attribute = AttributeName(text) else {
                throw Fault(member: name, demand: "must be the name of an attribute")
            }
            return attribute
        }
        func attributes(_ name: String, _ usual: [String]) throws(Fault) -> [AttributeName] {
            var found: [AttributeName] = []
            for text in try texts(name) ?? usual { found.append(try attribute(name, text)) }
            return found
        }

        guard let security = Security(rawValue: try text("security") ?? "ldaps") else {
            throw Fault(member: "security", demand: "must be ldaps, starttls or none")
        }
        var hosts: [Host] = []
        for text in try texts("hosts") ?? [] { hosts.append(try DirectorySettings.host(text, security)) }
        guard !hosts.isEmpty else { throw Fault(member: "hosts", demand: "is missing") }
        guard security != .none || hosts.allSatisfy(\.isLoopback) else {
            throw Fault(member: "security", demand: "may be none for a directory on this machine alone")
        }
        var domains: [String] = []
        for domain in try texts("domains") ?? [] {
            guard !domain.contains("@"), domain.utf8.count <= 253 else {
                throw Fault(member: "domains", demand: "must be what follows the @ in addresses")
            }
            domains.append(domain.lowercased())
        }
        guard !domains.isEmpty else { throw Fault(member: "domains", demand: "is missing") }
        guard let base = try text("base") else { throw Fault(member: "base", demand: "is missing") }
        let finding: Finding
        if let pattern = try text("user_dn") {
            guard pattern.contains("{user}"), try text("bind_dn") == nil else {
                throw Fault(member: "user_dn", demand: "must have {user} in it, and excludes bind_dn")
            }
            // By the part before the @ alone an owner of one address would be taken for that of another.
            guard domains.count == 1 else {
                throw Fault(member: "user_dn", demand: "needs domains to be one domain")
            }
            finding = .pattern(pattern)
        } else {
            finding = .search(as: try text("bind_dn").map(DistinguishedName.init))
        }
        var required: [AttributeName: String] = [:]
        if let value = object["require"], !value.isNull {
            guard let members = value.object else {
                throw Fault(member: "require", demand: "must be an object of attributes and values")
            }
            for member in members {
                guard let text = member.value.string else {
                    throw Fault(member: "require", demand: "must be an object of attributes and values")
                }
                required[try attribute("require", member.name)] = text
            }
        }
        func flag(_ name: String) throws(Fault) -> Bool? {
            guard let value = object[name], !value.isNull else { return nil }
            guard let flag = value.bool else { throw Fault(member: name, demand: "must be true or false") }
            return flag
        }
        let profile = try text("profile") ?? "account"
        guard ["account", "provider"].contains(profile) else {
            throw Fault(member: "profile", demand: "must be account or provider")
        }
        let page = try text("password_page")
        guard page.map({ $0.hasPrefix("https://") && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }) ?? true else {
            throw Fault(member: "password_page", demand: "must be an address that begins with https://")
        }
        var patience = 5
        if let value = object["timeout"], !value.isNull {
            guard let seconds = value.integer, (1...30).contains(seconds) else {
                throw Fault(member: "timeout", demand: "must be a number of seconds from 1 to 30")
            }
            patience = Int(seconds)
        }
        self.hosts = hosts
        self.security = security
        authorities = try text("ca_file")
        self.domains = domains
        self.base = DistinguishedName(base)
        self.finding = finding
        login = try attributes("login", ["mail", "userPrincipalName"])
        self.required = required
        identifier = try attributes("identifier", ["objectGUID", "entryUUID"])
        email = try attribute("email", try text("email") ?? "mail")
        name = try attribute("name", try text("name") ?? "displayName")
        groups = try DirectorySettings.groups(object)
        groupBase = try DirectorySettings.groupBase(try text("group_base"), groups)
        groupNames = try DirectorySettings.groupNames(object)
        mayCreate = try flag("may_create")
        mayLink = try flag("may_link") ?? true
        bringsName = profile == "provider"
        passwordPage = page
        self.patience = patience
    }

    /// Below the base of a search, unless another one is set.
    private static func groupBase(_ text: String?, _ groups: Groups) throws(Fault) -> DistinguishedName? {
        guard let text else {
            guard case .search(let base, _, _) = groups else { return nil }
            return base
        }
        let name = DistinguishedName(text)
        guard NameParts(name) != nil else { throw Fault(member: "group_base", demand: "must be a name of an entry") }
        return name
    }

    private static func groupNames(_ object: JSONObject) throws(Fault) -> [String: String]? {
        guard let value = object["group_names"], !value.isNull else { return nil }
        let fault = Fault(member: "group_names", demand: "must be an object of names there and names here")
        guard let members = value.object else { throw fault }
        var names: [String: String] = [:]
        for member in members {
            guard let name = member.value.string else { throw fault }
            // A whole name counts however it is written.
            let key = NameParts(DistinguishedName(member.name))?.folded ?? member.name
            guard names.updateValue(name, forKey: key) == nil else {
                throw Fault(member: "group_names", demand: "must name each group once")
            }
        }
        return names
    }

    private static func groups(_ object: JSONObject) throws(Fault) -> Groups {
        let fault = Fault(
            member: "groups", demand: "must be an attribute, or an object of base, member and nested, or false")
        switch object["groups"] {
        case nil, .null?, .bool(false)?: return .none
        case .string(let text)?:
            guard let name = AttributeName(text) else { throw fault }
            return .attribute(name)
        case .object(let search)?:
            guard search.allSatisfy({ ["base", "member", "nested"].contains($0.name) }),
                let base = search["base"]?.string, let member = AttributeName(search["member"]?.string ?? "member"),
                let isNested = search["nested"] == nil ? false : search["nested"]?.bool
            else { throw fault }
            return .search(base: DistinguishedName(base), member: member, nested: isNested)
        default: throw fault
        }
    }

    /// `host`, `host:port` or `[address]:port`.
    private static func host(_ text: String, _ security: Security) throws(Fault) -> Host {
        let fault = Fault(member: "hosts", demand: "must be names or addresses, each with a port if need be")
        let usual: UInt16 = security == .ldaps ? 636 : 389
        var (name, port) = (text[...], usual)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw fault }
            name = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()) else { throw fault }
                port = number
            }
            guard name.utf8.allSatisfy({ $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || isHexadecimal($0) })
            else {
                throw fault
            }
        } else {
            if let colon = text.lastIndex(of: ":") {
                guard let number = UInt16(text[text.index(after: colon)...]) else { throw fault }
                (name, port) = (text[..<colon], number)
            }
            guard !name.isEmpty, name.utf8.count <= 253, port > 0,
                name.utf8.allSatisfy({
                    isHexadecimal($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                })
            else { throw fault }
        }
        return Host(name: String(name), port: port)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
