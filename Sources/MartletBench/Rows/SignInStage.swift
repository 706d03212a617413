/// A server on all processors, the load included, with a machine, an application and a person to sign in.
enum SignInStage {
    static func run(
        _ bench: Bench, _ name: String, _ variables: [String] = [],
        _ body: (TestedServer, Installation.Client, Installation.Client) throws -> Void
    ) throws {
        let installation = try Installation(
            program: bench.program, folder: bench.folder, name: name, templates: bench.options.templates)
        let machine = try installation.addMachine()
        let application = try installation.addApplication()
        try installation.addPerson()
        try bench.processors.onAllCores {
            let server = try TestedServer(installation, variables)
            defer { server.stop() }
            try body(server, machine, application)
        }
    }
}
