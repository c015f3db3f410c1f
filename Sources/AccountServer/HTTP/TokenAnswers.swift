import NIOCore
import Trust

/// A stored token, in the forms that a caller may ask for.
enum TokenText {
    /// The token as it is (`application/jwt`, or plain text), or what it says, with embedded tokens masked.
    static func answer(_ token: [UInt8], _ call: RequestHandler.Call, _ now: UnixTime) -> HTTPAnswer {
        if call.has(.text) { return HTTPAnswer(.ok, "text/plain; charset=utf-8", ByteBuffer(bytes: token)) }
        if call.has(.decode) {
            return HTTPAnswer(.ok, "text/plain; charset=utf-8", ByteBuffer(string: decoded(token, now)))
        }
        return HTTPAnswer(.ok, "application/jwt", ByteBuffer(bytes: token))
    }

    /// The token's header and claims, a line of JSON each. What else stands in it is a signature, which says nothing.
    private static func decoded(_ token: [UInt8], _ now: UnixTime) -> String {
        let report = token.withUnsafeBufferPointer { TokenVerifier().report(utf8: $0, at: now) }
        let lines = [report.header, report.payload].map { $0.map(JSONMask.masked) ?? "null" }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}
