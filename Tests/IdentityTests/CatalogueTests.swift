import Identity
import Testing

@Suite struct CatalogueTests {
    @Test func `no code stands twice`() {
        #expect(Set(IdentityRule.allCases.map(\.code)).count == IdentityRule.allCases.count)
    }
}
