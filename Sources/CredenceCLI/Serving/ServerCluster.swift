import AccountServer
import Logging
import NATSClient
import NKeys

/// The servers that an account server works with, and how it reaches them.
struct ServerCluster {
    let configuration: AccountServerConfiguration

    init(_ configuration: AccountServerConfiguration) { self.configuration = configuration }

    /// How to connect as the user of a creds file. The file is read anew for each connection.
    func settings(as creds: String?, named name: String) throws(NATSFault) -> ConnectionSettings {
        try Self.settings(
            servers: configuration.servers, as: creds, authorities: configuration.serversCA, named: name)
    }

    /// How to connect to these servers as the user of a creds file, trusting the authorities of a PEM file.
    static func settings(
        servers: [String], as creds: String?, authorities: String?, named name: String
    ) throws(NATSFault) -> ConnectionSettings {
        var addresses: [NATSClient.ServerAddress] = []
        for text in servers { addresses.append(try NATSClient.ServerAddress(text)) }
        var settings = ConnectionSettings(servers: addresses)
        settings.name = name
        settings.reconnection.whenRefused = .keepTrying
        if let creds {
            settings.credentials = .read { () throws(NATSFault) in
                do {
                    return try CredentialsFile(parsing: Files.readSecret(creds, limit: CredentialsFile.sizeLimit))
                } catch {
                    throw NATSFault.credentials("the creds file cannot be read")
                }
            }
        }
        if let authorities {
            var tls = TLSSettings()
            tls.roots = .file(authorities)
            settings.tls = tls
        }
        return settings
    }

    /// Connects.
    func connect(
        as creds: String?, named name: String, _ logger: Logger
    ) async throws(AccountServer.StoreFault) -> NATSConnection {
        do throws(NATSFault) {
            return try await NATSConnection.connect(try settings(as: creds, named: name), logger: logger)
        } catch {
            throw AccountServer.StoreFault("the servers cannot be reached: \(error)")
        }
    }
}
