import Stores

extension DatabaseMove {
    /// What the two ends say, before anything is changed in either: the move to go on with, or nil for a new one.
    static func agree(
        _ source: any MoveConnection, _ target: any MoveConnection, _ places: (source: String, target: String)
    ) throws -> MoveMark? {
        guard try source.mark(MoveMark.inTarget) == nil, try target.mark(MoveMark.inSource) == nil else {
            throw Refusal.entangled
        }
        let ours = try source.mark(MoveMark.inSource)
        let theirs = try target.mark(MoveMark.inTarget)
        // What notes the changes may be gone from some tables.
        if ours?.phase == .abandoned { throw Refusal.remains }
        if let ours, let theirs, ours.id == theirs.id { return ours }
        if let theirs { throw Refusal.foreignTarget(from: theirs.place) }
        if let ours, ours.place != places.target { throw Refusal.otherTarget(ours.place) }
        let occupied = try occupiedTable(of: target)
        if let ours, ours.phase == .moved {
            guard try occupied != nil || occupiedTable(of: source) == nil else { throw Refusal.emptied(places.target) }
            return ours
        }
        if let occupied { throw Refusal.occupied(table: occupied) }
        return ours
    }

    /// The first table with rows; the numbers of the versions are there from the beginning.
    private static func occupiedTable(of connection: any MoveConnection) throws -> String? {
        try connection.catalogue().first { table in
            try table.name != "versions" && !connection.query("SELECT 1 FROM \(table.quotedName) LIMIT 1").isEmpty
        }?.name
    }

    /// The mark of this move in both ends.
    func begin(_ found: MoveMark?) throws -> MoveMark {
        let mark = found ?? MoveMark(of: places.target)
        guard mark.phase != .moved, try target.mark(MoveMark.inTarget)?.id != mark.id else { return mark }
        if found == nil { try origin.begin(mark) }
        try target.alone(attempts: limits.attempts) { _ throws(StorageError) in
            try target.query("DELETE FROM versions")
            try target.query("CREATE TABLE IF NOT EXISTS \(MoveMark.copied) (name text NOT NULL PRIMARY KEY)")
            try target.query("DELETE FROM \(MoveMark.copied)")
            let theirs = MoveMark(id: mark.id, place: places.source, begunAt: mark.begunAt)
            try target.write(theirs, MoveMark.inTarget)
        }
        return mark
    }
}
