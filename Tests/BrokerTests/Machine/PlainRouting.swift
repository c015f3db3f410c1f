import NKeys
import Subjects
import Trust

/// Who gets a message, worked out from lists alone: every subscription is looked at, nothing is remembered. What the
/// core's deliveries are held to.
struct PlainRouting {
    struct Subscription: Equatable {
        let client: Int
        let account: PublicKey
        let sid: String
        let pattern: String
        let queue: String?
        /// What the client may not get.
        let denied: [String]
    }

    /// An import in force.
    struct Link {
        let importer: PublicKey
        let exporter: PublicKey
        let kind: ExportKind
        /// The exporter's side, and the importer's with `$1` for what the first wildcard held.
        let subject: String
        let local: String
    }

    /// A delivery: to one of these subscriptions.
    struct Delivery: Equatable {
        let subject: String
        /// One for a plain subscription, the members for a queue group.
        let candidates: [Place]
    }

    struct Place: Hashable {
        let client: Int
        let sid: String
    }

    var subscriptions: [Subscription] = []
    var links: [Link] = []

    // MARK: Subjects

    /// What the wildcards of `pattern` hold in `subject`; nil where it does not match.
    static func captures(_ pattern: String, _ subject: String) -> [String]? {
        let (pattern, subject) = (pattern.split(separator: "."), subject.split(separator: "."))
        var held: [String] = []
        for (index, token) in pattern.enumerated() {
            if token == ">" {
                return index < subject.count ? held + [subject[index...].joined(separator: ".")] : nil
            }
            guard index < subject.count else { return nil }
            if token == "*" { held.append(String(subject[index])) } else if token != subject[index] { return nil }
        }
        return pattern.count == subject.count ? held : nil
    }

    /// A pattern with its wildcards filled in.
    private static func filled(_ pattern: String, _ held: [String]) -> String {
        var rest = held[...]
        return pattern.split(separator: ".").map { token in
            if token.hasPrefix("$"), let number = Int(token.dropFirst()) { return held[number - 1] }
            if token == ">" { return held.last ?? "" }
            return token == "*" ? rest.popFirst() ?? "" : String(token)
        }.joined(separator: ".")
    }

    // MARK: Messages

    /// Everything that is delivered of a message on `subject` in `account`.
    func deliveries(of subject: String, in account: PublicKey) -> [Delivery] {
        deliveries(of: subject, in: account, path: [])
    }

    private func deliveries(of subject: String, in account: PublicKey, path: [PublicKey]) -> [Delivery] {
        var found: [(subscription: Subscription, subject: String)] = here(subject, account)
        if path.isEmpty {
            for link in links where link.kind == .stream && link.exporter == account {
                guard let held = Self.captures(link.subject, subject) else { continue }
                found += here(Self.filled(link.local, held), link.importer)
            }
        }
        var deliveries: [Delivery] = []
        for (subscription, subject) in found where subscription.queue == nil {
            let place = Place(client: subscription.client, sid: subscription.sid)
            deliveries.append(Delivery(subject: subject, candidates: [place]))
        }
        for queue in Set(found.compactMap(\.subscription.queue)) {
            let members = found.filter { $0.subscription.queue == queue }
            deliveries.append(
                Delivery(
                    subject: "", candidates: members.map { Place(client: $0.0.client, sid: $0.0.sid) }))
        }
        for link in links where link.kind == .service && link.importer == account {
            let local = link.local.split(separator: ".").map { $0.hasPrefix("$") ? "*" : String($0) }
                .joined(separator: ".")
            guard let held = Self.captures(local, subject), !path.contains(link.exporter) else { continue }
            let target = Self.filled(link.subject, held)
            deliveries += self.deliveries(of: target, in: link.exporter, path: path + [account])
        }
        return deliveries
    }

    private func here(_ subject: String, _ account: PublicKey) -> [(subscription: Subscription, subject: String)] {
        subscriptions.filter { subscription in
            subscription.account == account && Self.captures(subscription.pattern, subject) != nil
                && !subscription.denied.contains { Self.captures($0, subject) != nil }
        }.map { ($0, subject) }
    }
}
