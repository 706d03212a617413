/// The route table: which responder answers a path and a method.
///
/// RFC 9110 §9.1, §15.5.5, §15.5.6.
///
/// An exact path wins over a pattern, a pattern over a mount, the longer mount over the shorter. Once a path has
/// matched, its methods decide: there is no falling through to the next kind. A slash at the end makes another path.
public struct Router: Sendable {
    /// Makes the answer to a request that no route takes.
    public typealias Fallback = @Sendable (Request, RouteMiss) async -> Response

    private struct Pattern: Sendable {
        let segments: [Substring]
        var methods: MethodTable
    }

    private var exact: [String: MethodTable] = [:]
    private var withParameters: [Pattern] = []
    private var mounts: [(prefix: String, methods: MethodTable)] = []
    private let fallback: Fallback
    /// The patterns of the routes, in the order of adding, behind one that stands for none of them.
    ///
    /// The notes of an answer name the route by its place here.
    public private(set) var patterns = ["-"]
    private var hasBodyLimits = false

    /// A router of these routes.
    ///
    /// Without a `fallback`, a miss is answered by the status as plain text.
    public init(
        _ routes: [Route] = [],
        fallback: @escaping Fallback = { _, miss in .text("\(miss.status)\n", status: miss.status) }
    ) {
        self.fallback = fallback
        for route in routes { add(route) }
    }

    /// Adds a route.
    ///
    /// Two routes of the same method and pattern are a mistake in the program and stop it.
    public mutating func add(_ route: Route) {
        let isNew: Bool
        if route.pattern.utf8.contains(UInt8(ascii: ":")) {
            let segments = Self.segments(route.pattern)
            let index = withParameters.firstIndex { $0.segments == segments } ?? withParameters.endIndex
            if index == withParameters.endIndex {
                withParameters.append(Pattern(segments: segments, methods: MethodTable(route: place(route.pattern))))
            }
            isNew = withParameters[index].methods.add(route.method, route.respond)
            withParameters[index].methods.bodyLimits[route.method] = route.bodyLimit
        } else {
            if exact[route.pattern] == nil { exact[route.pattern] = MethodTable(route: place(route.pattern)) }
            isNew = exact[route.pattern]?.add(route.method, route.respond) ?? false
            exact[route.pattern]?.bodyLimits[route.method] = route.bodyLimit
        }
        hasBodyLimits = hasBodyLimits || route.bodyLimit != nil
        precondition(isNew, "two routes for \(route.method) \(route.pattern)")
    }

    /// Adds a route: `router.on(.get, "/health") { _ in .text("up") }`.
    public mutating func on(_ method: Method, _ pattern: String, respond: @escaping RequestResponder) {
        add(Route(method, pattern, respond: respond))
    }

    /// Gives every path that begins with `prefix` (which ends with `/`) to one responder, such as static files.
    public mutating func mount(_ prefix: String, _ method: Method = .get, respond: @escaping RequestResponder) {
        precondition(prefix.hasSuffix("/"), "a mount ends with a slash: \(prefix)")
        let index = mounts.firstIndex { $0.prefix == prefix } ?? mounts.endIndex
        if index == mounts.endIndex { mounts.append((prefix, MethodTable(route: place(prefix)))) }
        let isNew = mounts[index].methods.add(method, respond)
        precondition(isNew, "two mounts for \(method) \(prefix)")
        mounts.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
    }

    /// Gives a pattern its place.
    private mutating func place(_ pattern: String) -> UInt16 {
        patterns.append(pattern)
        return UInt16(clamping: patterns.count - 1)
    }

    /// Answers a request.
    public func respond(to request: Request) async -> Response {
        if let methods = exact[request.path] {
            return await answer(request, methods)
        }
        if let (pattern, values) = pattern(matching: request.path) {
            var request = request
            let names = pattern.segments.filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
            request.pathParameters = PathParameters(names: names, values: values)
            return await answer(request, pattern.methods)
        }
        if let mount = mounts.first(where: { request.path.utf8.starts(with: $0.prefix.utf8) }) {
            return await answer(request, mount.methods)
        }
        return await fallback(request, .notFound)
    }

    /// Bytes of content that the route of a path takes, where it says so: for `ServerConfiguration.Limits.bodyOfRoute`.
    public func bodyLimit(_ method: Method, _ path: String) -> Int? {
        guard hasBodyLimits else { return nil }
        let methods = exact[path] ?? pattern(matching: path)?.0.methods
        return methods?.bodyLimits[method]
    }

    private func answer(_ request: Request, _ methods: MethodTable) async -> Response {
        if let respond = methods.responder(for: request.method) {
            var response = await respond(request)
            response.notes.route = methods.route
            return response
        }
        var response = await fallback(request, .methodNotAllowed(methods.allowed))
        response.notes.route = methods.route
        response.headers.set("Allow", methods.allowed.map(\.text).joined(separator: ", "))
        return response
    }

    /// The first pattern that fits, in the order of adding, with the values of its parameters.
    private func pattern(matching path: String) -> (Pattern, [String])? {
        guard !withParameters.isEmpty else { return nil }
        let segments = Self.segments(path)
        for pattern in withParameters where pattern.segments.count == segments.count {
            var values: [String] = []
            let fits = zip(pattern.segments, segments).allSatisfy { expected, actual in
                guard expected.utf8.first == UInt8(ascii: ":") else { return expected == actual }
                values.append(String(actual))
                return !actual.isEmpty
            }
            if fits { return (pattern, values) }
        }
        return nil
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}
