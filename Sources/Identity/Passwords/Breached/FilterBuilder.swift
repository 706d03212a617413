import Glibc
import JOSE
public import OAuthTypes

/// Builds a filter of breached passwords from a list of any length.
///
/// Keys are sorted in runs of bounded memory that go to a temporary file, then merged into the file to be; that gets its
/// name when it is whole and on disk. For a thousand million passwords it takes 64 MiB for the runs and as much for the
/// index.
public final class FilterBuilder {
    /// What was read.
    public struct Lines: Sendable, Equatable {
        /// Passwords, repeated ones too.
        public internal(set) var taken = 0
        /// Shorter than any password that is taken here.
        public internal(set) var tooShort = 0
        /// No text in UTF-8, or longer than a password may be: nobody can type it here.
        public internal(set) var unusable = 0
    }

    /// Why there is no filter.
    public enum Refusal: Error, Sendable, Equatable {
        /// The list holds nothing that could be a password.
        case nothing
        /// A file cannot be written, in the system's words.
        case unwritable(String)
    }

    /// One false alarm in 2 to the power of this, or fewer.
    public static let standardBits = 20

    private let output: String
    /// What is written until it is whole; to be removed by whoever breaks it off.
    public let draftPath: String
    private let bits: Int
    private let madeAt: Timestamp
    private var runs: KeyRuns
    /// What was read so far.
    public private(set) var lines = Lines()

    /// A builder of a file; `bits` from 1 to 32 set how rare false alarms are.
    public init(output: String, bits: Int = standardBits, runLength: Int = 4 << 20, madeAt: Timestamp) {
        self.output = output
        draftPath = "\(output).\(UInt64.random(in: 0 ... .max)).new"
        self.bits = min(max(bits, 1), 32)
        self.madeAt = madeAt
        runs = KeyRuns(beside: output, runLength: max(1, runLength))
    }

    /// Adds a line of a list: a password, or its SHA-1 in hexadecimal with or without `:` and a count.
    ///
    /// Comments of John the Ripper and empty lines count for nothing.
    public func add(_ line: ArraySlice<UInt8>) throws(Refusal) {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard !line.isEmpty, !line.starts(with: "#!comment:".utf8) else { return }
        let hash = line.prefix { $0 != UInt8(ascii: ":") }
        let count = line[hash.endIndex...].dropFirst()
        if hash.count == 40, count.allSatisfy({ (0x30...0x39).contains($0) }),
            let key = PasswordKey(hexadecimal: hash)
        {
            lines.taken += 1
            return try runs.add(key.leading)
        }
        guard let text = String(validating: line, as: UTF8.self), let password = Password(text) else {
            lines.unusable += 1
            return
        }
        guard password.isLongEnough else {
            lines.tooShort += 1
            return
        }
        lines.taken += 1
        try runs.add(PasswordKey(password).leading)
    }

    /// Writes the file; `progress` is told how many of the passwords are in it.
    public func finish(_ progress: (Int) -> Void = { _ in }) throws(Refusal) {
        guard lines.taken > 0 else { throw .nothing }
        // As many bits as number the passwords, and those that make false alarms rare.
        let valueBits = min(64, bits + (Int.bitWidth - (lines.taken - 1).leadingZeroBitCount))
        var writer = try FilterWriter(
            output, draft: draftPath, valueBits: valueBits, remainderBits: min(bits, valueBits - 1))
        var (last, done) = (UInt64.max, 0)
        try runs.merge { key throws(Refusal) in
            done += 1
            if done.isMultiple(of: 1 << 16) { progress(done) }
            let value = key >> UInt64(64 - valueBits)
            guard done == 1 || value != last else { return }
            try writer.put(value)
            last = value
        }
        try writer.finish(madeAt: madeAt)
    }
}

@available(*, unavailable)
extension FilterBuilder: Sendable {}
