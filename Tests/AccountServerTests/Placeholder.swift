import Testing

@testable import AccountServer
