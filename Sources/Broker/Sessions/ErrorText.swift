import Subjects

/// The texts of `-ERR` that name a subject, in the field's exact words: clients read them.
enum ErrorText {
    static func publish(_ subject: UnsafeBufferPointer<UInt8>) -> String {
        "Permissions Violation for Publish to \(quoted(subject))"
    }

    static func reply(_ subject: UnsafeBufferPointer<UInt8>) -> String {
        "Permissions Violation for Publish with Reply of \(quoted(subject))"
    }

    static func subscription(
        _ subject: some Collection<UInt8>, queue: (some Collection<UInt8>)?, sid: [UInt8]? = nil
    ) -> String {
        var text = "Permissions Violation for Subscription to \(quoted(subject))"
        if let queue { text += " using queue \(quoted(queue))" }
        if let sid { text += " (sid \(quoted(sid)))" }
        return text
    }

    static func tooManyTokens(_ subject: some Collection<UInt8>) -> String {
        "Permissions Violation for Subscription to \(quoted(subject)), too many tokens"
    }

    static let invalidSubject = "Invalid Subject"
    static let invalidPublishSubject = "Invalid Publish Subject"
    static let subscriptions = "maximum subscriptions exceeded"

    /// In double quotes; what would end them, or the line, is escaped.
    static func quoted(_ bytes: some Collection<UInt8>) -> String {
        var text = "\""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case "\n": text += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
