import Glibc

/// Sorts more keys than memory holds: runs of them go to a temporary file without a name, and are merged from there.
struct KeyRuns: ~Copyable {
    private let folder: String
    private let runLength: Int
    private var current: [UInt64] = []
    private var descriptor: Int32 = -1
    /// Keys of every run in the file; each is `runLength` but for the last.
    private var runs: [Int] = []

    init(beside path: String, runLength: Int) {
        folder = path
        self.runLength = runLength
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    mutating func add(_ key: UInt64) throws(FilterBuilder.Refusal) {
        current.append(key)
        if current.count == runLength { try spill() }
    }

    private mutating func spill() throws(FilterBuilder.Refusal) {
        if descriptor < 0 {
            let name = "\(folder).\(UInt64.random(in: 0 ... .max)).run"
            descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .last }
            unlink(name)
        }
        current.sort()
        var done = 0
        let bytes = current.count * 8
        while done < bytes {
            let count = current.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: done), bytes - done) }
            guard count > 0 || errno == EINTR else { throw .last }
            done += max(0, count)
        }
        runs.append(current.count)
        current.removeAll(keepingCapacity: true)
    }

    /// Hands over all keys in order.
    mutating func merge(
        _ take: (UInt64) throws(FilterBuilder.Refusal) -> Void
    ) throws(FilterBuilder.Refusal) {
        guard !runs.isEmpty else {
            current.sort()
            for key in current { try take(key) }
            return
        }
        if !current.isEmpty { try spill() }
        current = []
        var start = 0
        var heap = KeyHeap()
        for count in runs {
            let run = KeyRun(descriptor, start..<(start + count))
            start += count
            if let key = try run.next() { heap.push(key, run) }
        }
        while let (key, run) = heap.first {
            try take(key)
            heap.replaceFirst(with: try run.next())
        }
    }
}

/// One sorted run in the file, read piece by piece.
final class KeyRun {
    private static let pieceLength = 8192
    private let descriptor: Int32
    private var rest: Range<Int>
    private var piece: ArraySlice<UInt64> = []

    init(_ descriptor: Int32, _ keys: Range<Int>) {
        (self.descriptor, rest) = (descriptor, keys)
    }

    func next() throws(FilterBuilder.Refusal) -> UInt64? {
        if piece.isEmpty {
            guard !rest.isEmpty else { return nil }
            var keys = [UInt64](repeating: 0, count: min(KeyRun.pieceLength, rest.count))
            var done = 0
            while done < keys.count * 8 {
                let place = off_t(rest.lowerBound * 8 + done)
                let count = keys.withUnsafeMutableBytes {
                    pread(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, place)
                }
                guard count > 0 || (count < 0 && errno == EINTR) else { throw .last }
                done += max(0, count)
            }
            rest = (rest.lowerBound + keys.count)..<rest.upperBound
            piece = keys[...]
        }
        return piece.popFirst()
    }
}

@available(*, unavailable)
extension KeyRun: Sendable {}

/// The runs, the one with the smallest next key first.
private struct KeyHeap {
    private var items: [(key: UInt64, run: KeyRun)] = []

    var first: (key: UInt64, run: KeyRun)? { items.first }

    mutating func push(_ key: UInt64, _ run: KeyRun) {
        items.append((key, run))
        var child = items.count - 1
        while child > 0, items[(child - 1) / 2].key > items[child].key {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The first run's next key, or nil where the run is over.
    mutating func replaceFirst(with key: UInt64?) {
        if let key {
            items[0].key = key
        } else if let last = items.popLast(), !items.isEmpty {
            items[0] = last
        }
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].key < items[least].key {
                least = child
            }
            guard least != parent else { return }
            items.swapAt(parent, least)
            parent = least
        }
    }
}

@available(*, unavailable)
extension KeyHeap: Sendable {}
