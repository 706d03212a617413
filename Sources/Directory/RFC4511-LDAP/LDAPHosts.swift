import Reactor

/// The hosts of a directory and which of them is asked first: the one that answered last.
final class LDAPHosts: Sendable {
    private let hosts: [DirectorySettings.Host]
    private let first = Locked(0)

    /// Hosts in the order of the settings.
    init(_ hosts: [DirectorySettings.Host]) { self.hosts = hosts }

    /// All of them with their numbers, the one to ask first in front.
    var inTurn: [(number: Int, host: DirectorySettings.Host)] {
        let first = first.withLock { $0 }
        return hosts.indices.map { offset in
            let number = (first + offset) % hosts.count
            return (number, hosts[number])
        }
    }

    /// The next conversation begins with another: one that takes connections and is silent would use up its time as well.
    func avoid(_ number: Int) {
        first.withLock { first in
            if first == number { first = (number + 1) % max(1, hosts.count) }
        }
    }
}
