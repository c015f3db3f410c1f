import Subjects
import Testing
import Trust

@Suite("Deliveries that were measured")
struct DeliveryTests {
    @Test("what is published reaches another account under the subject that the real server gave it, or not at all")
    func flows() throws {
        let measured = try Measured.read()
        var comparison = Comparison("flow")
        for flow in measured.flows {
            let realm = try realm(flow.conf, flow.operator, at: measured.now)
            let (publisher, subscriber) = (account(flow.publisher), account(flow.subscriber))
            let (subject, pattern) = (try Subject(flow.publish), try SubjectPattern(flow.subscribe))
            let delivery = Delivery(realm: realm)
            var received: [String]
            if publisher == subscriber {
                // Weights leave more than one outcome; the one that was measured must be among them.
                let possible = try delivery.mapped(subject, in: publisher, cluster: "").filter { pattern.matches($0) }
                received = possible.map(\.text).sorted()
                if possible.count > 1 { received = received.filter { flow.receivedAs.contains($0) } }
            } else {
                received = try delivery.received(subject, from: publisher, by: subscriber, on: pattern).map(\.text)
            }
            comparison.compare(flow.name, theirs: shown(flow.receivedAs), ours: shown(received))
        }
        comparison.finish()
    }

    @Test("a request reaches the responder under its own subject, or nobody")
    func requests() throws {
        let measured = try Measured.read()
        var comparison = Comparison("request")
        for request in measured.requests {
            let realm = try realm(request.conf, request.operator, at: measured.now)
            let seen = try Delivery(realm: realm).requested(
                Subject(request.request), by: account(request.requester), of: account(request.responder),
                on: SubjectPattern(request.listen))
            #expect(request.noResponders == request.responderSaw.isEmpty)
            comparison.compare(request.name, theirs: shown(request.responderSaw), ours: shown(seen.map(\.text)))
        }
        comparison.finish()
    }

    private func realm(_ conf: String?, _ name: String, at now: UnixTime) throws -> Realm {
        try conf.map { try Realm(configuration: $0, at: now) } ?? Realm(store: name, at: now)
    }

    private func account(_ user: String) -> String { String(user.prefix { $0 != "/" }) }

    private func shown(_ subjects: [String]) -> String {
        subjects.isEmpty ? "nothing" : subjects.joined(separator: ", ")
    }
}
