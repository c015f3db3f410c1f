import Identity
import NKeys
import Testing
import Trust

@Suite struct AudienceRegistryTests {
    private func registry(_ names: [String]) throws -> AudienceRegistry {
        AudienceRegistry(
            try names.map {
                AudienceRegistry.Entry(
                    name: try AudienceName($0), description: "what \($0) is",
                    keys: [try KeyPair.generate(.account).publicKey])
            })
    }

    @Test func `what is served is read as it was`() throws {
        let registry = try registry(["orders", "https://billing.example.com/", "nats-prod"])
        #expect(registry.entries.map(\.name.text) == ["https://billing.example.com/", "nats-prod", "orders"])
        #expect(try AudienceRegistry(document: registry.document) == registry)
        #expect(try AudienceRegistry(document: AudienceRegistry().document).entries == [])
    }

    @Test func `each audience is found by its name, and no other`() throws {
        let names = (0..<100).map { "audience-\($0)" }
        let registry = try registry(names.shuffled())
        for name in names { #expect(registry[try AudienceName(name)]?.name.text == name) }
        for name in ["audience-", "audience-100", "Audience-1", "a", "z"] {
            #expect(registry[try AudienceName(name)] == nil, "\(name)")
        }
    }

    @Test(arguments: [
        ("{}", "audiences: there is no list of audiences"),
        (#"{"audiences":{}}"#, "audiences: there is no list of audiences"),
        (#"{"audiences":[1]}"#, "audiences[0]: it is no object"),
        (#"{"audiences":[{"name":1}]}"#, "audiences[0].name: it is no text"),
        (#"{"audiences":[{"name":"*"}]}"#, "audiences[0].name: an audience names one verifier, and has no wildcard"),
        (#"{"audiences":[{"name":"a"},{"name":"a"}]}"#, "audiences: an audience stands twice"),
        (#"{"audiences":[{"name":"a","keys":["A"]}]}"#, "audiences[0].keys[0]: it is no public key"),
        (#"{"audiences":[{"name":"a","keys":1}]}"#, "audiences[0].keys: it is no list"),
        (#"{"audiences":[{"name":"a","description":1}]}"#, "audiences[0].description: it is no text"),
        (#"{"audiences":[],"audiences":[]}"#, "it is no JSON object (byte 17)"),
        ("[]", "it is no JSON object (byte 0)"),
    ])
    func `a document that is no registry says where`(text: String, message: String) {
        #expect {
            try AudienceRegistry(document: Array(text.utf8))
        } throws: { "\($0)" == message }
    }

    @Test func `members of another version are left alone`() throws {
        let text = #"{"audiences":[{"name":"a","owner":"b"}],"next":null}"#
        #expect(try AudienceRegistry(document: Array(text.utf8)).entries.map(\.name.text) == ["a"])
    }
}
