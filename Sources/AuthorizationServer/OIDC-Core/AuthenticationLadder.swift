public import OAuthTypes

/// How strong a sign-in can be, and what that is called: `acr`, OpenID Connect Core §2, §5.5.1.1.
///
/// What is stronger is good for what asks for less.
public struct AuthenticationLadder: Sendable, Equatable {
    /// The names of each step: the first is told where nobody asked for another, all are understood.
    private let names: [AuthenticationContext: [String]]

    /// The registered names.
    public static let standard = AuthenticationLadder()

    /// A ladder whose steps have names of the operator's choice; steps that are not named keep the registered one.
    ///
    /// Nil where one name would stand for two steps, or is empty or outside printable ASCII without spaces.
    public init?(naming chosen: [AuthenticationContext: [String]]) {
        var names = AuthenticationLadder.registered
        for (context, list) in chosen where !list.isEmpty { names[context] = list }
        let all = names.values.joined()
        guard Set(all).count == all.count,
            all.allSatisfy({ name in
                !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            })
        else { return nil }
        self.names = names
    }

    private init() {
        names = AuthenticationLadder.registered
    }

    private static let registered = Dictionary(
        uniqueKeysWithValues: AuthenticationContext.allCases.map { ($0, [$0.rawValue]) })

    /// Every name, the weakest step first.
    public var allNames: [String] { AuthenticationContext.allCases.flatMap { names[$0] ?? [] } }

    /// The step of a name; nil for one that stands for none.
    func context(named name: String) -> AuthenticationContext? {
        AuthenticationContext.allCases.first { names[$0]?.contains(name) ?? false }
    }

    /// The lowest step that is good for one of these names; nil where none of them is known.
    func lowest(of asked: [String]) -> AuthenticationContext? {
        asked.compactMap(context(named:)).min()
    }

    /// What a sign-in is called: the first name asked for that it is good for, or its own.
    func name(of reached: AuthenticationContext, asked: [String]) -> String {
        asked.first { context(named: $0).map { $0 <= reached } ?? false }
            ?? names[reached]?.first ?? reached.rawValue
    }
}
