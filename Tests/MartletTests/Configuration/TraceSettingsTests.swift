import Testing

@testable import Martlet

@Suite("Settings of traces")
struct TraceSettingsTests {
    private func traces(_ variables: [String: String]) throws -> TraceSettings? {
        try ServeConfiguration(Settings(environment: variables.map { ($0.key, $0.value) }), hasIPv6: true)
            .settings.traces
    }

    @Test func nothingIsSentUnlessACollectorIsNamed() throws {
        #expect(try traces([:]) == nil)
        #expect(try traces(["MARTLET_TRACE_PERCENT": "100"]) == nil)
        let address = "https://collector.example/v1/traces"
        #expect(try traces(["MARTLET_TRACES": address]) == TraceSettings(address: address, percent: 10))
        let all = ["MARTLET_TRACES": address, "MARTLET_TRACE_PERCENT": "100"]
        #expect(try traces(all) == TraceSettings(address: address, percent: 100))
    }

    @Test func plainTextIsForThisMachineAlone() throws {
        for address in ["http://127.0.0.1:4318/v1/traces", "http://[::1]:4318/", "http://localhost:4318/"] {
            #expect(try traces(["MARTLET_TRACES": address])?.isPlain == true)
        }
        for address in [
            "http://collector.example/v1/traces", "http://127.0.0.1.example:4318/", "http://localhost.example/",
            "http://127.0.0.1:4318@collector.example/", "collector.example", "",
        ] {
            #expect(throws: ConfigurationError.self) { try traces(["MARTLET_TRACES": address]) }
        }
        #expect(throws: ConfigurationError.self) { try traces(["MARTLET_TRACE_PERCENT": "101"]) }
    }
}
