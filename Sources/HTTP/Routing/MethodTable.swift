/// Who answers which method on one path.
struct MethodTable: Sendable {
    /// The place of the route in `Router.patterns`.
    let route: UInt16
    private var get: RequestResponder?
    private var post: RequestResponder?
    private var options: RequestResponder?
    private var others: [Method: RequestResponder] = [:]
    /// Bytes of content, for methods that take more or less than the server does by default.
    var bodyLimits: [Method: Int] = [:]

    init(route: UInt16) {
        self.route = route
    }

    /// Adds a responder; false if the method has one.
    mutating func add(_ method: Method, _ respond: @escaping RequestResponder) -> Bool {
        guard self[method] == nil else { return false }
        switch method {
        case .get: get = respond
        case .post: post = respond
        case .options: options = respond
        default: others[method] = respond
        }
        return true
    }

    private subscript(method: Method) -> RequestResponder? {
        switch method {
        case .get: get
        case .post: post
        case .options: options
        default: others[method]
        }
    }

    /// The responder for a method.
    ///
    /// `HEAD` is answered by the one for `GET`; the server leaves the content out.
    func responder(for method: Method) -> RequestResponder? {
        self[method] ?? (method == .head ? get : nil)
    }

    /// The methods in the order of an `Allow` field.
    var allowed: [Method] {
        var methods: [Method] = []
        if get != nil { methods += [.get, .head] }
        if post != nil { methods.append(.post) }
        if options != nil { methods.append(.options) }
        return methods + others.keys.filter { !methods.contains($0) }.sorted { $0.text < $1.text }
    }
}
