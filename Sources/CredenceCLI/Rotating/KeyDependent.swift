import NKeys
import Trust

/// Something that a signing key signed, or that names it: it stops to hold when the key goes.
struct KeyDependent {
    enum Kind: String {
        /// A token of an account.
        case account
        /// A token of a user.
        case user
        /// A file of creds in the keystore.
        case creds
        /// An activation inside an importer's account.
        case activation
        /// A line of a configuration that names the key.
        case configuration
    }

    /// What it is to the key.
    enum State: Hashable {
        /// It holds, and stops to hold when the key goes.
        case hanging
        /// It does not hold any more, so that it is not signed again: why.
        case ended(String)
    }

    let kind: Kind
    /// The name of the account, user or importer.
    let name: String
    /// The account that it belongs to; nil for an account and a configuration.
    var account: String?
    /// Where it stands: a path in the store or the keystore, and the member there.
    let place: String
    /// Whom the token is about; nil for what is no token.
    var subject: PublicKey?
    var state = State.hanging
    /// What else there is to say of it: that a callout's own user it is, or why it cannot be signed again here.
    var remark: String?

    var isHanging: Bool { state == .hanging }

    /// In one line.
    var line: String {
        var text = "\(kind.rawValue) \(Files.quoted(name))"
        if let account { text += " of account \(Files.quoted(account))" }
        text += " at \(place)"
        if case .ended(let why) = state { text += ": \(why)" }
        if let remark { text += ": \(remark)" }
        return text
    }

    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("kind", kind.rawValue)
            $0.member("name", name)
            $0.member("account", account)
            $0.member("at", place)
            $0.member("subject", subject?.text)
            if case .ended(let why) = state { $0.member("ended", why) }
            $0.member("message", remark)
        }
    }
}
