import Testing

@testable import NATSClient

@Suite struct StubTests { @Test func stub() {} }
