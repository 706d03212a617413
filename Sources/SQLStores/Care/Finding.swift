public import Stores

/// What a look at one thing found, in words for whoever runs the server.
public struct Finding: Sendable, Equatable {
    /// How bad it is.
    public enum Verdict: String, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// It works, and will not for ever or not for everybody.
        case warning
        /// It does not work, or data is at risk now.
        case failed
        /// It could not be looked at, because of something else that is told.
        case skipped
    }

    /// How bad it is.
    public let verdict: Verdict
    /// What was seen; without a full stop, and never a secret.
    public let found: String
    /// What to do, as sentences; nil where there is nothing to do.
    public let remedy: String?

    /// A finding with every field named.
    public init(_ verdict: Verdict, _ found: String, remedy: String? = nil) {
        self.verdict = verdict
        self.found = found
        self.remedy = remedy
    }

    /// All is well.
    public static func ok(_ found: String) -> Finding { Finding(.ok, found) }

    /// Something to do in the coming days.
    public static func warning(_ found: String, do remedy: String) -> Finding {
        Finding(.warning, found, remedy: remedy)
    }

    /// Something to do now.
    public static func failed(_ found: String, do remedy: String? = nil) -> Finding {
        Finding(.failed, found, remedy: remedy)
    }

    /// Not looked at.
    public static func skipped(_ why: String) -> Finding { Finding(.skipped, why) }

    /// An error of the database: its first sentence is what was found, the rest is what to do.
    public init(_ error: StorageError) {
        let words = error.description
        var index = words.startIndex
        while let stop = words[index...].firstIndex(of: "."), words.index(after: stop) < words.endIndex {
            let next = words.index(after: stop)
            if words[next] == " " {
                self.init(.failed, String(words[..<stop]), remedy: String(words[words.index(after: next)...]))
                return
            }
            index = next
        }
        self.init(.failed, words.last == "." ? String(words.dropLast()) : words)
    }
}

/// One thing to look at.
public struct Check {
    /// A word or two.
    public let name: String
    private let look: () throws(StorageError) -> Finding

    /// A look that may take long, and must change nothing.
    public init(_ name: String, _ look: @escaping () throws(StorageError) -> Finding) {
        self.name = name
        self.look = look
    }

    /// Looks; an error of the database is a finding, too.
    ///
    /// Blocks the calling thread.
    public func run() -> Finding {
        do {
            return try look()
        } catch {
            return Finding(error)
        }
    }
}

@available(*, unavailable)
extension Check: Sendable {}
