/// Who may import whom. A line here is a decision: an outside module stands with the reason why it is let in.
enum ModuleTable {
    struct Module {
        let name: String
        /// Modules of this package.
        let own: Set<String>
        /// Modules from outside, each with its reason.
        let outside: [String: String]
        /// Names of products of packages that the target declares.
        var products: Set<String> = []
    }

    static let sodium = "signatures, sealing and locked memory"
    static let openSSL = "SHA-512/256 for `jti`, which libsodium lacks"
    static let system = "files, locks and clocks of the system, without Foundation's size"

    static let nio = "sockets and event loops"
    static let logging = "the log that an embedder gives"

    static let modules = [
        Module(name: "NKeys", own: [], outside: ["CSodium": sodium]),
        Module(name: "Subjects", own: [], outside: [:]),
        Module(name: "Trust", own: ["NKeys", "Subjects"], outside: ["COpenSSL": openSSL]),
        Module(name: "Audit", own: ["NKeys", "Subjects", "Trust"], outside: [:]),
        Module(
            name: "SystemTimeZones", own: ["Trust"],
            outside: ["Glibc": system, "Synchronization": "a lock of the toolchain, around the zones read so far"]),
        Module(name: "FolderStores", own: ["NKeys", "Trust"], outside: ["Glibc": system]),
        Module(name: "NATSWire", own: [], outside: [:]),
        Module(
            name: "NATSClient", own: ["NKeys", "NATSWire"],
            outside: [
                "NIOCore": nio, "NIOPosix": nio, "NIOSSL": "TLS to the server", "Logging": logging,
                "Synchronization": "locks of the toolchain",
            ], products: ["NIOCore", "NIOPosix", "NIOSSL", "Logging"]),
        Module(
            name: "AccountServer", own: ["NKeys", "Subjects", "Trust", "FolderStores", "NATSWire", "NATSClient"],
            outside: [
                "Glibc": system, "GRDB": "the embedded store, SQLite", "HTTPTypes": "the words of HTTP",
                "HummingbirdCore": "the HTTP server", "HummingbirdTLS": "TLS and client certificates",
                "Logging": logging, "Metrics": "counters that an embedder's own backend can take",
                "NIOCore": nio, "NIOHTTP1": "what hummingbird does not refuse by itself", "NIOPosix": nio,
                "NIOSSL": "certificates, read again without a restart",
                "ServiceLifecycle": "start and orderly end", "Synchronization": "locks of the toolchain",
            ],
            products: [
                "GRDB", "HTTPTypes", "HummingbirdCore", "HummingbirdTLS", "Logging", "Metrics", "NIOCore", "NIOHTTP1",
                "NIOPosix", "NIOSSL", "ServiceLifecycle",
            ]),
        Module(
            name: "Broker", own: ["NKeys", "Subjects", "Trust", "NATSWire"],
            outside: [
                "Glibc": system, "Logging": logging, "Metrics": "counters that an embedder's own backend can take",
                "NIOCore": nio, "NIOHTTP1": "the words of HTTP, for monitoring", "NIOPosix": nio,
                "NIOSSL": "TLS for clients", "NIOTLS": "when TLS has come about",
                "Synchronization": "locks of the toolchain",
            ], products: ["Logging", "Metrics", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOTLS"]),
        Module(
            name: "Identity", own: ["NKeys", "Subjects", "Trust", "NATSClient"],
            outside: [
                "AsyncHTTPClient": "fetching issuers' keys over TLS, bounded",
                "JWTKit": "foreign keys and signatures", "Logging": logging,
                "Metrics": "counters that an embedder's own backend can take", "NIOCore": "the bytes of answers",
                "NIOSSL": "whose certificates are trusted there",
                "Synchronization": "locks of the toolchain",
            ],
            products: ["AsyncHTTPClient", "JWTKit", "Logging", "Metrics", "NIOCore", "NIOSSL"]),
        Module(name: "Replay", own: ["NKeys", "Trust"], outside: [:]),
        Module(name: "CLookupTable", own: [], outside: [:]),
        Module(
            name: "CredenceCLI",
            own: [
                "NKeys", "Subjects", "Trust", "Audit", "SystemTimeZones", "FolderStores", "NATSWire", "Replay",
                "NATSClient", "AccountServer", "Broker", "Identity", "CLookupTable",
            ],
            outside: [
                "AsyncHTTPClient": "fetching an account server's pack and trying attacks on it, over TLS as well",
                "NIOCore": "the bytes of its answers", "NIOSSL": "whose certificates are trusted there",
                "ArgumentParser": "options, help and completions", "Glibc": system,
                "Logging": logging, "Metrics": "the account server's counters, shown at `/metrics`",
                "ServiceLifecycle": "what is to run until a signal comes", "UnixSignals": "the signals",
                "Synchronization": "atomics and locks of the toolchain, to judge with all cores",
            ],
            products: [
                "ArgumentParser", "AsyncHTTPClient", "Logging", "Metrics", "NIOCore", "NIOSSL", "ServiceLifecycle",
                "UnixSignals",
            ]),
    ]

    /// System libraries: a module map and nothing else.
    static let systemLibraries: Set<String> = ["CSodium", "COpenSSL"]

    /// Targets below `Tests` that are no tests themselves: what several tests share, or run as a process of its own.
    static let partsOfTests = [
        "FailingFiles": "calls of the file system that fail, for every module that makes them",
        "JournalCrasher": "a process with a journal, to be killed and to be left without a disk",
        "StoreCrasher": "a process with a store, to be killed and to be left without a disk",
    ]

    /// Packages that the manifest may name, each with its reason.
    static let packages = [
        "swift-argument-parser": "the command line: options, help and completions for three shells",
        "async-http-client": "a client over HTTP and TLS that bounds what it reads: the audit of an account server",
        "swift-nio": "sockets without a thread each: the account server and the client of servers",
        "swift-nio-ssl": "TLS for both",
        "swift-log": "the log of servers, in the form that every Swift server gives",
        "swift-metrics": "counters of servers, for any backend",
        "swift-service-lifecycle": "services that start together and end in order",
        "hummingbird": "the HTTP server of the account server",
        "swift-http-types": "the words of HTTP that hummingbird speaks",
        "GRDB.swift": "SQLite, the embedded store of the account server",
        "jwt-kit": "keys and signatures of foreign issuers",
    ]

    /// What no core module may import under any name: it brings size, an own idea of text, or input and output.
    static let core: Set<String> = ["NKeys", "Subjects", "Trust"]
    static let barredFromCore: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Darwin", "Dispatch",
    ]

    /// The folders of `Trust`: a file names types of its own folder or of an earlier one.
    static let trustFolders = ["Verdict", "Token", "Claims", "Permission", "Chain", "Binding", "Upload"]
}
