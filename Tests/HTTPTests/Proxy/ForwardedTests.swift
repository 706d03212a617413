import Reactor
import Testing

@testable import HTTP

@Suite("The client behind proxies")
struct ForwardedTests {
    private static let peer = TrustedProxies.Client(address: PeerAddress("10.0.0.1", port: 7)!, isSecure: false)

    private func proxies(_ fields: TrustedProxies.Fields) throws -> TrustedProxies {
        TrustedProxies(networks: [try Network("10.0.0.0/8"), try Network("2001:db8:aaaa::/48")], fields: fields)
    }

    private func client(_ fields: TrustedProxies.Fields, _ headers: Headers) throws -> String {
        let client = try proxies(fields).client(behind: Self.peer, headers)
        return client.address.description + (client.isSecure ? " https" : "")
    }

    @Test(arguments: [
        (["192.0.2.1"], "192.0.2.1"), (["192.0.2.1:8080"], "192.0.2.1"), (["2001:db8::1"], "2001:db8::1"),
        (["[2001:db8::1]"], "2001:db8::1"), (["[2001:db8::1]:80"], "2001:db8::1"),
        (["::ffff:192.0.2.1"], "192.0.2.1"),
        // The nearest hop that is no proxy of ours; what stands left of it may be anything.
        (["6.6.6.6, 192.0.2.1"], "192.0.2.1"), (["6.6.6.6, 192.0.2.1, 10.1.1.1"], "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1 ,\t10.1.1.1", "10.2.2.2"], "192.0.2.1"), (["rubbish, \", 192.0.2.1"], "192.0.2.1"),
        (["10.9.9.9, 192.0.2.1"], "192.0.2.1"), (["192.0.2.1, 2001:db8:aaaa::7"], "192.0.2.1"),
        (["192.0.2.1, ::ffff:10.3.3.3"], "192.0.2.1"),
        // All are ours: the first.
        (["10.9.9.9, 10.1.1.1"], "10.9.9.9"),
    ])
    func theNearestStrangerOfXForwardedForIsTheClient(_ lines: [String], _ expected: String) throws {
        var headers = Headers()
        for line in lines { headers.add("X-Forwarded-For", line) }
        #expect(try client(.xForwarded, headers) == expected)
        // The same by somebody who is not trusted means nothing: see ProxyServerTests.
        #expect(try client(.forwarded, headers) == "10.0.0.1")
    }

    @Test(arguments: [
        "", "rubbish", "192.0.2.1, ", "192.0.2.1, rubbish", "192.0.2.1, 300.1.1.1", "192.0.2.1, unknown",
        "192.0.2.1 6.6.6.6",
        "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:8o", "[192.0.2.1]", "[2001:db8::1", "2001:db8::1]",
        "[2001:db8::1]80",
        "rubbish, 10.1.1.1", ",", "192.0.2.1,,10.1.1.1", "_hidden", "\"192.0.2.1\"", "192.0.2.1/32", "localhost",
        "fe80::1%eth0",
    ])
    func whatIsMalformedWhereItMattersCountsAsThePeers(_ line: String) throws {
        #expect(try client(.xForwarded, ["X-Forwarded-For": line]) == "10.0.0.1")
        #expect(try client(.xForwarded, ["X-Forwarded-For": line + ", 192.0.2.1"]) == "192.0.2.1")
    }

    @Test func aChainWithoutEndCountsAsThePeers() throws {
        let hops = Array(repeating: "10.1.1.1", count: 16)
        #expect(try client(.xForwarded, ["X-Forwarded-For": hops.joined(separator: ",")]) == "10.1.1.1")
        let more = ["192.0.2.1"] + hops
        #expect(try client(.xForwarded, ["X-Forwarded-For": more.joined(separator: ",")]) == "10.0.0.1")
        let many = Array(repeating: "6.6.6.6", count: 2000) + ["192.0.2.1"]
        #expect(try client(.xForwarded, ["X-Forwarded-For": many.joined(separator: ",")]) == "192.0.2.1")
    }

    @Test(arguments: [
        (["192.0.2.1"], ["https"], "192.0.2.1 https"), (["192.0.2.1"], ["HTTPS"], "192.0.2.1 https"),
        (["192.0.2.1"], ["http"], "192.0.2.1"), (["192.0.2.1"], [], "192.0.2.1"),
        (["192.0.2.1"], ["https", "http"], "192.0.2.1"), (["192.0.2.1"], ["httpsx"], "192.0.2.1"),
        (["192.0.2.1, 10.1.1.1"], ["https"], "192.0.2.1 https"),
        (["192.0.2.1, 10.1.1.1"], ["https, http"], "192.0.2.1 https"),
        (["192.0.2.1, 10.1.1.1"], ["http, https"], "192.0.2.1"),
        (["192.0.2.1, 10.1.1.1"], ["https, https, https"], "192.0.2.1"),
        ([], ["https"], "10.0.0.1"), (["rubbish"], ["https"], "10.0.0.1"),
    ])
    func theProtocolIsThatOfTheClientsHop(_ hops: [String], _ protocols: [String], _ expected: String) throws {
        var headers = Headers()
        for line in hops { headers.add("X-Forwarded-For", line) }
        for line in protocols { headers.add("X-Forwarded-Proto", line) }
        #expect(try client(.xForwarded, headers) == expected)
    }

    @Test(arguments: [
        (["for=192.0.2.1"], "192.0.2.1"), (["For=\"192.0.2.1:80\";proto=https"], "192.0.2.1 https"),
        (["for=\"[2001:db8::1]\";by=10.0.0.1;host=evil.example"], "2001:db8::1"),
        (["for=\"[2001:db8::1]:4711\""], "2001:db8::1"), (["proto=https;for=192.0.2.1"], "192.0.2.1 https"),
        (["for=6.6.6.6;proto=https, for=192.0.2.1;proto=http, for=10.1.1.1;proto=https"], "192.0.2.1"),
        (["for=6.6.6.6", "for=192.0.2.1;proto=https", "for=10.1.1.1"], "192.0.2.1 https"),
        // An open quote of the client's swallows nothing of ours.
        (["for=\"6.6.6.6", "for=192.0.2.1"], "192.0.2.1"), (["for=\"192.0.2.\\1\" "], "192.0.2.1"),
        (["for=unknown, for=192.0.2.1"], "192.0.2.1"), (["for=10.9.9.9, for=10.1.1.1"], "10.9.9.9"),
    ])
    func theNearestStrangerOfForwardedIsTheClient(_ lines: [String], _ expected: String) throws {
        var headers = Headers()
        for line in lines { headers.add("Forwarded", line) }
        #expect(try client(.forwarded, headers) == expected)
        #expect(try client(.xForwarded, headers) == "10.0.0.1")
    }

    @Test(arguments: [
        "", "for", "for=", "for=192.0.2.1;", "for=192.0.2.1,", "for=192.0.2.1 for=6.6.6.6", "for=2001:db8::1",
        "192.0.2.1",
        "for=\"192.0.2.1", "for=\"192.0.2.1\"x", "for=192.0.2.1;for=6.6.6.6", "for=192.0.2.1;;proto=https",
        "for=_gazonk",
        "for=unknown", "by=192.0.2.1", "for=192.0.2.1, for=\"x", "for=\"192.0.2.1\\", "for =192.0.2.1",
        "for=\"x, for=192.0.2.1;by=\"y\"",
    ])
    func whatIsOutsideTheGrammarOfForwardedCountsAsThePeers(_ line: String) throws {
        #expect(try client(.forwarded, ["Forwarded": line]) == "10.0.0.1")
        var headers: Headers = ["Forwarded": line]
        headers.add("Forwarded", "for=192.0.2.1")
        #expect(try client(.forwarded, headers) == "192.0.2.1")
    }
}
