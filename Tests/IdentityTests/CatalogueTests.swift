import Foundation
import Identity
import Testing

@Suite struct CatalogueTests {
    @Test func `no code stands twice`() {
        #expect(Set(IdentityRule.allCases.map(\.code)).count == IdentityRule.allCases.count)
    }

    @Test func `the rules about foreign tokens are those of the document, in its order`() throws {
        let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let document = try String(contentsOf: root.appendingPathComponent("Docs/Identity.md"), encoding: .utf8)
        let codes = document.matches(of: /(?m)^\| (F-[a-z-]+) \| .+ \|$/).map { String($0.1) }
        #expect(codes == IdentityRule.allCases.map(\.code).filter { $0.hasPrefix("F-") })
    }
}
