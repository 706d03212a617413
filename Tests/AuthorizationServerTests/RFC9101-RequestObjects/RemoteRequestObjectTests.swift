import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

@Suite("Request objects by reference", .spec("RFC 9101 §5.2", "OpenID Connect Core §6.2"))
struct RemoteRequestObjectTests {
    private static let address = RequestObjectBench.address
    private static let members: JSONObject = [
        "request_uris": [.string(address), .string(address + "#v1"), .string(address + "#v2")]
    ]

    private static func serve(_ text: String, in bench: RequestObjectBench) {
        bench.documents.serve(RemoteDocument(bytes: Array(text.utf8), type: "application/oauth-authz-req+jwt"))
    }

    private func bench() async throws -> RequestObjectBench { try await RequestObjectBench(members: Self.members) }

    @Test(.spec("A-79"))
    func theObjectAtARegisteredAddressIsTheRequest() async throws {
        let bench = try await bench()
        Self.serve(try bench.signed(["prompt": "none"]) + "\n", in: bench)
        let answer = try #require(try await bench.decide([.requestURI: Self.address]).answer)
        #expect(answer.refusal == .loginRequired && answer[.state] == "inside")
        // The fragment is compared and not sent.
        #expect(try await bench.decide([.requestURI: Self.address + "#v1"]).answer?.refusal == .loginRequired)
        #expect(bench.documents.asked == [Self.address])
    }

    @Test(
        .spec("A-78", "RFC 9101 §10.4"),
        arguments: [
            address + "#v3", address + "#", address + "#v1#", address + "?x", address + "/",
            "https://shop.example/requests/2",
            "https://SHOP.example/requests/1", "http://shop.example/requests/1", "https://evil.example/requests/1",
            "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c", "file:///etc/passwd", "data:,x", "x",
        ])
    func nothingElseIsEverAsked(_ address: String) async throws {
        let bench = try await bench()
        Self.serve(try bench.signed(), in: bench)
        let refusal = try await bench.refusal([.requestURI: address])
        #expect(refusal?.code == .invalidRequestURI && refusal?.advice?.contains(Self.address) == true)
        #expect(bench.documents.asked.isEmpty)
        #expect(try await bench.isTaken([.requestURI: Self.address]))
    }

    @Test(.spec("A-78"))
    func whatCannotBeFetchedOrIsSomethingElseIsRefused() async throws {
        let bench = try await bench()
        #expect(try await bench.refusal([.requestURI: Self.address])?.code == .invalidRequestURI)
        bench.server.clock.advance(by: .seconds(6))
        bench.documents.serve(RemoteDocument(bytes: Array("eyJ".utf8), type: "text/html"))
        #expect(try await bench.refusal([.requestURI: Self.address])?.code == .invalidRequestURI)
        bench.server.clock.advance(by: .seconds(6))
        bench.documents.serve(RemoteDocument(bytes: [0xFF, 0xFE], type: "application/jwt"))
        #expect(try await bench.refusal([.requestURI: Self.address])?.code == .invalidRequestURI)
        bench.server.clock.advance(by: .seconds(6))
        bench.documents.serve(RemoteDocument(bytes: Array("eyJ".utf8), type: "application/jwt"))
        #expect(try await bench.refusal([.requestURI: Self.address])?.code == .invalidRequestObject)
        bench.server.clock.advance(by: .seconds(6))
        let long = try bench.signed(["state": .string(String(repeating: "s", count: 9_000))])
        bench.documents.serve(RemoteDocument(bytes: Array(long.utf8), type: "application/jwt"))
        #expect(try await bench.refusal([.requestURI: Self.address])?.code == .invalidRequestObject)
        bench.server.clock.advance(by: .seconds(6))
        bench.documents.serve(RemoteDocument(bytes: Array(try bench.signed().utf8), type: "application/jwt"))
        #expect(try await bench.isTaken([.requestURI: Self.address]))
    }

