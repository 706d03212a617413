/// A whole answer computed in advance: head, content, strong entity tag.
///
/// RFC 9110 §8.8.3, §13.1.2.
///
/// For what is the same for everybody (key set, discovery document, style sheet). Sending it copies two blocks; only
/// the date and the request id are made for each request. A matching `If-None-Match` gets 304.
public struct PreparedResponse: Sendable {
    /// Shared by all copies, so that passing the answer on costs one retain.
    private final class Storage: Sendable {
        let status: Status
        let headers: Headers
        let body: [UInt8]
        let entityTag: String
        let fullHead: [UInt8]
        let notModifiedHead: [UInt8]

        init(status: Status, headers: Headers, body: [UInt8], entityTag: String) {
            self.status = status
            self.headers = headers
            self.body = body
            self.entityTag = entityTag
            var notModified = Headers()
            // RFC 9110 §15.4.5: what a cache needs to refresh its entry, nothing about the content that is not sent.
            for field in headers where !field.name.lowercasedASCII.hasPrefix("content-") {
                notModified.add(field.name, field.value)
            }
            self.fullHead = headers.bytes
            self.notModifiedHead = notModified.bytes
        }
    }

    private let storage: Storage

    /// Prepares an answer.
    ///
    /// `headers` usually has `Content-Type` and `Cache-Control`; the entity tag is added.
    ///
    /// If the fields hold what cannot be sent, the prepared answer is an empty 500.
    public init(_ status: Status = .ok, headers: Headers, body: [UInt8]) {
        guard !headers.hasRefusedField else {
            storage = Storage(status: .internalServerError, headers: Headers(), body: [], entityTag: "")
            return
        }
        var headers = headers.withoutServerFields()
        let tag = Self.entityTag(of: body)
        headers.set("ETag", tag)
        storage = Storage(status: status, headers: headers, body: body, entityTag: tag)
    }

    /// The status when the content is sent.
    public var status: Status { storage.status }
    /// The header fields, with the entity tag.
    public var headers: Headers { storage.headers }
    /// The content.
    public var body: [UInt8] { storage.body }
    /// The strong entity tag, in its double quotes.
    public var entityTag: String { storage.entityTag }

    var fullHead: [UInt8] { storage.fullHead }
    var notModifiedHead: [UInt8] { storage.notModifiedHead }

    /// Whether a client that sent `request` already has this content: RFC 9110 §13.1.2.
    func isHeld(by request: borrowing Request) -> Bool {
        guard request.method == .get || request.method == .head, storage.status == .ok else { return false }
        return request.headers.values(of: "If-None-Match").contains { line in
            line.utf8.split(separator: UInt8(ascii: ",")).contains { piece in
                var tag = piece.drop { $0 == 32 || $0 == 9 }
                while tag.last == 32 || tag.last == 9 { tag.removeLast() }
                if tag.elementsEqual("*".utf8) { return true }
                // The comparison is the weak one, so a proxy that weakened our tag still matches.
                if tag.starts(with: "W/".utf8) { tag = tag.dropFirst(2) }
                return tag.elementsEqual(storage.entityTag.utf8)
            }
        }
    }

    /// FNV-1a over 128 bits: the same on every node and after every restart.
    ///
    /// Our own content, so no attacker to fear.
    private static func entityTag(of body: [UInt8]) -> String {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in body {
            hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
        }
        let digits = String(hash, radix: 36)
        return "\"\(digits)\""
    }
}

extension String {
    /// ASCII letters in lower case, everything else as it is.
    var lowercasedASCII: String {
        String(decoding: utf8.map(FieldGrammar.lowercased), as: UTF8.self)
    }
}
