import Foundation
import Testing

@testable import Identity

@Suite struct ExchangeDocumentTests {
    private static func table(_ text: String) -> [String] {
        text.matches(of: /(?m)^\| (X-[a-z-]+) \| .+ \|$/).map { String($0.1) }
    }

    @Test func `the document has every rule of an exchange once, in the order of the catalogue`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Docs/Identity.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let codes = IdentityRule.allCases.map(\.code).filter { $0.hasPrefix("X-") }
        #expect(Self.table(text) == codes)
        for error in ExchangeError.allCases { #expect(text.contains("| `\(error.rawValue)` |"), "\(error)") }
        // What is looked for is found.
        #expect(Self.table(text.replacing("| X-scope |", with: "| X-other |")) != codes)
    }
}
