import OAuthTypes

struct MemoryUsers: UserStore {
    let memory: Memory

    func insert(_ user: User) async throws -> Bool {
        await memory.access { $0.add(user) }
    }

    func insert(_ accounts: [ImportedAccount]) async throws -> [Bool] {
        var isMade: [Bool] = []
        for account in accounts {
            isMade.append(
                await memory.access { tables in
                    let (user, address) = (account.user, Array(account.user.email.rawValue.utf8))
                    let links = account.links.map { (MemoryTables.LinkKey($0), $0) }
                    guard tables.accounts[user.id] == nil, tables.addresses[address] == nil,
                        links.allSatisfy({ tables.link($0.0) == nil })
                    else { return false }
                    tables.accounts[user.id] = MemoryTables.Account(user: user)
                    tables.addresses[address] = user.id
                    tables.totpKeys[user.id] = account.authenticator
                    if !account.memberships.isEmpty { tables.memberships[user.id] = account.memberships }
                    for (key, link) in links {
                        tables.links[key] = link
                        if account.hasFoundingLinks {
                            tables.foundingLinks.insert(key)
                        } else {
                            // An account that is gone may have left it.
                            tables.foundingLinks.remove(key)
                        }
                    }
                    return true
                })
        }
        return isMade
    }

    func find(_ id: UserID) async throws -> User? {
        await memory.access { $0.accounts[id]?.user }
    }

    func find(_ email: Email) async throws -> User? {
        await memory.access { tables in
            tables.addresses[Array(email.rawValue.utf8)].flatMap { tables.accounts[$0]?.user }
        }
    }

    func signedOutAt(_ id: UserID) async throws -> Timestamp? {
        await memory.access { $0.accounts[id]?.signedOutAt }
    }

    func passwordHash(near id: UserID) async throws -> String? {
        await memory.access { tables in
            tables.accounts.values.map(\.user)
                .filter { !$0.id.rawValue.utf8.lexicographicallyPrecedes(id.rawValue.utf8) }
                .sorted { $0.id.rawValue.utf8.lexicographicallyPrecedes($1.id.rawValue.utf8) }
                .prefix(4).lazy.compactMap(\.passwordHash).first
        }
    }

    func list(after cursor: Email?, limit: Int) async throws -> [User] {
        let start = Array((cursor?.rawValue ?? "").utf8)
        return await memory.access { tables in
            tables.addresses.filter { start.lexicographicallyPrecedes($0.key) }
                .sorted { $0.key.lexicographicallyPrecedes($1.key) }
                .prefix(max(0, limit))
                .compactMap { tables.accounts[$0.value]?.user }
        }
    }

    func setPassword(_ hash: String, of id: UserID, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.accounts[id] != nil else { return false }
            tables.accounts[id]?.user.passwordHash = hash
            tables.signOut(id, at: now)
            return true
        }
    }

    func upgradePassword(of id: UserID, from old: String, to new: String) async throws -> Bool {
        await memory.access { tables in
            guard tables.accounts[id]?.user.passwordHash == old else { return false }
            tables.accounts[id]?.user.passwordHash = new
            return true
        }
    }

    func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, recourse: Recourse?,
        ordering mail: MailOrder?
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let user = tables.accounts[id]?.user, user.disabledAt == nil, user.passwordHash == old,
                !tables.isFrozen(id, at: now)
            else { return false }
            if let mail { try tables.order(mail) }
            if let recourse { tables.recourses[recourse.id] = recourse }
            tables.accounts[id]?.user.passwordHash = new
            tables.signOut(id, at: now)
            return true
        }
    }

    func removePassword(
        of id: UserID, from old: String, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let user = tables.accounts[id]?.user, user.disabledAt == nil, user.passwordHash == old,
                tables.passkeys.values.contains(where: { $0.userID == id && $0.isUserVerified }),
                !tables.isFrozen(id, at: now)
            else { return false }
            if let mail { try tables.order(mail) }
            if let recourse { tables.recourses[recourse.id] = recourse }
            tables.accounts[id]?.user.passwordHash = nil
            tables.firstFactors = tables.firstFactors.filter { $0.value.userID != id }
            return true
        }
    }

    func setLanguage(_ tag: String, of id: UserID) async throws {
        await memory.access { $0.accounts[id]?.user.language = tag }
    }

    func changeMailCodes(
        of id: UserID, from old: MailCodeUse, to new: MailCodeUse, at now: Timestamp
    ) async throws -> Bool {
        await memory.access { tables in
            guard tables.accounts[id]?.user.mailCodes == old, !tables.isFrozen(id, at: now) else { return false }
            tables.accounts[id]?.user.mailCodes = new
            tables.forgetWhatHangsOnSecondFactors(of: id)
            return true
        }
    }

    func rename(_ id: UserID, to name: String, at now: Timestamp) async throws -> User? {
        await memory.access { tables in
            guard let account = tables.accounts[id], account.user.disabledAt == nil else { return nil }
            tables.accounts[id]?.user.name = name
            tables.accounts[id]?.user.updatedAt = now
            return tables.accounts[id]?.user
        }
    }

    func disable(_ id: UserID, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let account = tables.accounts[id] else { return false }
            tables.accounts[id]?.user.disabledAt = account.user.disabledAt ?? now
            tables.signOut(id, at: now)
            return true
        }
    }

    func enable(_ id: UserID) async throws -> Bool {
        await memory.access { tables in
            guard tables.accounts[id]?.user.disabledAt != nil else { return false }
            tables.accounts[id]?.user.disabledAt = nil
            return true
        }
    }
}
