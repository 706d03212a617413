import OAuthTypes

struct MemoryPersons: PersonStore {
    let memory: Memory

    func key(of person: UserID) async throws -> [UInt8]? {
        await memory.access { tables in tables.personKeys[person] ?? nil }
    }

    func keep(_ sealed: [UInt8], of person: UserID) async throws -> [UInt8]? {
        await memory.access { tables in
            if let known = tables.personKeys[person] { return known }
            tables.personKeys[person] = .some(sealed)
            return sealed
        }
    }

    func erase(_ person: UserID, recording event: AuditEvent) async throws -> Bool {
        try await memory.access { tables in
            guard tables.accounts[person] != nil else { return false }
            try tables.erase(person, recording: event)
            return true
        }
    }
}

extension MemoryTables {
    /// Removes an account with all that belongs to it; of its key the place stays.
    mutating func erase(_ person: UserID, recording event: AuditEvent) throws {
        guard !auditEvents.contains(where: { $0.id == event.id }) else {
            throw StorageError.conflict(table: "audit_events")
        }
        auditEvents.append(event)
        freezes[person] = nil
        deletions[person] = nil
        eraseMails(of: person)
        recourses = recourses.filter { $0.value.userID != person }
        guard let email = accounts.removeValue(forKey: person)?.user.email else { return }
        addresses[Array(email.rawValue.utf8)] = nil
        sessions = sessions.filter { $0.value.userID != person }
        forgetInParticipations(person)
        let own = Set(grants.values.filter { $0.userID == person }.map(\.id))
        codes = codes.filter { !own.contains($0.value.code.grantID) }
        opaqueTokens = opaqueTokens.filter { token in token.value.grantID.map { !own.contains($0) } ?? true }
        grants = grants.filter { !own.contains($0.key) }
        consents = consents.filter { $0.key.user != person }
        totpKeys[person] = nil
        profiles[person] = nil
        tellings[person] = nil
        memberships[person] = nil
        recoveryCodes[person] = nil
        passkeys = passkeys.filter { $0.value.userID != person }
        links = links.filter { $0.value.userID != person }
        upstreamSessions = upstreamSessions.filter { $0.value.userID != person }
        pendingIdentities = pendingIdentities.filter { $0.value.userID != person }
        devices = devices.filter { $0.value.userID != person }
        firstFactors = firstFactors.filter { $0.value.userID != person }
        proofs = proofs.filter { $0.value.userID != person && $0.value.email != email }
        personKeys[person] = .some(nil)
    }

    /// Mails to the address of an account, those with a link of it, and those without any to an address that it had and
    /// nobody has now.
    private mutating func eraseMails(of person: UserID) {
        let own = recourses.values.filter { $0.userID == person }
        let links = Set(own.map(\.id) + proofs.values.filter { $0.userID == person }.map(\.id))
        let earlier = own.map(\.email).filter { addresses[Array($0.rawValue.utf8)] == nil }
        let email = accounts[person]?.user.email
        mails = mails.filter { _, mail in
            guard mail.recipient != email else { return false }
            guard let proof = mail.proof else { return !earlier.contains(mail.recipient) }
            return !links.contains(proof)
        }
    }
}
