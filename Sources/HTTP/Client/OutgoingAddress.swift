internal import CCurl
internal import Reactor

/// The address of a request, read by the parser that also makes the connection.
///
/// One parser for the check and for the connection: two that differ are how such checks are got around.
///
/// `@unchecked Sendable`: the handle is not modified after `init`, and reading it copies.
final class OutgoingAddress: @unchecked Sendable {
    let handle: OpaquePointer
    let scheme: String
    /// In lower case; an IPv6 address without brackets.
    let host: String
    let port: UInt16
    /// The host, if it is an address and no name.
    let literal: SocketAddress?

    /// Bytes of an address.
    private static let limit = 4096
    private static let mappedPrefix: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

    /// Reads an address and judges what can be judged without asking the network.
    convenience init(_ text: String, to destination: Destination) throws(OutgoingError) {
        guard let handle = curl_url() else { throw .broken }
        try self.init(adopting: handle, text, to: destination)
    }

    /// Reads the address that a redirect names, relative to this one: RFC 9110 §10.2.2.
    func target(_ location: String, to destination: Destination) throws(OutgoingError) -> OutgoingAddress {
        guard let copy = curl_url_dup(handle) else { throw .broken }
        return try OutgoingAddress(adopting: copy, location, to: destination)
    }

    private init(
        adopting handle: OpaquePointer, _ text: String, to destination: Destination
    ) throws(OutgoingError) {
        let parts: Parts
        do throws(OutgoingError) {
            parts = try Self.read(text, into: handle)
            try parts.judge(destination)
        } catch {
            // Here, where `deinit` will not run.
            curl_url_cleanup(handle)
            throw error
        }
        self.handle = handle
        (scheme, host, port, literal) = (parts.scheme, parts.host, parts.port, parts.literal)
    }

    private struct Parts {
        let scheme, host: String
        let port: UInt16
        let literal: SocketAddress?

        func judge(_ destination: Destination) throws(OutgoingError) {
            switch (scheme, destination) {
            case ("https", _), ("http", .configuredPlain): break
            default: throw .refusedScheme
            }
            guard let fetchGuard = destination.fetchGuard else { return }
            guard fetchGuard.ports.contains(port) else { throw .refusedPort }
            if let literal, !fetchGuard.admits(literal) { throw .refusedAddress }
        }
    }

    private static func read(_ text: String, into handle: OpaquePointer) throws(OutgoingError) -> Parts {
        // Visible ASCII without the backslash, which some take for a slash.
        // Nor a third slash after the scheme, which some skip.
        guard text.utf8.count <= limit, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }),
            !text.split(separator: ":", maxSplits: 1).dropFirst().contains(where: { $0.hasPrefix("///") }),
            curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let scheme = part(CURLUPART_SCHEME, of: handle),
            let host = part(CURLUPART_HOST, of: handle),
            let port = part(CURLUPART_PORT, of: handle).flatMap({ UInt16($0) }), port > 0
        else { throw .malformedAddress }
        guard host.hasPrefix("[") else {
            guard isName(host) else { throw .malformedAddress }
            let literal = SocketAddress(host, port: port)
            return Parts(scheme: scheme, host: host.lowercased(), port: port, literal: literal)
        }
        let bare = String(host.dropFirst().dropLast())
        // IPv4 in the clothes of IPv6 (RFC 4291 §2.5.5.2): nobody needs to name it so.
        guard let literal = SocketAddress(bare, port: port), literal.bytes.count == 16,
            !literal.bytes.starts(with: mappedPrefix)
        else { throw .malformedAddress }
        return Parts(scheme: scheme, host: bare, port: port, literal: literal)
    }

    deinit { curl_url_cleanup(handle) }

    /// Whether credentials for the one are meant for the other: RFC 6454 §4.
    func hasOrigin(of other: OutgoingAddress) -> Bool {
        (scheme, host, port) == (other.scheme, other.host, other.port)
    }

    /// Letters, digits, hyphens, dots and underscores, not over 253 bytes: RFC 1035 §2.3.1, with what is seen in use.
    private static func isName(_ host: String) -> Bool {
        let isGood = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        // A dot at the end makes another name for the certificate and for the table of pinned addresses.
        return isGood && (1...253).contains(host.utf8.count) && !host.hasPrefix(".") && !host.hasSuffix(".")
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
