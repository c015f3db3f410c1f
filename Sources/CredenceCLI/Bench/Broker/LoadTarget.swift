/// A server that is measured: where it is, who connects, and which process it is.
struct LoadTarget: Sendable {
    /// The address as people write it.
    let url: String
    /// Who publishes, subscribes and asks.
    let credentials: LoadCredentials
    /// Who answers requests.
    let responder: LoadCredentials
    /// The server's process, if its costs are told.
    let process: ServerProcess?
    let patience: LoadPatience
    private let address: ResolvedAddress

    init(
        _ address: ServerAddress, credentials: LoadCredentials, responder: LoadCredentials, process: ServerProcess?,
        patience: LoadPatience
    ) throws(CommandFailure) {
        url = address.url
        (self.credentials, self.responder) = (credentials, responder)
        (self.process, self.patience) = (process, patience)
        do throws(LoadFault) {
            self.address = try ResolvedAddress(address)
        } catch {
            throw error.failure(address.url)
        }
    }

    /// A new connection that is in order: the server has answered its PING.
    ///
    /// - Parameters:
    ///   - user: who connects; nil for the one who publishes.
    ///   - scanner: what reads it; a used one, to spare memory.
    func connect(
        as user: LoadCredentials? = nil, _ patience: LoadPatience, scanner: ServerScanner
    ) throws(LoadFault) -> LoadConnection {
        let socket = try LoadSocket(to: address, patience: patience)
        return try LoadConnection(socket, as: user ?? credentials, scanner: scanner)
    }
}
