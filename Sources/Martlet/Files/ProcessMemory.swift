import CLinux

/// The memory of this process, which holds keys.
enum ProcessMemory {
    /// Keeps the memory out of core dumps, and other programs of the same user from reading it: prctl(2), ptrace(2).
    static func hide() {
        // It cannot fail with this value; where it did, there would be nothing better to do.
        _ = martlet_set_dumpable(0)
    }

    static var isHidden: Bool { martlet_dumpable() == 0 }
}
