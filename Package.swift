// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target gets the same strict settings: one loop below, no exceptions.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["Martlet"]),
        .executable(name: "martlet-bench", targets: ["MartletBench"]),
        // For services that verify tokens; with the modules whose types its own take and give.
        .library(name: "TokenVerifier", targets: ["TokenVerifier", "JOSE", "JSON", "HTTP"]),
    ],
    targets: [
        // C libraries of the distribution: module maps only.
        .systemLibrary(name: "CLinux", path: "Sources/CLibraries/CLinux"),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/CLibraries/COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            path: "Sources/CLibraries/CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CPostgreSQL",
            path: "Sources/CLibraries/CPostgreSQL",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(
            name: "CArgon2",
            path: "Sources/CLibraries/CArgon2",
            pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"])]
        ),
        .systemLibrary(
            name: "CCrypt",
            path: "Sources/CLibraries/CCrypt",
            pkgConfig: "libcrypt",
            providers: [.apt(["libcrypt-dev"])]
        ),
        .systemLibrary(
            name: "CLDAP",
            path: "Sources/CLibraries/CLDAP",
            pkgConfig: "ldap",
            providers: [.apt(["libldap-dev"])]
        ),
        .systemLibrary(
            name: "CQREncode",
            path: "Sources/CLibraries/CQREncode",
            pkgConfig: "libqrencode",
            providers: [.apt(["libqrencode-dev"])]
        ),
        .systemLibrary(
            name: "CCurl",
            path: "Sources/CLibraries/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),

        // Leaves: they import nothing of ours.
        .target(name: "Reactor", dependencies: ["CLinux", "COpenSSL"]),
        .target(name: "JSON"),
        .target(name: "Mustache"),
        .target(name: "OAuthTypes"),

        .target(name: "HTTP", dependencies: ["Reactor", "CCurl", "CLinux"]),
        .target(name: "JOSE", dependencies: ["JSON", "COpenSSL"]),
        .target(name: "WebAuthn", dependencies: ["JOSE", "JSON"]),
        .target(name: "TokenVerifier", dependencies: ["HTTP", "JOSE", "JSON", "Reactor"]),
        .target(name: "Stores", dependencies: ["OAuthTypes", "JOSE", "JSON"]),
        .target(
            name: "Federation",
            dependencies: ["HTTP", "JOSE", "JSON", "OAuthTypes", "Reactor", "Stores", "TokenVerifier"]),
        .target(
            name: "SQLStores", dependencies: ["Stores", "OAuthTypes", "JSON", "Reactor", "CSQLite", "CPostgreSQL"]),
        .target(name: "AuthorizationServer", dependencies: ["OAuthTypes", "JSON", "JOSE", "Stores"]),
        .target(
            name: "Identity",
            dependencies: [
                "OAuthTypes", "JSON", "JOSE", "Stores", "Reactor", "WebAuthn", "CArgon2", "COpenSSL", "CQREncode",
                "CCrypt",
            ]
        ),
        .target(
            name: "Directory", dependencies: ["CLDAP", "Identity", "JOSE", "JSON", "OAuthTypes", "Reactor", "Stores"]
        ),
        .target(name: "Pages", dependencies: ["Mustache", "JSON"]),
        .target(name: "Observability", dependencies: ["Reactor"]),
        .target(
            name: "Web",
            dependencies: [
                "HTTP", "Reactor", "AuthorizationServer", "Identity", "Federation", "Pages", "OAuthTypes", "Stores",
                "JSON",
                "JOSE",
            ]
        ),
        .target(
            name: "MartletTesting",
            dependencies: ["AuthorizationServer", "Stores", "OAuthTypes", "JOSE", "JSON", "WebAuthn"]
        ),
        .executableTarget(
            name: "Martlet",
            dependencies: [
                "Web", "HTTP", "Reactor", "AuthorizationServer", "Identity", "Directory", "Federation", "Pages",
                "SQLStores",
                "Stores",
                "OAuthTypes",
                "JOSE", "JSON", "Observability", "CLinux", "TokenVerifier",
            ]
        ),
        .executableTarget(
            name: "MartletBench",
            dependencies: [
                "CLinux", "CSQLite", "CPostgreSQL", "COpenSSL", "CArgon2", "JSON", "JOSE", "OAuthTypes",
                "TokenVerifier",
            ]
        ),

        // Shows services how to use TokenVerifier; a target, so that every build compiles it. No release contains it.
        .executableTarget(
            name: "ResourceServer",
            dependencies: ["TokenVerifier", "HTTP", "Reactor"],
            path: "deploy/examples/resource-server",
            exclude: ["README.md"]
        ),

        // Tests: one target per module, plus the browser and interoperability suites driven by deploy/test.sh.
        .target(name: "TLSTesting", dependencies: ["COpenSSL"], path: "Tests/TLSTesting"),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor", "TLSTesting"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "MustacheTests", dependencies: ["Mustache"]),
        .testTarget(name: "OAuthTypesTests", dependencies: ["OAuthTypes", "MartletTesting"]),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Reactor", "TLSTesting"]),
        // The kept inputs of the fuzzer; the program under libFuzzer is built by Tests/Fuzz/fuzz.sh.
        .testTarget(
            name: "FuzzTests",
            dependencies: ["HTTP", "JSON", "Mustache", "OAuthTypes", "JOSE", "AuthorizationServer", "WebAuthn"],
            path: "Tests/Fuzz",
            exclude: ["Program", "Seeds", "FailCases", "Dictionaries", "README.md", "fuzz.sh"]
        ),
        .testTarget(name: "JOSETests", dependencies: ["JOSE", "JSON", "COpenSSL"]),
        .testTarget(
            name: "WebAuthnTests",
            dependencies: ["WebAuthn", "JOSE", "JSON", "MartletTesting"],
            exclude: ["Vectors"]
        ),
        .testTarget(
            name: "TokenVerifierTests",
            dependencies: ["TokenVerifier", "HTTP", "JOSE", "JSON", "Reactor"]
        ),
        // What Tests/Interop/jose_differential.py asks; no product, so that nothing ships it.
        .executableTarget(
            name: "JOSEPeer",
            dependencies: ["JOSE", "JSON", "WebAuthn", "MartletTesting"],
            path: "Tests/Interop/JOSEPeer"
        ),
        .testTarget(name: "StoresTests", dependencies: ["Stores", "OAuthTypes", "JOSE", "JSON", "MartletTesting"]),
        .testTarget(
            name: "SQLStoresTests",
            dependencies: ["SQLStores", "Stores", "OAuthTypes", "Reactor", "MartletTesting", "CSQLite", "CPostgreSQL"]
        ),
        .testTarget(
            name: "AuthorizationServerTests",
            dependencies: ["AuthorizationServer", "MartletTesting", "Stores", "OAuthTypes", "JOSE", "JSON"],
            exclude: ["RedirectSafety/hostile-redirect-uris.json"]
        ),
        .testTarget(
            name: "IdentityTests",
            dependencies: ["Identity", "Stores", "OAuthTypes", "JOSE", "JSON", "MartletTesting", "Reactor", "WebAuthn"]
        ),
        // A directory in memory, for the tests of several modules.
        .target(
            name: "DirectoryTesting", dependencies: ["Directory", "OAuthTypes"], path: "Tests/DirectoryTesting"
        ),
        .testTarget(
            name: "DirectoryTests",
            dependencies: [
                "Directory", "DirectoryTesting", "Identity", "JOSE", "JSON", "MartletTesting", "OAuthTypes", "Reactor",
                "Stores",
                "TLSTesting",
            ]
        ),
        // A provider that misbehaves on command, for the tests of several modules.
        .target(
            name: "FederationTesting",
            dependencies: [
                "Federation", "HTTP", "JOSE", "JSON", "MartletTesting", "OAuthTypes", "Reactor", "Stores",
                "TokenVerifier",
            ],
            path: "Tests/FederationTesting"
        ),
        .testTarget(
            name: "FederationTests",
            dependencies: [
                "Federation", "FederationTesting", "HTTP", "JOSE", "JSON", "MartletTesting", "OAuthTypes", "Reactor",
                "Stores", "TokenVerifier",
            ]
        ),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability", "JSON"]),
        .testTarget(name: "PagesTests", dependencies: ["Pages", "Mustache", "JSON"]),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "HTTP", "Reactor", "AuthorizationServer", "Identity", "Directory", "DirectoryTesting",
                "Federation", "FederationTesting", "Pages", "MartletTesting", "Stores", "OAuthTypes", "JSON", "JOSE",
                "TokenVerifier", "WebAuthn",
            ]
        ),
        .testTarget(name: "MartletBenchTests", dependencies: ["MartletBench", "JOSE"]),
        .testTarget(
            name: "MartletTests",
            dependencies: [
                "Martlet", "MartletTesting", "AuthorizationServer", "Observability", "Reactor", "JSON", "JOSE",
                "OAuthTypes", "Stores", "SQLStores", "Web", "HTTP", "Identity", "Federation", "Pages", "TokenVerifier",
                "FederationTesting", "TLSTesting",
            ]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}

// With a list of tests in MARTLET_ONLY_TESTS, as one step of deploy/test.sh gives, the package is these and what they need:
// a build under a sanitizer starts from nothing and takes long.
if let named = Context.environment["MARTLET_ONLY_TESTS"] {
    var needed: Set<String> = []
    var waiting = named.split(separator: ",").map(String.init)
    while let name = waiting.popLast() {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for case .byNameItem(let name, _) in target.dependencies { waiting.append(name) }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products = []
}
