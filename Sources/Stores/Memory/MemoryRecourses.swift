import OAuthTypes

struct MemoryRecourses: RecourseStore {
    let memory: Memory

    func open(_ recourse: Recourse, ordering mail: MailOrder) async throws {
        try await memory.access { tables in
            guard tables.recourses[recourse.id] == nil else { throw StorageError.conflict(table: "recourses") }
            try tables.order(mail)
            tables.recourses[recourse.id] = recourse
        }
    }

    func arm(_ id: TokenDigest, link: TokenDigest, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let recourse = tables.recourses[id], now < recourse.expiresAt else { return false }
            tables.recourses[id]?.link = link
            return true
        }
    }

    func find(_ id: TokenDigest, at now: Timestamp) async throws -> Recourse? {
        await memory.access { tables in tables.recourses[id].flatMap { now < $0.expiresAt ? $0 : nil } }
    }

    func find(link: TokenDigest, at now: Timestamp) async throws -> Recourse? {
        await memory.access { $0.recourse(link, now) }
    }

    func restoreEmail(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let recourse = tables.recourse(link, now), recourse.purpose != .keepAccount,
                tables.accounts[recourse.userID] != nil,
                tables.addresses[Array(recourse.email.rawValue.utf8)] == nil
            else { return false }
            try tables.order(mail)
            tables.recourses = tables.recourses.filter {
                $0.value.userID != recourse.userID || $0.value.createdAt < recourse.createdAt
            }
            tables.move(recourse.userID, to: recourse.email, at: now)
            tables.freeze(recourse, until: end, at: now)
            return true
        }
    }

    func disown(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder?
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let recourse = tables.recourse(link, now), recourse.purpose == .disown else { return false }
            if let mail { try tables.order(mail) }
            tables.recourses[recourse.id] = nil
            tables.freeze(recourse, until: end, at: now)
            return true
        }
    }

    func keepAccount(by link: TokenDigest, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let recourse = tables.recourse(link, now), recourse.purpose == .keepAccount else { return false }
            return tables.keep(recourse.userID)
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.recourses.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

struct MemoryAccountHolds: AccountHoldStore {
    let memory: Memory

    func find(_ user: UserID, at now: Timestamp) async throws -> AccountHolds {
        await memory.access { tables in
            AccountHolds(
                frozenUntil: tables.isFrozen(user, at: now) ? tables.freezes[user] : nil,
                erasedAt: tables.deletions[user])
        }
    }

    func leave(
        _ user: UserID, erasedAt moment: Timestamp, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let account = tables.accounts[user]?.user, account.disabledAt == nil,
                !tables.isFrozen(user, at: now), tables.deletions[user] == nil
            else { return false }
            if let mail { try tables.order(mail) }
            if let recourse { tables.recourses[recourse.id] = recourse }
            tables.deletions[user] = moment
            tables.signOut(user, at: now)
            return true
        }
    }

    func stay(_ user: UserID) async throws -> Bool {
        await memory.access { $0.keep(user) }
    }

    func due(at now: Timestamp, limit: Int) async throws -> [UserID] {
        await memory.access { tables in
            tables.deletions.filter { $0.value <= now }
                .sorted { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
                .prefix(max(0, limit)).map(\.key)
        }
    }

    func erase(_ user: UserID, dueBy now: Timestamp, recording event: AuditEvent) async throws -> Bool {
        try await memory.access { tables in
            guard let moment = tables.deletions[user], moment <= now else { return false }
            try tables.erase(user, recording: event)
            return true
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.freezes.sweep(limit: limit) { $0 <= now } }
    }
}

extension MemoryTables {
    func isFrozen(_ user: UserID, at now: Timestamp) -> Bool { freezes[user].map { now < $0 } ?? false }

    fileprivate func recourse(_ link: TokenDigest, _ now: Timestamp) -> Recourse? {
        recourses.values.first { $0.link == link && now < $0.expiresAt }
    }

    fileprivate mutating func freeze(_ recourse: Recourse, until end: Timestamp, at now: Timestamp) {
        let user = recourse.userID
        let mails = recourses.values.filter {
            $0.userID == user && $0.purpose != .keepAccount && now < $0.expiresAt
        }
        let since = (mails + [recourse]).map(\.distrustedSince).min() ?? recourse.distrustedSince
        accounts[user]?.user.passwordHash = nil
        // Without recovery codes nobody would come back behind them.
        accounts[user]?.user.mailCodes = .off
        passkeys = passkeys.filter { $0.value.userID != user || $0.value.createdAt < since }
        consents = consents.filter { $0.key.user != user }
        links = links.filter { $0.value.userID != user }
        memberships[user] = memberships[user]?.filter { $0.source == Membership.operator }
        tellings[user] = tellings[user]?.filter { $0.key == ProfileTelling.person }
        if let key = totpKeys[user], key.confirmedAt == nil || key.createdAt >= since { totpKeys[user] = nil }
        recoveryCodes[user] = nil
        deletions[user] = nil
        freezes[user] = max(end, freezes[user] ?? end)
        signOut(user, at: now)
    }

    fileprivate mutating func keep(_ user: UserID) -> Bool {
        recourses = recourses.filter { $0.value.userID != user || $0.value.purpose != .keepAccount }
        return deletions.removeValue(forKey: user) != nil
    }

    /// Gives an account another address, which is proven.
    mutating func move(_ user: UserID, to email: Email, at now: Timestamp) {
        guard let old = accounts[user]?.user.email else { return }
        addresses[Array(old.rawValue.utf8)] = nil
        addresses[Array(email.rawValue.utf8)] = user
        accounts[user]?.user.email = email
        accounts[user]?.user.isEmailVerified = true
        accounts[user]?.user.updatedAt = now
    }
}
