/// One rule that failed, where, and what was seen there. A finding never holds a token or a seed.
public struct Finding: Hashable, Sendable {
    /// The rule that failed.
    public let rule: Rule
    /// The place it failed at.
    public let place: Place
    /// What was seen there.
    public let detail: Detail

    /// A finding of `rule` at `place`.
    public init(_ rule: Rule, at place: Place, _ detail: Detail) {
        self.rule = rule
        self.place = place
        self.detail = detail
    }

    /// The same finding, seen from outside: its place becomes `place`.
    public func moved(to place: Place) -> Finding { Finding(rule, at: place, detail) }

    /// One line for people: lower case, without a full stop, never a secret.
    public var message: String { detail.message }
}
