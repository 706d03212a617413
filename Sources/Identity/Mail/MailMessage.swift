public import OAuthTypes
public import Stores

/// The words of one mail.
public struct MailText: Sendable, Equatable {
    /// The subject.
    public let subject: HeaderText
    /// The content for programs that show text.
    public let text: String
    /// The same for programs that show HTML.
    public let html: String

    /// The words of a mail.
    public init(subject: HeaderText, text: String, html: String) {
        self.subject = subject
        self.text = text
        self.html = html
    }
}

/// A mail that is ready to be sent: RFC 5322, with a text and an HTML part (RFC 2046 §5.1.4).
public struct MailMessage: Sendable, Equatable {
    /// Names it.
    public let id: MailID
    /// From whom.
    public let sender: Mailbox
    /// To whom.
    public let recipient: Email
    /// What it says.
    public let content: MailText
    /// When it was ordered.
    public let date: Timestamp
    /// The host of the issuer, of which the `Message-ID` is made.
    public let host: String

    /// A mail.
    public init(
        id: MailID, sender: Mailbox, recipient: Email, content: MailText, date: Timestamp, host: String
    ) {
        self.id = id
        self.sender = sender
        self.recipient = recipient
        self.content = content
        self.date = date
        self.host = host
    }

    /// The bytes that go to a mail server, lines ended by `CRLF`.
    ///
    /// Every field is made of a type that holds no line end.
    public var encoded: [UInt8] {
        // Never within quoted-printable text: there "=" is followed by a digit or ends a line.
        let boundary = "=_\(HeaderText(id.rawValue).value)"
        let fields = [
            "Date: \(date.mailDate)",
            "From: \(sender.field)",
            "To: \(recipient)",
            "Subject: \(content.subject.unstructured)",
            "Message-ID: <\(HeaderText(id.rawValue).value)@\(HeaderText(host).value)>",
            // RFC 3834 §5: no program answers that its owner is away.
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "MIME-Version: 1.0",
            "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"",
        ]
        var bytes = Array((fields.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        for (type, part) in [("plain", content.text), ("html", content.html)] {
            bytes += "--\(boundary)\r\nContent-Type: text/\(type); charset=utf-8\r\n".utf8
            bytes += "Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8
            bytes += QuotedPrintable.encode(part)
            bytes += "\r\n".utf8
        }
        bytes += "--\(boundary)--\r\n".utf8
        return bytes
    }
}

extension Timestamp {
    /// The moment as mail has it: RFC 5322 §3.3, in UTC.
    var mailDate: String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // 1970-01-01 was a Thursday; of a clock before that nobody sends mail.
        let day = days[Int(max(0, seconds) / 86_400 % 7)]
        let parts = internetDate.split { "-T:Z".contains($0) }
        guard parts.count == 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return day }
        return "\(day), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
    }
}
