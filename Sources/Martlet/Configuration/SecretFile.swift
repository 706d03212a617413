import JOSE

/// A file that holds one secret: a password, a PIN, what a provider gave out.
enum SecretFile {
    /// Bytes that such a file has at most.
    static let limit = 4096

    /// Whether blanks may stand in a secret.
    enum Blanks: Sendable {
        case allowed
        /// What was copied with one does not work, and nobody sees why.
        case refused
    }

    /// The secret of the file that a setting names; nil where it names none, or one that cannot be used, which is reported.
    static func read(_ setting: Setting, _ reader: inout SettingsReader, blanks: Blanks = .allowed) -> Secret? {
        guard let path = reader.text(setting) else { return nil }
        func refuse(_ complaint: String, _ remedy: String) -> Secret? {
            reader.report(setting, "names \(Console.visible(path)), which cannot be used: \(complaint)", remedy)
            return nil
        }
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: limit)
        } catch {
            return refuse("\(error)", "Correct the path, or give the server's user the right to read it.")
        }
        guard contents.mode & 0o077 == 0 else {
            return refuse("others than its owner may read it", "Take the rights away with: chmod 600.")
        }
        guard let line = line(of: contents.bytes, blanks: blanks) else {
            return refuse("it is not one line of visible characters", "Write the secret alone.")
        }
        return Secret(line)
    }

    /// The one line of a text in UTF-8, without its end; nil of anything else.
    static func line(of bytes: [UInt8], blanks: Blanks = .allowed) -> [UInt8]? {
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        guard !line.isEmpty, line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            blanks == .allowed || !line.contains(0x20), String(validating: line, as: UTF8.self) != nil,
            bytes[line.endIndex...].allSatisfy({ $0 == 0x0A || $0 == 0x0D })
        else { return nil }
        return Array(line)
    }
}
