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
        // Mail to an address that the account had before tells of the person as well.
        let earlier = recourses.values.filter { $0.userID == person }.map(\.email)
        recourses = recourses.filter { $0.value.userID != person }
        guard let email = accounts.removeValue(forKey: person)?.user.email else { return }
        addresses[Array(email.rawValue.utf8)] = nil
        sessions = sessions.filter { $0.value.userID != person }
        let own = Set(grants.values.filter { $0.userID == person }.map(\.id))
        codes = codes.filter { !own.contains($0.value.code.grantID) }
        grants = grants.filter { !own.contains($0.key) }
        consents = consents.filter { $0.key.user != person }
        totpKeys[person] = nil
        recoveryCodes[person] = nil
        passkeys = passkeys.filter { $0.value.userID != person }
        links = links.filter { $0.value.userID != person }
        devices = devices.filter { $0.value.userID != person }
        firstFactors = firstFactors.filter { $0.value.userID != person }
        proofs = proofs.filter { $0.value.userID != person && $0.value.email != email }
        mails = mails.filter { $0.value.recipient != email && !earlier.contains($0.value.recipient) }
        personKeys[person] = .some(nil)
    }
}
