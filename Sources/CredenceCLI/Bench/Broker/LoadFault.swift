/// Why a load on a server came to no end.
enum LoadFault: Error, Equatable {
    /// A call of the system that failed.
    case system(String)
    /// The server closed the connection.
    case closed
    /// Nothing came, or nothing was taken, for this many seconds.
    case silent(seconds: Int)
    /// What the server said with `-ERR`.
    case refused(String)
    /// What came is not the protocol.
    case malformed(String)
    /// It took longer in all than it may.
    case endless(seconds: Int)
    /// Messages that did not come, or came twice.
    case miscounted(String)
    /// A request that nobody answers.
    case unanswered(String)
    /// What this program does not do.
    case unsupported(String)

    /// One line, in lower case.
    var text: String {
        switch self {
        case .system(let text), .miscounted(let text), .unsupported(let text): text
        case .closed: "the server closed the connection"
        case .silent(let seconds): "the server neither sends nor takes anything for \(seconds) s"
        case .unanswered(let subject): "nobody answers requests at \(Files.quoted(subject))"
        case .refused(let text): "the server says \(Files.quoted(text))"
        case .malformed(let text): "the server does not speak the protocol: \(text)"
        case .endless(let seconds): "the server comes to no end within \(seconds) s"
        }
    }

    /// What to do about it; nil where there is nothing to say.
    var hint: String? {
        switch self {
        case .refused(let text):
            let text = text.lowercased()
            if text.hasPrefix("authorization violation") {
                return "give the creds of a user that this server's operator stands for, and look into the server's log"
            }
            if text.hasPrefix("permissions violation") {
                return "`credence bench make-world` makes users who may; --prefix names other subjects"
            }
            return "the server's log says more"
        case .system: return "is the server running, and is this its address?"
        case .closed: return "the server's log says why"
        case .malformed: return "is this the port for clients?"
        case .silent, .endless: return "--timeout gives it more time"
        case .miscounted: return "messages got lost or came twice: the figures would be worth nothing"
        case .unanswered:
            return "is the import in force? --request-subject and --service-subject name its two sides"
        case .unsupported: return nil
        }
    }

    /// The failure of the command: where it happened and why.
    func failure(_ place: String) -> CommandFailure {
        let status: ExitStatus =
            switch self {
            case .refused, .miscounted, .unanswered: .no
            case .malformed: .badInput
            default: .inputOutput
            }
        return CommandFailure(status, "\(place): \(text)", hint: hint)
    }
}
