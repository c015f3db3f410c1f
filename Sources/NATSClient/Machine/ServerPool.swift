/// The servers that may be tried: those of the settings, and those that they told of.
struct ServerPool {
    private let configured: [ServerAddress]
    private var learnt: [ServerAddress] = []
    private let limit: Int
    private var next = 0

    init(_ servers: [ServerAddress], learningAtMost limit: Int) {
        configured = servers
        self.limit = limit
    }

    var count: Int { configured.count + learnt.count }

    /// The server whose turn it is; nil when there is none at all.
    mutating func turn() -> ServerAddress? {
        guard count > 0 else { return nil }
        let index = next % count
        next = index + 1
        return index < configured.count ? configured[index] : learnt[index - configured.count]
    }

    /// Takes what a server says of its cluster, in place of what was said before. The one that is spoken to stays.
    mutating func learn(_ addresses: [String], from current: ServerAddress) {
        var found: [ServerAddress] = []
        for text in addresses.prefix(limit) {
            guard let address = current.neighbour(text), !found.contains(where: { $0.isAt(address) }) else { continue }
            if !configured.contains(where: { $0.isAt(address) }) { found.append(address) }
        }
        if let own = learnt.first(where: { $0.isAt(current) }), !found.contains(where: { $0.isAt(own) }) {
            found.append(own)
        }
        learnt = found
    }
}

extension ServerAddress {
    fileprivate func isAt(_ other: ServerAddress) -> Bool { host == other.host && port == other.port }
}
