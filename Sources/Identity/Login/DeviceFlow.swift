import Trust

/// The device authorization grant (RFC 8628): a person confirms in a browser, perhaps elsewhere, what a program here asks
/// for. A state machine: whoever drives it carries the forms and the time.
///
/// ```swift
/// var flow = DeviceFlow(clientID: "credence-cli", scope: "openid")
/// let prompt = try flow.begin(post(flow.form, to: deviceEndpoint), at: clock())
/// show(prompt.userCode, prompt.address)
/// while true {
///     await sleep(until: flow.nextPoll)
///     if let tokens = try flow.poll(post(flow.form, to: tokenEndpoint), at: clock()) { return tokens }
/// }
/// ```
///
/// What it cannot do: it has no `nonce`, so an ID token from it is bound to no session, and whoever can make a person
/// enter a code that he did not ask for gets that person's tokens.
public struct DeviceFlow: Sendable {
    /// What a person is told.
    public struct Prompt: Hashable, Sendable {
        /// The code to be entered.
        public let userCode: String
        /// Where to enter it.
        public let address: String
        /// The same with the code in it; nil for none.
        public let completeAddress: String?
        /// For how long the code is good, in seconds.
        public let lifetime: Int64
    }

    /// The longest that a code is waited for, in seconds, whatever the issuer says.
    public static let maximumLifetime: Int64 = 3600
    /// The longest time between two questions, in seconds.
    static let maximumInterval: Int64 = 300
    /// By how much the interval grows when the issuer says `slow_down`, in seconds (RFC 8628, section 3.5).
    static let slowDown: Int64 = 5
    static let grant = "urn:ietf:params:oauth:grant-type:device_code"

    private struct Waiting {
        let code: String
        var interval: Duration
        var next: Duration
        let end: Duration
    }

    private let clientID: String
    private let scope: String?
    private let resource: String?
    private var waiting: Waiting?

    /// A flow that has not begun.
    ///
    /// - Parameters:
    ///   - clientID: the name under which the issuer knows this program.
    ///   - scope: what the issuer is asked for; nil for what it gives by itself.
    ///   - resource: the service that the access token is to be for (RFC 8707); nil to leave that to the issuer.
    public init(clientID: String, scope: String? = nil, resource: String? = nil) {
        (self.clientID, self.scope, self.resource) = (clientID, scope, resource)
    }

    /// The form to be sent next: to the device authorization endpoint, and once that has answered to the token endpoint.
    public var form: ExchangeForm {
        var form = ExchangeForm()
        form["client_id"] = clientID
        guard let waiting else {
            form["scope"] = scope
            form["resource"] = resource
            return form
        }
        form["grant_type"] = Self.grant
        form["device_code"] = waiting.code
        form["resource"] = resource
        return form
    }

    /// When the token endpoint may be asked next, by the clock of the caller; nil before the flow has begun.
    public var nextPoll: Duration? { waiting?.next }

    /// Takes the answer of the device authorization endpoint (RFC 8628, section 3.2).
    ///
    /// - Parameter now: the time by a clock that only goes forward.
    public mutating func begin(_ answer: IssuerAnswer, at now: Duration) throws(IssuerFault) -> Prompt {
        guard answer.status == 200 else { throw IssuerFault(refusal: answer) }
        guard let members = answer.members else { throw .answer("it is not one JSON object") }
        guard let code = members.text("device_code"), (1...4096).contains(code.utf8.count) else {
            throw .answer("it has no `device_code`")
        }
        guard let userCode = members.text("user_code"), (1...64).contains(userCode.utf8.count),
            userCode.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw .answer("its `user_code` is no code that a person can enter") }
        guard let address = members.text("verification_uri"), KeyAddress(address) != nil else {
            throw .answer("its `verification_uri` is no address over https")
        }
        guard case .integer(let lifetime)? = members["expires_in"], lifetime > 0 else {
            throw .answer("it has no `expires_in`")
        }
        var interval: Int64 = 5
        if members.has("interval") {
            guard case .integer(let seconds)? = members["interval"], seconds >= 0 else {
                throw .answer("its `interval` is no number of seconds")
            }
            interval = min(max(1, seconds), Self.maximumInterval)
        }
        let bounded = min(lifetime, Self.maximumLifetime)
        waiting = Waiting(
            code: code, interval: .seconds(interval), next: now + .seconds(interval), end: now + .seconds(bounded))
        // What cannot be asked safely is not offered either.
        let complete = members.text("verification_uri_complete").flatMap { KeyAddress($0)?.text }
        return Prompt(userCode: userCode, address: address, completeAddress: complete, lifetime: bounded)
    }

    /// Takes the answer of the token endpoint (RFC 8628, section 3.5): the tokens, or nil while nobody has confirmed.
    ///
    /// - Parameter answer: nil when there was none; the next question then waits twice as long.
    public mutating func poll(_ answer: IssuerAnswer?, at now: Duration) throws(IssuerFault) -> IssuerTokens? {
        guard var state = waiting else { throw .answer("nothing was asked for") }
        if answer?.status == 200, let answer {
            let tokens = try IssuerTokens(answer)
            waiting = nil
            return tokens
        }
        switch answer?.errorCode {
        case "authorization_pending": break
        case "slow_down": state.interval = min(state.interval + .seconds(Self.slowDown), .seconds(Self.maximumInterval))
        case .some:
            waiting = nil
            throw answer.map { IssuerFault(refusal: $0) } ?? .expired
        case nil: state.interval = min(state.interval * 2, .seconds(Self.maximumInterval))
        }
        state.next = now + state.interval
        guard state.next <= state.end else {
            waiting = nil
            throw .expired
        }
        waiting = state
        return nil
    }
}
