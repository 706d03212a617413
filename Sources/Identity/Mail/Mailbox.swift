public import OAuthTypes

/// An address with the name that mail programs show beside it: RFC 5322 §3.4.
public struct Mailbox: Sendable, Equatable {
    /// The name; nil where there is none.
    public let name: HeaderText?
    /// The address; has neither spaces nor controls by its type.
    public let address: Email

    /// A mailbox.
    public init(name: HeaderText?, address: Email) {
        self.name = name
        self.address = address
    }

    /// Reads `Name <address>` or an address alone; nil for anything else.
    public init?(_ text: String) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            guard let address = Email(text) else { return nil }
            self.init(name: nil, address: address)
            return
        }
        var name = text[..<open]
        while name.hasSuffix(" ") { name.removeLast() }
        guard let address = Email(String(text[text.index(after: open)...].dropLast())) else { return nil }
        self.init(name: name.isEmpty ? nil : HeaderText(String(name)), address: address)
    }

    /// As a header field has it.
    var field: String {
        guard let name else { return address.rawValue }
        return "\(name.phrase)\r\n <\(address)>"
    }
}
