import OAuthTypes

struct MemoryProofs: ProofStore {
    let memory: Memory

    func open(_ proof: EmailProof, ordering mail: MailOrder?) async throws {
        try await memory.access { tables in
            let isOlder = { (other: EmailProof) in
                proof.userID != nil && other.userID == proof.userID && other.purpose == proof.purpose
            }
            if let other = tables.proofs[proof.id], !isOlder(other) { throw StorageError.conflict(table: "proofs") }
            if let mail { try tables.order(mail) }
            tables.proofs = tables.proofs.filter { !isOlder($0.value) }
            tables.proofs[proof.id] = proof
        }
    }

    func arm(
        _ id: TokenDigest, link: TokenDigest, code: TokenDigest?, codeExpiresAt: Timestamp?, at now: Timestamp
    ) async throws -> Bool {
        await memory.access { tables in
            guard var proof = tables.living(id, now) else { return false }
            proof.link = link
            proof.code = code
            proof.codeExpiresAt = codeExpiresAt
            proof.guesses = 0
            tables.proofs[id] = proof
            return true
        }
    }

    func find(_ id: TokenDigest, at now: Timestamp) async throws -> EmailProof? {
        await memory.access { $0.living(id, now) }
    }

    func find(link: TokenDigest, at now: Timestamp) async throws -> EmailProof? {
        await memory.access { $0.living(link: link, now) }
    }

    func guess(_ id: TokenDigest, limit: Int, at now: Timestamp) async throws -> EmailProof? {
        await memory.access { tables in
            guard var proof = tables.living(id, now), proof.guesses < limit, let end = proof.codeExpiresAt, now < end
            else { return nil }
            proof.guesses += 1
            tables.proofs[id] = proof
            return proof
        }
    }

    func spend(_ id: TokenDigest, code: TokenDigest, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let proof = tables.living(id, now), proof.code == code else { return false }
            tables.proofs[id] = nil
            return true
        }
    }

    func resend(_ id: TokenDigest, limit: Int, at now: Timestamp, ordering mail: MailOrder) async throws -> Bool {
        try await memory.access { tables in
            guard var proof = tables.living(id, now), proof.mails < limit else { return false }
            try tables.order(mail)
            proof.mails += 1
            tables.proofs[id] = proof
            return true
        }
    }

    func resetPassword(
        by link: TokenDigest, to hash: String, at now: Timestamp, recourse: Recourse, ordering mail: MailOrder
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let proof = tables.living(link: link, now), proof.purpose == .resetPassword, let id = proof.userID,
                let account = tables.accounts[id], account.user.disabledAt == nil
            else { return false }
            try tables.order(mail)
            tables.recourses[recourse.id] = recourse
            tables.proofs[proof.id] = nil
            tables.accounts[id]?.user.passwordHash = hash
            if account.user.mailCodes == .on { tables.accounts[id]?.user.mailCodes = .afterRecovery }
            for (key, link) in tables.links where link.userID == id && tables.foundingLinks.contains(key) {
                tables.links[key] = nil
                tables.foundingLinks.remove(key)
                tables.forgetWord(of: link.connector, on: id)
            }
            tables.signOut(id, at: now)
            return true
        }
    }

    func createAccount(_ user: User, by id: TokenDigest, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.living(id, now) != nil, tables.add(user) else { return false }
            tables.proofs[id] = nil
            for (id, other) in tables.proofs
            where other.userID == nil && other.email.rawValue.utf8.elementsEqual(user.email.rawValue.utf8) {
                tables.proofs[id] = other.disarmed
            }
            return true
        }
    }

    func changeEmail(
        by id: TokenDigest, from old: Email, at now: Timestamp, recourse: Recourse, ordering mails: [MailOrder]
    ) async throws -> Bool {
        try await memory.access { tables in
            guard let proof = tables.living(id, now), proof.purpose == .changeEmail, let user = proof.userID,
                let account = tables.accounts[user]?.user, account.disabledAt == nil, account.email == old,
                !tables.isFrozen(user, at: now), tables.addresses[Array(proof.email.rawValue.utf8)] == nil
            else { return false }
            for mail in mails { try tables.order(mail) }
            tables.proofs = tables.proofs.filter { $0.value.userID != user }
            tables.recourses[recourse.id] = recourse
            // The owner has proven another one.
            tables.foundingLinks = tables.foundingLinks.filter { tables.links[$0]?.userID != user }
            tables.move(user, to: proof.email, at: now)
            return true
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.proofs.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

extension EmailProof {
    /// Without link, code and password.
    fileprivate var disarmed: EmailProof {
        EmailProof(
            id: id, purpose: purpose, email: email, userID: userID, name: name, passwordHash: nil, browser: browser,
            interaction: interaction, link: nil, code: nil, codeExpiresAt: codeExpiresAt, guesses: guesses,
            mails: mails,
            createdAt: createdAt, expiresAt: expiresAt)
    }
}

extension MemoryTables {
    func living(_ id: TokenDigest, _ now: Timestamp) -> EmailProof? {
        proofs[id].flatMap { now < $0.expiresAt ? $0 : nil }
    }

    func living(link: TokenDigest, _ now: Timestamp) -> EmailProof? {
        proofs.values.first { $0.link == link && now < $0.expiresAt }
    }
}
