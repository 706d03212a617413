import Glibc
public import OAuthTypes
import Reactor

/// Where networks are, by a file of the operator's: nobody else is asked.
///
/// The file may be one of MaxMind (GeoLite2, GeoIP2) or DB-IP. One that is renamed over it takes its place within a minute;
/// one that cannot be read leaves the last one in force.
public final class Places: Sendable {
    /// Why a file cannot be used.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong with it.
        public let description: String
    }

    private struct State {
        var file: PlaceFile
        var stamp: Stamp
        var lookedAt: Timestamp
    }

    /// What tells one version of the file from another.
    private struct Stamp: Equatable {
        let inode: UInt64
        let size: Int64
        let seconds: Int64
        let nanoseconds: Int64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = Int64(status.st_mtim.tv_sec)
            nanoseconds = Int64(status.st_mtim.tv_nsec)
        }
    }

    private let path: String
    private let clock: any TimeSource
    private let state: Locked<State>

    /// How often the file is looked at.
    static let interval = Duration.seconds(60)

    /// Places of a file.
    public init(path: String, clock: any TimeSource) throws(Failure) {
        self.path = path
        self.clock = clock
        guard let stamp = Stamp(path) else { throw Failure(description: String(cString: strerror(errno))) }
        state = Locked(State(file: try Places.open(path), stamp: stamp, lookedAt: clock.now))
    }

    private static func open(_ path: String) throws(Failure) -> PlaceFile {
        let mapped: MappedFile
        do throws(MappedFile.Failure) { mapped = try MappedFile(path: path) } catch {
            throw Failure(description: error.description)
        }
        do throws(PlaceFile.Damage) { return try PlaceFile(mapped) } catch {
            throw Failure(description: error.description)
        }
    }

    /// City and country of a network as sessions keep it, /24 or /48, as far as they are known, in the language of a tag or
    /// else in English.
    public func name(ofNetwork network: String, in language: String) -> String? {
        guard let address = BrowserTraits.address(ofNetwork: network), let record = current().record(of: address) else {
            return nil
        }
        let parts = ["city", "country"].compactMap { Places.name(of: record[$0], in: language) }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private static func name(of place: PlaceValue?, in language: String) -> String? {
        let names = place?["names"]
        let plain = String(language.prefix { $0 != "-" })
        for tag in [language, plain, "en"] {
            // Somebody else's file: one line, and no longer than a name is.
            if let name = names?[tag]?.text, !name.isEmpty { return HeaderText(String(name.prefix(100))).value }
        }
        return nil
    }

    /// The file, anew where it has changed.
    private func current() -> PlaceFile {
        let now = clock.now
        return state.withLock { state in
            guard now - state.lookedAt >= Places.interval else { return state.file }
            state.lookedAt = now
            if let stamp = Stamp(path), stamp != state.stamp, let file = try? Places.open(path) {
                state.file = file
                state.stamp = stamp
            }
            return state.file
        }
    }
}
