import Identity

extension SettingsReader {
    /// What a password hash costs; the standard where it is not set.
    mutating func passwordHash() -> Argon2Parameters {
        guard let text = text(.passwordHash) else { return .standard }
        guard let parameters = Argon2Parameters(setting: text) else {
            report(
                .passwordHash, "is no cost of a password hash",
                "Write argon2id:m=KIBIBYTES,t=PASSES,p=LANES, such as \(Argon2Parameters.standard); "
                    + "martlet sizing finds numbers for this machine.")
            return .standard
        }
        guard parameters.isWithinBounds else {
            report(
                .passwordHash, "is out of bounds",
                "Write numbers from \(Argon2Parameters.floor) to \(Argon2Parameters.ceiling).")
            return .standard
        }
        return parameters
    }
}

extension Argon2Parameters {
    /// How many such hashes fill so many cores: each fills one with every lane.
    func workers(cores: Int) -> Int {
        max(1, min(Setting.passwordWorkers.bounds.upperBound, cores / max(1, Int(lanes))))
    }
}
