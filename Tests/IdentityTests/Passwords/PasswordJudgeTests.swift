import OAuthTypes
import Testing

@testable import Identity

@Suite("Verdict on passwords")
struct PasswordJudgeTests {
    /// Three words that nobody would put together: strong at any of the lengths below.
    private static let strong = "vT7#qpXz9!Lm wyK4&gH"

    @Test(
        "W-01: 15 characters alone, 8 beside a second factor",
        arguments: [
            (14, PasswordOwner.Factors.passwordAlone, false), (15, .passwordAlone, true),
            (7, .withSecondFactor, false), (8, .withSecondFactor, true),
        ])
    func lengthDependsOnTheSecondFactor(_ length: Int, _ factors: PasswordOwner.Factors, _ isAcceptable: Bool) {
        var rules = PasswordRules()
        rules.minimumScore = 2
        let judge = PasswordJudge(rules: rules, words: PasswordFiles.words, breached: nil)
        let verdict = judge.judge(String(Self.strong.prefix(length)), of: PasswordOwner(factors: factors))
        #expect(verdict.isAcceptable == isAcceptable)
        #expect(verdict.refusal == (isAcceptable ? nil : .tooShort))
        #expect(verdict.minimumLength == (factors == .passwordAlone ? 15 : 8))
    }

    @Test("W-01: counted by code point, long ones and any script allowed")
    func everyCharacterCounts() {
        let judge = PasswordFiles.judge
        #expect(judge.judge("мой дядя самых честных").isAcceptable)
        #expect(judge.judge("🐦🦆🦉🦩🐧🦚🦜🐓🦃🕊🦢🦤🐥🐔🦅").isAcceptable)
        #expect(judge.judge(String(repeating: Self.strong + "Q", count: 4)).isAcceptable)
        #expect(judge.judge(String(Self.strong.prefix(8)) + "a\u{308}").minimumLength == 15)
        #expect(judge.judge(String(repeating: "k7#Q", count: 256) + "x").refusal == .tooLong)
        #expect(judge.judge("").refusal == .tooShort)
    }

    @Test("W-03: too easy is refused with the reason")
    func weakIsRefused() {
        let weak = PasswordFiles.judge.judge("passwordpassword")
        #expect(weak.refusal == .tooWeak && weak.warning == .repeats)
        #expect(PasswordFiles.judge.judge("walnut harbour quilt").refusal == nil)
        var rules = PasswordRules()
        rules.minimumScore = 0
        let lenient = PasswordJudge(rules: rules, words: PasswordFiles.words, breached: nil)
        #expect(lenient.judge("passwordpassword").isAcceptable)
    }

    @Test("W-03: breached ones are refused with the reason")
    func breachedIsRefused() throws {
        let folder = ScratchFolder()
        let builder = FilterBuilder(output: folder.path + "/f", madeAt: .init(seconds: 0))
        try builder.add(Array("walnut harbour quilt".utf8)[...])
        try builder.add(Array("passwordpassword".utf8)[...])
        try builder.finish()
        let filter = try BreachedPasswords(path: folder.path + "/f")
        let judge = PasswordJudge(words: PasswordFiles.words, breached: filter)
        let verdict = judge.judge("walnut harbour quilt")
        #expect(verdict.refusal == .breached && verdict.score == 0 && verdict.suggestions.contains(.another))
        #expect(judge.judge("passwordpassword").refusal == .breached)
        #expect(judge.judge("walnut harbour quilts").isAcceptable)
    }

    @Test func aServiceThatFailsBlocksNobody() async {
        let down = PasswordJudge(
            words: PasswordFiles.words, breached: nil,
            service: BreachedRange(address: "https://range.example/", fetch: ScriptedFetch(nil)))
        #expect(await down.judgeChosen(Self.strong).isAcceptable)
        let digits = PasswordKey(Password(Self.strong)!).hexadecimal
        let answers = ScriptedFetch(
            Array("0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n\(digits.dropFirst(5)):42\r\n".utf8))
        let up = PasswordJudge(
            words: PasswordFiles.words, breached: nil,
            service: BreachedRange(address: "https://range.example", fetch: answers))
        #expect(await up.judgeChosen(Self.strong).refusal == .breached)
        #expect(await up.judgeChosen(Self.strong + "x").isAcceptable)
        // Five digits leave the machine, and nothing for what is refused anyway.
        #expect(answers.asked.first == "https://range.example/" + digits.prefix(5))
        #expect(await up.judgeChosen("short").refusal == .tooShort)
        #expect(answers.asked.count == 2)
    }

    @Test func paddingOfAServiceCountsForNothing() {
        let rest = Array("0018A45C4D1DEF81644B54AB7F969B88D65".utf8)
        #expect(BreachedRange.lists(rest, in: Array("0018a45c4d1def81644b54ab7f969b88d65:3".utf8)))
        #expect(!BreachedRange.lists(rest, in: Array("0018A45C4D1DEF81644B54AB7F969B88D65:0".utf8)))
        #expect(!BreachedRange.lists(rest, in: Array("0018A45C4D1DEF81644B54AB7F969B88D66:3".utf8)))
        #expect(!BreachedRange.lists(rest, in: Array("<html>".utf8)))
    }
}
