internal import CLinux
internal import Glibc

/// Bytes in and out of a stream socket, without waiting: what `Connection` and the TLS below it share.
extension DescriptorSource {
    /// Reads what is there: the number of bytes, 0 at the end of the stream, `nil` if there is nothing yet.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionError) -> Int? {
        guard isReady(.read) else { return nil }
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 {
                // Less than asked for: the socket is empty, and the next edge will say when it is not.
                if count < buffer.count { markDrained(.read) }
                return count
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                markDrained(.read)
                return nil
            default: throw .ofLastCall("recv")
            }
        }
    }

    /// Writes as much as the kernel takes now: the number of bytes, `nil` if none.
    func transmit(_ bytes: UnsafeRawBufferPointer) throws(ConnectionError) -> Int? {
        guard isReady(.write) else { return nil }
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                if count < bytes.count { markDrained(.write) }
                return count
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                markDrained(.write)
                return nil
            default: throw .ofLastCall("send")
            }
        }
    }
}

extension ConnectionError {
    /// What `errno` says after a call on a socket.
    fileprivate static func ofLastCall(_ call: String) -> ConnectionError {
        switch errno {
        case ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH: .reset
        default: .system(SystemError(call))
        }
    }
}
