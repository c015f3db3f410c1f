/// The ways a client can be connected, as `allowed_connection_types` names them.
public enum ConnectionType: String, CaseIterable, Hashable, Sendable {
    /// A client over TCP or TLS.
    case standard = "STANDARD"
    /// A client over WebSocket.
    case webSocket = "WEBSOCKET"
    /// A leaf node.
    case leafNode = "LEAFNODE"
    /// A leaf node over WebSocket.
    case leafNodeOverWebSocket = "LEAFNODE_WS"
    /// An MQTT client.
    case mqtt = "MQTT"
    /// An MQTT client over WebSocket.
    case mqttOverWebSocket = "MQTT_WS"
    /// A client in the server's own process.
    case inProcess = "IN_PROCESS"

    /// The type of this name, whatever the case of its ASCII letters; nil for an unknown one.
    public init?(_ name: String) {
        guard let type = Self.allCases.first(where: { $0.isNamed(name) }) else { return nil }
        self = type
    }

    /// Whether `name` names this type; the case of ASCII letters is ignored.
    func isNamed(_ name: String) -> Bool {
        let (own, name) = (rawValue.utf8, name.utf8)
        guard own.count == name.count else { return false }
        return zip(own, name).allSatisfy { own, byte in
            own == ((0x61...0x7a).contains(byte) ? byte & 0xdf : byte)
        }
    }

    /// Whether another server is at the other end, counted by the account's limit of leaf connections.
    public var isLeaf: Bool { self == .leafNode || self == .leafNodeOverWebSocket }
}
