import CPostgreSQL

/// The values of one statement in PostgreSQL's binary format, in memory that is used again.
///
/// The pointers hold until the next `fill`; libpq copies what they point to before it returns.
struct PostgreSQLParameters: ~Copyable {
    private(set) var types: [Oid] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []
    private(set) var values: [UnsafePointer<CChar>?] = []
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 8)

    deinit { memory.deallocate() }

    var count: Int32 { Int32(values.count) }

    mutating func fill(_ parameters: [SQLValue]) {
        types.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        makeRoom(for: parameters)
        var position = 0
        for parameter in parameters { append(parameter, at: &position) }
    }

    private mutating func append(_ parameter: SQLValue, at position: inout Int) {
        let start = position
        var type = PostgreSQLType.unknown
        var isNull = false
        switch parameter {
        case .null, .foreign: isNull = true
        case .integer(let number):
            type = .int8
            memory.storeBytes(of: number.bigEndian, toByteOffset: position, as: Int64.self)
            position += 8
        case .text(var text):
            type = .text
            text.withUTF8 { copy(UnsafeRawBufferPointer($0), to: &position) }
        case .bytes(let bytes):
            type = .bytea
            bytes.withUnsafeBytes { copy($0, to: &position) }
        }
        types.append(type.rawValue)
        formats.append(1)
        lengths.append(Int32(position - start))
        let address = memory.baseAddress.map { UnsafePointer(($0 + start).assumingMemoryBound(to: CChar.self)) }
        values.append(isNull ? nil : address)
    }

    private func copy(_ bytes: UnsafeRawBufferPointer, to position: inout Int) {
        UnsafeMutableRawBufferPointer(rebasing: memory[position...]).copyMemory(from: bytes)
        position += bytes.count
    }

    private mutating func makeRoom(for parameters: [SQLValue]) {
        var size = 0
        for parameter in parameters {
            switch parameter {
            case .null, .foreign: break
            case .integer: size += 8
            case .text(let text): size += text.utf8.count
            case .bytes(let bytes): size += bytes.count
            }
        }
        guard size > memory.count else { return }
        memory.deallocate()
        memory = .allocate(byteCount: 2 * size, alignment: 8)
    }
}

/// The types of the catalogue (`pg_type`) that the tables use; their numbers never change.
enum PostgreSQLType: Oid {
    case unknown = 0
    case bool = 16
    case bytea = 17
    case name = 19
    case int8 = 20
    case int4 = 23
    case text = 25
    case varchar = 1043
}
