import Foundation
import NKeys

/// What was seen at one step of a conversation.
struct Observation: Sendable {
    /// `conversation/step`, which stays the same.
    let id: String
    /// What was said, without what differs with every run.
    let lines: [String]
    /// What the server is known to say; nil where only the comparison counts.
    let claimed: [String]?
}

/// A server on which a conversation takes place, and what is seen there.
final class Stage {
    let cast: Cast
    let port: Int
    private(set) var observations: [Observation] = []
    private var seen: Set<String> = []
    private var operatorOfSystem: Talker?

    init(_ cast: Cast, at port: Int) { (self.cast, self.port) = (cast, port) }

    /// Writes down what was seen.
    func note(_ step: String, _ lines: [String], _ claimed: [String]? = nil) throws {
        guard seen.insert(step).inserted else { throw Fault("the step \(step) stands twice") }
        observations.append(
            Observation(id: "\(cast.name)/\(step)", lines: lines.map { cast.normalised($0) }, claimed: claimed))
    }

    /// Writes down that the conversation broke off.
    func note(breakingOff error: any Error) {
        observations.append(Observation(id: "\(cast.name)/broken off", lines: ["\(error)"], claimed: []))
    }

    /// A connection that has read INFO and said nothing.
    func greeted(_ name: String = "client") throws -> Talker { try Talker(name, on: self) }

    /// A user's connection, past its login. It is an error when the server does not let it in.
    ///
    /// - Parameter expecting: what it says to that.
    func connect(
        _ user: Cast.User, _ options: [String: Any] = [:], expecting: [String] = []
    ) throws -> Talker {
        let talker = try greeted()
        let said = try talker.logIn(user, options)
        guard said == ["in"] + expecting else { throw Fault("the server does not let a user in: \(said)") }
        return talker
    }

    /// The end of the first line, which is INFO, with its blanks.
    func greeted(raw: Void) throws -> String {
        let socket = try WireSocket(port: port)
        var end: [UInt8] = []
        while end.last != UInt8(ascii: "\n"), let byte = try socket.bytes(1) { end = (end + byte).suffix(4) }
        return String(decoding: end, as: UTF8.self)
    }

    /// A connection of a new user of an account, who may do what the claims say.
    func connect(
        _ name: String, of account: String, _ claims: [String: Any] = [:], options: [String: Any] = [:]
    ) throws -> Talker {
        try connect(cast.user(name, of: account, claims), options)
    }

    /// Tries to log in, and writes down what became of it.
    @discardableResult
    func login(
        _ step: String, _ user: Cast.User?, _ options: [String: Any] = [:], _ claimed: [String]? = nil
    ) throws -> Talker {
        let talker = try greeted()
        let lines = try talker.logIn(user, options)
        try note(step, lines, claimed)
        return talker
    }

    /// Logs in where the server takes it, and writes down with what words it then ends the connection.
    func connectAndEnd(_ step: String, _ user: Cast.User, _ claimed: [String]? = nil) throws {
        let talker = try greeted()
        try talker.endsOrStays(step, talker.connectLine(user), claimed)
    }

    /// A connection of the system account.
    func system() throws -> Talker {
        if let operatorOfSystem { return operatorOfSystem }
        let talker = try connect("system user", of: "SYS")
        operatorOfSystem = talker
        return talker
    }

    /// Hands an account's new token to the server, through the system account. Returns when the server has taken it.
    @discardableResult
    func push(_ account: String, _ token: String) throws -> [String: Any] {
        let subject = "$SYS.REQ.ACCOUNT.\(try cast.id(account)).CLAIMS.UPDATE"
        let answer = try system().ask(subject, Array(token.utf8))
        guard let json = answer.json else { throw Fault("the server answers a push with `\(answer.text)`") }
        return json
    }

    /// As above, where the server must take it.
    func mustPush(
        _ account: String, _ claims: [String: Any] = [:], _ more: Cast.Claims = Cast.Claims()
    ) throws {
        let answer = try push(account, cast.account(account, claims, more))
        guard (answer["data"] as? [String: Any])?["code"] as? Int == 200 else {
            throw Fault("the server refuses a pushed account: \(answer)")
        }
    }
}
