import HTTP
import Identity
import OAuthTypes
import Pages

/// A challenge as a page shows it, with what the page must then allow.
struct ShownChallenge: Sendable {
    let box: ChallengeBox
    /// Where the provider's script and frames come from.
    let sources: [String]
    /// Why the form before was not taken; nil where there was none.
    let problem: ChallengeBox.Problem?

    fileprivate init(_ form: ChallengeForm, _ purpose: ChallengeOccasion.Purpose, _ problem: ChallengeBox.Problem?) {
        self.problem = problem
        switch form {
        case .work(let puzzle):
            box = .work(
                token: puzzle.token, text: puzzle.text, bits: puzzle.bits, rounds: puzzle.rounds,
                waitSeconds: puzzle.waitSeconds)
            sources = []
        case .widget(let provider, let siteKey):
            box = .widget(
                elementClass: provider.elementClass, siteKey: siteKey, script: provider.script,
                purpose: purpose.rawValue)
            sources = provider.sources
        }
    }
}

extension ChallengeGate {
    /// What a page shows before anything was posted; nil where nothing is asked.
    func shown(for occasion: ChallengeOccasion, account: String) -> ShownChallenge? {
        guard isWanted(for: occasion, account: account) else { return nil }
        return ShownChallenge(form(for: occasion), occasion.purpose, nil)
    }

    /// What keeps a posted form from being taken; nil where it may go on.
    ///
    /// To be asked once for each form and before anything is done: an answer that was right is spent.
    func obstacle(_ posted: FormParameters, for occasion: ChallengeOccasion, account: String) async -> ShownChallenge? {
        guard isWanted(for: occasion, account: account) else { return nil }
        let answer = ChallengeAnswer { posted[Parameter($0)] }
        let verdict = await verify(answer, for: occasion)
        let problem: ChallengeBox.Problem
        switch verdict {
        case .passed: return nil
        case .failed: problem = .failed
        // Rounded up: who comes back then shall not be early.
        case .tooEarly(let left): problem = .tooEarly(seconds: Int(clamping: left.wholeSeconds + 1))
        case .unavailable: problem = .unavailable
        }
        return ShownChallenge(form(for: occasion, after: answer, verdict), occasion.purpose, problem)
    }
}

extension Request {
    /// What somebody is about to do, from this place in this browser.
    func occasion(_ purpose: ChallengeOccasion.Purpose, subject: String = "", browser: String?) -> ChallengeOccasion {
        ChallengeOccasion(purpose, subject: subject, browser: browser ?? "", origin: SignInOrigin(address: peer.bytes))
    }
}
