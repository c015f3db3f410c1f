/// How much one operation may hold. What is longer is refused before room is made for it.
public struct WireLimits: Equatable, Sendable {
    /// Bytes of a control line, without its line end.
    public var controlLine: Int
    /// Bytes of a message, headers included.
    public var payload: Int

    /// Limits.
    public init(controlLine: Int, payload: Int) {
        self.controlLine = controlLine
        self.payload = payload
    }

    /// For a client: an INFO lists every server of a cluster, and a message has at most 1 MiB unless the server says
    /// otherwise.
    public static let client = WireLimits(controlLine: 65_536, payload: 1 << 20)
}
