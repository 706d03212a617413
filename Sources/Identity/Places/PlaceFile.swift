/// A database of places by address in the MaxMind DB format, version 2.0: a binary tree over the bits of addresses, whose
/// leaves lead to records.
///
/// Whatever the file says, nothing outside of it is read and no record is followed without end.
struct PlaceFile: Sendable {
    private let file: MappedFile
    private let tree: Tree
    /// Where records begin and end.
    private let data: Range<Int>

    /// Why a file is no such database.
    struct Damage: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }

    private struct Tree: Sendable {
        let nodes: Int
        /// Bits of one of the two halves of a node.
        let bits: Int
        let isIPv6: Bool
        /// The node that IPv4 addresses begin at.
        var start = 0

        var size: Int { nodes * bits / 4 }
    }

    /// The largest tree that is believed, far above any there is.
    private static let nodeLimit = 1 << 28
    private static let separator = 16
    private static let marker = [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
    /// The metadata stand within so many bytes of the end.
    private static let tail = 128 * 1024

    init(_ file: MappedFile) throws(Damage) {
        self.file = file
        guard let end = PlaceFile.metadata(of: file) else {
            throw Damage(description: "it has no metadata of a MaxMind DB")
        }
        var reader = Reader(file, within: end..<file.count, pointersFrom: end)
        guard case .map(let members)? = reader.value(at: end),
            let nodes = members["node_count"]?.number, let bits = members["record_size"]?.number,
            let version = members["ip_version"]?.number, members["binary_format_major_version"]?.number == 2
        else { throw Damage(description: "its metadata cannot be read, or are of another version") }
        guard [24, 28, 32].contains(bits), [4, 6].contains(version), (1...UInt64(PlaceFile.nodeLimit)).contains(nodes)
        else {
            throw Damage(description: "its metadata name a tree that cannot be")
        }
        var tree = Tree(nodes: Int(nodes), bits: Int(bits), isIPv6: version == 6)
        let records = tree.size + PlaceFile.separator
        let metadata = end - PlaceFile.marker.count
        guard records <= metadata else { throw Damage(description: "it is shorter than its metadata say") }
        data = records..<metadata
        if tree.isIPv6 {
            // ::/96 stands for IPv4.
            for _ in 0..<96 where tree.start < tree.nodes { tree.start = PlaceFile.child(tree.start, 0, tree, file) }
        }
        self.tree = tree
    }

    /// The record of an address of 4 or 16 bytes; nil where there is none.
    func record(of address: [UInt8]) -> PlaceValue? {
        guard address.count == 4 || tree.isIPv6 && address.count == 16 else { return nil }
        var node = address.count == 4 ? tree.start : 0
        for byte in address {
            for bit in stride(from: 7, through: 0, by: -1) {
                guard node < tree.nodes else { break }
                node = PlaceFile.child(node, Int(byte >> UInt8(bit) & 1), tree, file)
            }
        }
        guard node > tree.nodes else { return nil }
        let (place, overflow) = (node - tree.nodes - PlaceFile.separator).addingReportingOverflow(data.lowerBound)
        guard !overflow, data.contains(place) else { return nil }
        var reader = Reader(file, within: data, pointersFrom: data.lowerBound)
        return reader.value(at: place)
    }

    /// A half of a node: another node, none (as many as there are nodes), or behind that a record.
    private static func child(_ node: Int, _ side: Int, _ tree: Tree, _ file: MappedFile) -> Int {
        file.withBytes { bytes in
            let start = node * tree.bits / 4
            switch tree.bits {
            case 28:
                let middle = Int(bytes[start + 3])
                let low = (0..<3).reduce(0) { $0 << 8 | Int(bytes[start + side * 4 + $1]) }
                return (side == 0 ? middle >> 4 : middle & 0xF) << 24 | low
            default:
                let length = tree.bits / 8
                return (0..<length).reduce(0) { $0 << 8 | Int(bytes[start + side * length + $1]) }
            }
        }
    }

    /// Where the metadata begin: behind the last marker.
    private static func metadata(of file: MappedFile) -> Int? {
        file.withBytes { bytes in
            let first = max(0, bytes.count - tail)
            var start = bytes.count - marker.count
            while start >= first {
                if (0..<marker.count).allSatisfy({ bytes[start + $0] == marker[$0] }) { return start + marker.count }
                start -= 1
            }
            return nil
        }
    }

    /// Reads values of the data section.
    private struct Reader {
        let file: MappedFile
        let bounds: Range<Int>
        let origin: Int
        /// Values that may still be read, so that pointers in circles come to an end.
        var budget = 2000

        init(_ file: MappedFile, within bounds: Range<Int>, pointersFrom origin: Int) {
            (self.file, self.bounds, self.origin) = (file, bounds, origin)
        }

        mutating func value(at place: Int) -> PlaceValue? {
            var place = place
            return next(&place, depth: 0)
        }

        private mutating func next(_ place: inout Int, depth: Int) -> PlaceValue? {
            budget -= 1
            guard budget > 0, depth < 16, let control = byte(&place) else { return nil }
            var type = Int(control >> 5)
            if type == 1 {
                guard let target = pointer(control, &place) else { return nil }
                var there = target
                return next(&there, depth: depth + 1)
            }
            if type == 0 {
                guard let more = byte(&place) else { return nil }
                type = 7 + Int(more)
            }
            guard let size = size(control, &place) else { return nil }
            switch type {
            case 2: return bytes(size, &place).map { .text(String(decoding: $0, as: UTF8.self)) }
            case 5, 6, 9:
                guard size <= 8, let bytes = bytes(size, &place) else { return nil }
                return .number(bytes.reduce(0) { $0 << 8 | UInt64($1) })
            case 7:
                var members: [String: PlaceValue] = [:]
                for _ in 0..<size {
                    guard case .text(let name)? = next(&place, depth: depth + 1),
                        let value = next(&place, depth: depth + 1)
                    else { return nil }
                    members[name] = value
                }
                return .map(members)
            case 11:
                for _ in 0..<size { guard next(&place, depth: depth + 1) != nil else { return nil } }
                return .other
            case 14: return .other
            case 3, 4, 8, 10, 15: return bytes(size, &place).map { _ in .other }
            default: return nil
            }
        }

        private func byte(_ place: inout Int) -> UInt8? { bytes(1, &place)?.first }

        private func bytes(_ count: Int, _ place: inout Int) -> [UInt8]? {
            guard bounds.contains(place) || count == 0, count <= bounds.upperBound - place else { return nil }
            let range = place..<place + count
            place += count
            return file.withBytes { Array($0[range]) }
        }

        private func size(_ control: UInt8, _ place: inout Int) -> Int? {
            let size = Int(control & 0x1F)
            guard size > 28, let more = bytes(size - 28, &place) else { return size > 28 ? nil : size }
            return [29, 285, 65_821][size - 29] + more.reduce(0) { $0 << 8 | Int($1) }
        }

        private func pointer(_ control: UInt8, _ place: inout Int) -> Int? {
            let length = Int(control >> 3 & 3)
            guard let more = bytes(length + 1, &place) else { return nil }
            let high = length == 3 ? 0 : Int(control & 7)
            let target = more.reduce(high) { $0 << 8 | Int($1) } + [0, 2048, 526_336, 0][length] + origin
            return bounds.contains(target) ? target : nil
        }
    }
}

/// A value of a database of places, as far as anybody looks at it.
indirect enum PlaceValue: Sendable, Equatable {
    case text(String)
    case number(UInt64)
    case map([String: PlaceValue])
    /// Of a kind that says nothing here.
    case other

    /// A member of a map.
    subscript(name: String) -> PlaceValue? {
        guard case .map(let members) = self else { return nil }
        return members[name]
    }

    var number: UInt64? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
