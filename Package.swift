// swift-tools-version: 6.1

import PackageDescription

let package = Package(
    name: "credence",
    products: [
        .library(name: "NKeys", targets: ["NKeys"]),
        .library(name: "Subjects", targets: ["Subjects"]),
        .library(name: "Trust", targets: ["Trust"]),
        .library(name: "Audit", targets: ["Audit"]),
        .library(name: "SystemTimeZones", targets: ["SystemTimeZones"]),
        .library(name: "FolderStores", targets: ["FolderStores"]),
        .library(name: "NATSWire", targets: ["NATSWire"]),
        .library(name: "NATSClient", targets: ["NATSClient"]),
        .library(name: "AccountServer", targets: ["AccountServer"]),
        .library(name: "Broker", targets: ["Broker"]),
        .library(name: "Identity", targets: ["Identity"]),
        .library(name: "Replay", targets: ["Replay"]),
        .executable(name: "credence", targets: ["CredenceCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.26.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.9.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.11.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLookupTable"),
        .target(name: "NKeys", dependencies: ["CSodium"]),
        .target(name: "Subjects"),
        .target(name: "Trust", dependencies: ["NKeys", "Subjects", "COpenSSL"]),
        .target(name: "Audit", dependencies: ["NKeys", "Subjects", "Trust"]),
        .target(name: "SystemTimeZones", dependencies: ["Trust"]),
        .target(name: "FolderStores", dependencies: ["NKeys", "Trust"]),
        .target(name: "NATSWire"),
        .target(
            name: "NATSClient",
            dependencies: [
                "NKeys", "NATSWire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "AccountServer",
            dependencies: [
                "NKeys", "Subjects", "Trust", "FolderStores", "NATSWire", "NATSClient",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(
            name: "Broker",
            dependencies: [
                "NKeys", "Subjects", "Trust", "NATSWire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]),
        .target(
            name: "Identity",
            dependencies: [
                "NKeys", "Subjects", "Trust", "NATSClient",
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]),
        .target(name: "Replay", dependencies: ["NKeys", "Trust"]),
        .executableTarget(
            name: "CredenceCLI",
            dependencies: [
                "NKeys", "Subjects", "Trust", "Audit", "SystemTimeZones", "FolderStores", "NATSWire", "Replay",
                "NATSClient", "AccountServer", "Broker", "Identity", "CLookupTable",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .testTarget(name: "NKeysTests", dependencies: ["NKeys"]),
        .testTarget(name: "SubjectsTests", dependencies: ["Subjects"]),
        .testTarget(name: "TrustTests", dependencies: ["NKeys", "Subjects", "Trust", "SystemTimeZones"]),
        .testTarget(name: "AuditTests", dependencies: ["NKeys", "Subjects", "Trust", "Audit"]),
        .target(name: "FailingFiles", dependencies: ["FolderStores"], path: "Tests/FailingFiles"),
        .executableTarget(
            name: "StoreCrasher", dependencies: ["NKeys", "Trust", "AccountServer"], path: "Tests/StoreCrasher"),
        .testTarget(
            name: "FolderStoresTests", dependencies: ["NKeys", "Trust", "FolderStores", "FailingFiles"]),
        .testTarget(name: "NATSWireTests", dependencies: ["NATSWire"]),
        .testTarget(name: "RealServers", dependencies: ["NKeys"]),
        .testTarget(
            name: "NATSClientTests",
            dependencies: [
                "NKeys", "NATSWire", "NATSClient", "RealServers", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "AccountServerTests",
            dependencies: [
                "NKeys", "Subjects", "Trust", "SystemTimeZones", "FolderStores", "NATSWire", "NATSClient",
                "AccountServer",
                "FailingFiles", "StoreCrasher", "JournalCrasher", "RealServers",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "JournalCrasher", dependencies: ["NKeys", "Trust", "AccountServer"], path: "Tests/JournalCrasher"),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "NKeys", "Subjects", "Trust", "NATSWire", "NATSClient", "Broker", "RealServers",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "IdentityTests",
            dependencies: [
                "NKeys", "Subjects", "Trust", "NATSClient", "AccountServer", "Broker", "Identity", "RealServers",
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
            ], resources: [.copy("openid_provider.py")]),
        .testTarget(name: "ReplayTests", dependencies: ["NKeys", "Trust", "Replay"]),
        .testTarget(name: "VectorsTests", dependencies: ["NKeys", "Subjects", "Trust", "SystemTimeZones"]),
        .testTarget(
            name: "CorpusTests", dependencies: ["NKeys", "Subjects", "Trust", "SystemTimeZones", "FolderStores"]),
        .testTarget(name: "ArchitectureTests", dependencies: ["Trust"]),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "CredenceCLI", "NKeys", "Subjects", "Trust", "SystemTimeZones", "FolderStores", "FailingFiles",
                "Identity",
                "RealServers",
            ],
            resources: [.copy("pack_server.py")]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CredenceCLI", "NKeys", "Subjects", "Trust", "SystemTimeZones", "FolderStores", "AccountServer",
                "Broker", "Identity", "RealServers", .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("client.py"), .copy("push.py"), .copy("wire.py"), .copy("crossing.py")]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
