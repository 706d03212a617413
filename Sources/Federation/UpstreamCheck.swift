import HTTP
import JOSE
import JSON
import OAuthTypes
import Stores

/// One step of the handshake with a provider, tried without a person.
public struct UpstreamCheck: Sendable, Equatable {
    /// The steps, in order.
    public enum Part: String, Sendable, CaseIterable {
        /// What the provider says of itself.
        case discovery
        /// Its keys.
        case keys
        /// Whether it takes our id and secret.
        case client
        /// Whether it takes our authorization request.
        case request
    }

    /// What came of a step.
    public enum Outcome: Sendable, Equatable {
        /// As it should be.
        case passed
        /// Not as it should be.
        case failed(UpstreamFault.Reason)
        /// The provider does not say; a sign-in will show.
        case open
    }

    /// The step.
    public let part: Part
    /// What came of it.
    public let outcome: Outcome
}

extension Upstream {
    /// Tries every step that needs no person, and stops where the next one would be in vain.
    ///
    /// The provider sees a code that it never gave and one authorization request.
    public func check() async -> [UpstreamCheck] {
        var checks: [UpstreamCheck] = []
        let metadata: UpstreamMetadata
        do throws(UpstreamFault) {
            metadata = try await self.metadata()
            checks.append(UpstreamCheck(part: .discovery, outcome: .passed))
        } catch {
            return [UpstreamCheck(part: .discovery, outcome: UpstreamCheck.Outcome(error))]
        }
        if connector.kind == .openID {
            checks.append(UpstreamCheck(part: .keys, outcome: await checkKeys(metadata)))
        }
        checks.append(UpstreamCheck(part: .client, outcome: await checkClient(metadata)))
        checks.append(UpstreamCheck(part: .request, outcome: await checkRequest()))
        return checks
    }

    private func checkKeys(_ metadata: UpstreamMetadata) async -> UpstreamCheck.Outcome {
        guard let address = metadata.keySetAddress else { return .failed(.malformedDiscovery) }
        do throws(UpstreamFault) {
            let answer = try await call(OutgoingCall(.get, address, limit: 256 * 1024))
            guard answer.status == 200, let document = try? JSONObject(parsing: answer.body),
                (try? JWKSet(document)) != nil
            else { return .failed(.noKeys) }
            return .passed
        } catch {
            return UpstreamCheck.Outcome(error)
        }
    }

    /// Redeems a code that nobody has given out: who takes us for who we are refuses the code and not us.
    private func checkClient(_ metadata: UpstreamMetadata) async -> UpstreamCheck.Outcome {
        let state = SignInState(
            to: connector.id, in: TokenDigest(bytes: SHA256.digest(of: []).bytes)!, for: "check", isFresh: false,
            at: parts.clock.now, random: parts.random)
        do throws(UpstreamFault) {
            _ = try await redeem("martlet-connector-test", state, metadata)
            return .open
        } catch {
            switch error {
            case .foreignAnswer(.refusedCode): return .passed
            case .misconfigured(.refusedRequest): return .open
            default: return UpstreamCheck.Outcome(error)
            }
        }
    }

    private func checkRequest() async -> UpstreamCheck.Outcome {
        do throws(UpstreamFault) {
            let address = try await authorizationAddress(
                for: "check", in: TokenDigest(bytes: SHA256.digest(of: []).bytes)!)
            let answer = try await call(OutgoingCall(.get, address, limit: 2 * 1024 * 1024))
            return (400..<500).contains(answer.status) ? .failed(.refusedRequest) : .passed
        } catch {
            // To be sent on to a page is what should happen.
            return error == .unavailable(.redirected) ? .passed : UpstreamCheck.Outcome(error)
        }
    }
}

extension UpstreamCheck.Outcome {
    fileprivate init(_ fault: UpstreamFault) {
        self = fault.reason.map { .failed($0) } ?? .open
    }
}
