/// An answer: status, header fields, content.
///
/// RFC 9110 §3.4.
///
/// The server adds the length, the date, the request id and what the connection needs; it leaves the content out for
/// `HEAD`. Fields of those names set here are dropped.
public struct Response: Sendable {
    /// The content of an answer.
    public enum Body: Sendable, Hashable {
        /// None.
        case empty
        /// All of it.
        case bytes([UInt8])

        /// The content as bytes.
        public var bytes: [UInt8] {
            switch self {
            case .empty: []
            case .bytes(let bytes): bytes
            }
        }
    }

    /// Set while the answer is still exactly the prepared one; any change clears it.
    private(set) var prepared: PreparedResponse?
    private var ownStatus: Status
    private var ownHeaders: Headers
    private var ownBody: Body
    /// What the logs learn.
    public var notes = ResponseNotes()

    /// An answer.
    public init(_ status: Status, headers: Headers = Headers(), body: Body = .empty) {
        self.ownStatus = status
        self.ownHeaders = headers
        self.ownBody = body
    }

    private init(_ prepared: PreparedResponse) {
        self.init(prepared.status)
        self.prepared = prepared
    }

    /// An answer prepared in advance.
    ///
    /// `If-None-Match` is answered from it, as long as nobody changes it.
    public static func prepared(_ answer: PreparedResponse) -> Response {
        Response(answer)
    }

    /// The status.
    public var status: Status {
        get { ownStatus }
        set {
            detach()
            ownStatus = newValue
        }
    }

    /// The header fields.
    public var headers: Headers {
        get { prepared?.headers ?? ownHeaders }
        _modify {
            detach()
            yield &ownHeaders
        }
    }

    /// The content.
    public var body: Body {
        get { prepared.map { .bytes($0.body) } ?? ownBody }
        set {
            detach()
            ownBody = newValue
        }
    }

    private mutating func detach() {
        guard let answer = prepared else { return }
        ownHeaders = answer.headers
        ownBody = .bytes(answer.body)
        prepared = nil
    }
}

extension Response {
    /// Plain text in UTF-8.
    public static func text(_ text: String, status: Status = .ok) -> Response {
        Response(status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    /// A page in UTF-8.
    public static func html(_ bytes: [UInt8], status: Status = .ok) -> Response {
        Response(status, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(bytes))
    }

    /// A JSON document, already written.
    public static func json(_ bytes: [UInt8], status: Status = .ok) -> Response {
        Response(status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
    }

    /// Sends the browser elsewhere; 303 turns a form post into a plain `GET`.
    ///
    /// `location` is written as it is: it must be a URI reference already encoded.
    public static func redirect(to location: String, status: Status = .seeOther) -> Response {
        Response(status, headers: ["Location": location])
    }
}
