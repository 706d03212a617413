import JOSE
import JSON
import TokenVerifier

/// What a service that imports `TokenVerifier` can verify on one core.
enum VerifierRow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try bench.processors.onServerCore {
            for (algorithm, seen, unseen) in [
                (SignatureAlgorithm.es256, MetricName.es256Seen, MetricName.es256Unseen),
                (.rs256, .rs256Seen, .rs256Unseen),
            ] {
                let sample = try AccessTokenSample(algorithm)
                try measure(bench, sample, remembering: 8192, seen, "the same token again", &report)
                try measure(bench, sample, remembering: 0, unseen, "every token for the first time", &report)
            }
        }
    }

    private static func measure(
        _ bench: Bench, _ sample: AccessTokenSample, remembering limit: Int, _ name: MetricName,
        _ explanation: String, _ report: inout RowReport
    ) throws {
        let rules = TokenRules(issuer: AccessTokenSample.issuer, audience: AccessTokenSample.issuer)
        let verifier = AccessTokenVerifier(
            rules, keys: IssuerKeys(at: "keys", by: SampleKeys(keys: sample.keys)), remembering: limit)
        let token = sample.text
        let (seconds, rounds) = bench.options.isQuick ? (0.1, 3) : (0.3, 8)
        let costs = try Awaited.value {
            var costs: [Double] = []
            for round in 0...rounds {
                let start = Monotonic.now
                let processorStart = Rate.processorTime(of: Rate.threadClock)
                var count = 0
                while Monotonic.seconds(since: start) < seconds {
                    for _ in 0..<64 { _ = try await verifier.verify(token) }
                    count += 64
                }
                let cost = (Rate.processorTime(of: Rate.threadClock) - processorStart) / Double(count)
                // The first one fetched the keys.
                if round > 0 { costs.append(cost) }
            }
            return costs
        }
        report.add(name, Figure(costs.map { 1 / $0 }, .perSecond), explanation)
    }
}

/// The key set of a token, as if it had been fetched.
private struct SampleKeys: KeySetSource {
    let keys: JWKSet

    func document(
        at address: String, unless validator: String?
    ) async throws(KeySetFailure) -> PublishedDocument {
        .document(keys.jsonBytes(), lifetime: .seconds(300), validator: nil)
    }
}