    @Test func anObjectIsKeptForAWhileAndAnotherFragmentIsAnotherObject() async throws {
        let bench = try await bench()
        Self.serve(try bench.signed(["state": "first", "prompt": "none"]), in: bench)
        func state(_ address: String) async throws -> String? {
            try await bench.decide([.requestURI: address]).answer?[.state]
        }
        #expect(try await state(Self.address + "#v1") == "first")
        Self.serve(try bench.signed(["state": "second", "prompt": "none"]), in: bench)
        #expect(try await state(Self.address + "#v1") == "first")
        // Names cost their client nothing, and so are no reason to ask at once.
        #expect(try await state(Self.address + "#v2") == "first")
        bench.server.clock.advance(by: .seconds(6))
        #expect(try await state(Self.address + "#v2") == "second")
        #expect(bench.documents.asked.count == 2)
        let lasting = RemoteDocument(
            bytes: Array(try bench.signed(["state": "third", "prompt": "none"]).utf8), type: nil, lifetime: .seconds(60)
        )
        bench.server.clock.advance(by: .seconds(6))
        bench.documents.serve(lasting)
        #expect(try await state(Self.address) == "third")
        bench.server.clock.advance(by: .seconds(59))
        #expect(try await state(Self.address) == "third")
        #expect(bench.documents.asked.count == 3)
        // However long it lasts, another fragment is another object.
        #expect(try await state(Self.address + "#v1") == "third")
        #expect(bench.documents.asked.count == 4)
        bench.server.clock.advance(by: .seconds(61))
        #expect(try await state(Self.address + "#v1") == "third")
        #expect(bench.documents.asked.count == 5)
    }

    /// Documents that come when the test says so.
    private final class SlowDocuments: RemoteDocuments {
        private let state = Mutex<(open: [CheckedContinuation<Void, Never>], asked: Int)>(([], 0))
        let bytes: [UInt8]

        init(_ text: String) { bytes = Array(text.utf8) }

        var asked: Int { state.withLock(\.asked) }

        func letGo() {
            for continuation in state.withLock({ state in
                defer { state.open = [] }; return state.open
            }) {
                continuation.resume()
            }
        }

        func fetch(
            _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
        ) async throws -> RemoteDocument {
            await withCheckedContinuation { continuation in
                state.withLock {
                    $0.asked += 1
                    $0.open.append(continuation)
                }
            }
            try Task.checkCancellation()
            return RemoteDocument(bytes: bytes, type: nil)
        }
    }

    @Test func whoeverGoesAwayMakesItFailForNobodyElse() async throws {
        let model = try await bench()
        let documents = SlowDocuments(try model.signed(["prompt": "none"]))
        let server = try await TestServer(documents: documents)
        try await server.register(model.client)
        let form = model.request([.requestURI: Self.address])
        let ask: @Sendable () async throws -> AuthorizationAnswer? = {
            try await AuthorizationEndpoint(server.environment).respond(to: form, from: server.browser()).answer
        }
        let impatient = Task { try await ask() }
        while documents.asked == 0 { await Task.yield() }
        impatient.cancel()
        let patient = Task { try await ask() }
        let pump = Task {
            while !Task.isCancelled {
                documents.letGo()
                await Task.yield()
            }
        }
        #expect(try await impatient.value?.refusal == .invalidRequestURI)
        #expect(try await patient.value?.refusal == .loginRequired)
        pump.cancel()
        await pump.value
    }

    @Test func manyWhoFollowOneLinkMakeOneRequest() async throws {
        let model = try await bench()
        let documents = SlowDocuments(try model.signed(["prompt": "none"]))
        let server = try await TestServer(documents: documents)
        try await server.register(model.client)
        let form = model.request([.requestURI: Self.address])
        let states = try await withThrowingTaskGroup { tasks in
            for _ in 0..<20 {
                tasks.addTask {
                    try await AuthorizationEndpoint(server.environment).respond(to: form, from: server.browser())
                        .answer?[.state]
                }
            }
            while documents.asked == 0 { await Task.yield() }
            tasks.addTask {
                // Whoever comes later than this finds the object kept.
                documents.letGo()
                return nil
            }
            var states: [String] = []
            for try await state in tasks { if let state { states.append(state) } }
            return states
        }
        #expect(states == Array(repeating: "inside", count: 20))
        #expect(documents.asked == 1)
    }

