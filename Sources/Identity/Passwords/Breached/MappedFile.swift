import Glibc

/// A file in memory as the kernel maps it: read only, paged in where it is looked at.
///
/// A file is replaced by renaming another one over it; whoever shortens it in place ends the program that maps it.
///
/// Unchecked: the memory is written before `init` is over and never again, and given back in `deinit` alone.
final class MappedFile: @unchecked Sendable {
    /// Why a file cannot be mapped.
    struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String

        static var last: Failure { Failure(description: String(cString: strerror(errno))) }
    }

    private let memory: UnsafeMutableRawPointer
    private let isMapped: Bool
    let count: Int

    /// Maps a file.
    init(path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(description: "not a file") }
        count = Int(status.st_size)
        guard count > 0 else {
            memory = .allocate(byteCount: 1, alignment: 8)
            isMapped = false
            return
        }
        guard let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED else {
            throw .last
        }
        memory = mapped
        isMapped = true
    }

    /// Bytes that are in no file.
    init(copying bytes: [UInt8]) {
        count = bytes.count
        memory = .allocate(byteCount: max(1, count), alignment: 8)
        memory.copyMemory(from: bytes, byteCount: count)
        isMapped = false
    }

    deinit {
        if isMapped { munmap(memory, count) } else { memory.deallocate() }
    }

    /// Reads the bytes.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withExtendedLifetime(self) { body(UnsafeRawBufferPointer(start: memory, count: count)) }
    }

    /// What was read to check it once need not stay in this process's memory.
    func releasePages() {
        if isMapped { _ = madvise(memory, count, MADV_DONTNEED) }
    }
}
