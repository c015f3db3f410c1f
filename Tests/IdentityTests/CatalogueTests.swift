import Foundation
import Identity
import Testing

@Suite struct CatalogueTests {
    @Test func `no code stands twice`() {
        #expect(Set(IdentityRule.allCases.map(\.code)).count == IdentityRule.allCases.count)
    }

    @Test(arguments: ["F", "Q"])
    func `the rules about foreign tokens and requests are those of the document, in its order`(kind: String) throws {
        let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let document = try String(contentsOf: root.appendingPathComponent("Docs/Identity.md"), encoding: .utf8)
        let codes = document.matches(of: /(?m)^\| ([FQ]-[a-z-]+) \| .+ \|$/).map { String($0.1) }
        let known = IdentityRule.allCases.map(\.code).filter { $0.hasPrefix("\(kind)-") }
        #expect(!known.isEmpty && codes.filter { $0.hasPrefix("\(kind)-") } == known)
    }
}