    @Test(.spec("RFC 9101 §10.4")) func aStrangerHoldsNobodyElseUp() async throws {
        // A tarpit of one client: many addresses, at several hosts, each under many names.
        let addresses = (0..<6).map { "https://tar\($0 % 3).example/\($0)" }
        let model = try await RequestObjectBench(
            members: ["request_uris": .array(addresses.flatMap { [.string($0), .string($0 + "#2")] })])
        let documents = SlowDocuments(try model.signed(["prompt": "none"]))
        let server = try await TestServer(documents: documents)
        try await server.register(model.client)
        func code(_ address: String, _ client: String = "jar") async throws -> OAuthError.Code? {
            let form = model.request([.requestURI: address, .clientID: client])
            return try await AuthorizationEndpoint(server.environment).respond(to: form, from: server.browser())
                .answer?.refusal
        }
        var other = Client.confidential("other", redirectURIs: ["https://shop.example/a"])
        other.metadata = model.client.metadata
        other.metadata.requestURIs = ["https://other.example/r", addresses[1]].compactMap { RequestObjectAddress($0) }
        try await server.register(other)
        try await withThrowingTaskGroup { tasks in
            for address in addresses.prefix(2) { tasks.addTask { try await code(address) } }
            while documents.asked < 2 { await Task.yield() }
            // It has its two, at whatever host; another name of one that is being fetched waits for that.
            for address in addresses.dropFirst(2) { #expect(try await code(address) == .temporarilyUnavailable) }
            #expect(documents.asked == 2)
            tasks.addTask { try await code(addresses[0] + "#2") }
            // Somebody else is asked for; the object is not theirs, but it came.
            tasks.addTask {
                try await code("https://other.example/r", "other") == .invalidRequestObject ? nil : .serverError
            }
            while documents.asked < 3 { await Task.yield() }
            let pump = Task {
                while !Task.isCancelled {
                    documents.letGo()
                    await Task.yield()
                }
            }
            for try await refusal in tasks { #expect(refusal == .loginRequired || refusal == nil) }
            pump.cancel()
            await pump.value
        }
        #expect(documents.asked == 3)
    }

    /// There is no room to ask anybody, until there is.
    private final class Congested: RemoteDocuments {
        private let state = Mutex<(isBusy: Bool, asked: Int)>((true, 0))
        let bytes: [UInt8]

        init(_ text: String) { bytes = Array(text.utf8) }

        var asked: Int { state.withLock(\.asked) }

        func clear() { state.withLock { $0.isBusy = false } }

        func fetch(
            _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
        ) async throws -> RemoteDocument {
            let isBusy = state.withLock { state in
                state.asked += 1
                return state.isBusy
            }
            guard !isBusy else { throw RemoteCongestion() }
            return RemoteDocument(bytes: bytes, type: nil)
        }
    }

    @Test func wantOfRoomIsNoAnswerAndNotKept() async throws {
        let model = try await bench()
        let documents = Congested(try model.signed(["prompt": "none"]))
        let server = try await TestServer(documents: documents)
        try await server.register(model.client)
        func code() async throws -> OAuthError.Code? {
            let form = model.request([.requestURI: Self.address])
            return try await AuthorizationEndpoint(server.environment).respond(to: form, from: server.browser())
                .answer?.refusal
        }
        #expect(try await code() == .temporarilyUnavailable)
        documents.clear()
        #expect(try await code() == .loginRequired)
        #expect(documents.asked == 2)
    }
}
