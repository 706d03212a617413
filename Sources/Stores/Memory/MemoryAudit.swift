import OAuthTypes

struct MemoryAudit: AuditStore {
    let memory: Memory

    func append(_ events: [AuditEvent]) async throws {
        try await memory.access { tables in
            var known = Set(tables.auditEvents.map(\.id))
            for event in events {
                guard known.insert(event.id).inserted else { throw StorageError.conflict(table: "audit_events") }
            }
            tables.auditEvents += events
        }
    }

    func unlinked(limit: Int) async throws -> [AuditEvent] {
        await memory.access { tables in
            let open = tables.auditEvents.filter { tables.auditLinks[$0.id] == nil }.sorted { $0.id < $1.id }
            return Array(open.prefix(max(0, limit)))
        }
    }

    func head() async throws -> AuditLink? {
        await memory.access { tables in tables.auditLinks.values.max { $0.sequence < $1.sequence } }
    }

    func link(_ links: [AuditLink]) async throws -> Bool {
        await memory.access { tables in
            let taken = Set(tables.auditLinks.values.map(\.sequence))
            let isOpen = links.allSatisfy { link in
                tables.auditLinks[link.id] == nil && !taken.contains(link.sequence)
                    && tables.auditEvents.contains { $0.id == link.id }
            }
            guard isOpen else { return false }
            for link in links { tables.auditLinks[link.id] = link }
            return true
        }
    }

    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent] {
        await memory.access { tables in
            let linked = tables.auditEvents.compactMap { event in
                tables.auditLinks[event.id].map { LinkedAuditEvent(event: event, link: $0) }
            }
            let behind = linked.filter { $0.link.sequence > sequence }
                .sorted { $0.link.sequence < $1.link.sequence }
            return Array(behind.prefix(max(0, limit)))
        }
    }

    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent] {
        await memory.access { tables in
            let found = tables.auditEvents.filter { event in
                (search.subject ?? event.subject) == event.subject && (search.action ?? event.action) == event.action
                    && (search.outcome ?? event.outcome) == event.outcome
                    && event.id >= (search.since.map(AuditEvent.name) ?? "")
                    && search.until.map { event.id < AuditEvent.name(at: $0) } ?? true
                    && search.before.map { event.id < $0 } ?? true
            }
            return Array(found.sorted { $0.id > $1.id }.prefix(max(0, limit)))
        }
    }

    func place(before moment: Timestamp) async throws -> Int64? {
        await memory.access { tables in
            tables.auditLinks.values.filter { $0.id < AuditEvent.name(at: moment) }.max { $0.id < $1.id }?.sequence
        }
    }

    func add(_ checkpoint: AuditCheckpoint) async throws {
        await memory.access { tables in
            if tables.auditCheckpoints[checkpoint.sequence] == nil {
                tables.auditCheckpoints[checkpoint.sequence] = checkpoint
            }
        }
    }

    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] {
        await memory.access { tables in
            let behind = tables.auditCheckpoints.values.filter { $0.sequence > sequence }
                .sorted { $0.sequence < $1.sequence }
            return Array(behind.prefix(max(0, limit)))
        }
    }

    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint? {
        await memory.access { tables in
            tables.auditCheckpoints.values.filter { $0.sequence <= sequence }.max { $0.sequence < $1.sequence }
        }
    }

    func prune(through sequence: Int64, limit: Int) async throws -> Int {
        await memory.access { tables in
            let old = tables.auditLinks.values.filter { $0.sequence <= sequence }
                .sorted { $0.sequence < $1.sequence }.prefix(max(0, limit)).map(\.id)
            tables.auditEvents.removeAll { old.contains($0.id) }
            for id in old { tables.auditLinks[id] = nil }
            tables.auditCheckpoints = tables.auditCheckpoints.filter { $0.key >= sequence }
            return old.count
        }
    }
}
