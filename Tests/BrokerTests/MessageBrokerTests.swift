import Broker
import NATSClient
import NKeys
import Subjects
import Testing
import Trust

@Suite struct MessageBrokerTests {
    @Test func `a message goes from one client to another of its account and to nobody else`() async throws {
        let world = try BrokerWorld()
        let (one, other) = (try world.account("ONE"), try world.account("OTHER"))
        let broker = try await world.broker()
        let publisher = try await world.connect(try world.user(of: one), to: broker)
        let subscriber = try await world.connect(try world.user(of: one), to: broker)
        let stranger = try await world.connect(try world.user(of: other), to: broker)
        let heard = try await subscriber.subscribe(to: "orders.*")
        let unheard = try await stranger.subscribe(to: ">")
        try await subscriber.flush()
        try await stranger.flush()
        try await publisher.publish("orders.eu", payload: Array("hello".utf8))
        try await publisher.flush()
        try await stranger.publish("own", payload: [])
        #expect(try await heard.next()?.payload == Array("hello".utf8))
        // Its own message is the first that it gets.
        #expect(try await unheard.next()?.subject == "own")
        await broker.stop()
    }
}
