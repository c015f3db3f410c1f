import Testing

@testable import NATSClient

@Suite struct ConsumerOrderTests {
    private func place(_ number: UInt64) throws -> ConsumerPlace {
        try #require(ConsumerPlace("$JS.ACK.KV_a.c.1.\(number + 100).\(number).1700000000000000000.0"))
    }

    @Test func `a message that is missing, or comes twice, breaks the order`() throws {
        var order = ConsumerOrder()
        for (number, isNext) in [(2, false), (1, true), (1, false), (2, true), (4, false), (3, true)]
            as [(UInt64, Bool)]
        {
            let place = try place(number)
            let isTaken = order.take(place)
            #expect(isTaken == isNext, "\(number)")
        }
        #expect(order.agrees(withLast: "3"))
        for text in ["4", "2", "", "3x", "-3"] { #expect(!order.agrees(withLast: text)) }
    }

    @Test func `a place is read in both of its forms, and nothing else is one`() throws {
        let long = "$JS.ACK.domain.hash.KV_a.c.1.107.7.1700000000000000000.0.token"
        for text in [long, String(long.dropLast(6))] { #expect(ConsumerPlace(text) == (try place(7))) }
        for text in [
            nil, "", "_INBOX.a", "$JS.ACK.KV_a.c.1.107.7.1", "$JS.ACK.KV_a.c.1.x.7.1.0", "$JS.FC.a.b.c.1.2.3.4",
        ] {
            #expect(ConsumerPlace(text) == nil)
        }
    }
}
