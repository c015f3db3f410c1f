import NIOCore
import Synchronization

/// Counts open connections, altogether and by where they come from.
final class ConnectionLedger: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var byNetwork: [CallerAddress.Network: Int] = [:]
    }

    private let limit: Int
    private let limitPerAddress: Int
    private let loopback: HTTPSettings.LoopbackCallers
    private let metrics: RequestMetrics
    private let state = Mutex(State())

    init(_ settings: HTTPSettings, metrics: RequestMetrics) {
        limit = settings.connections
        limitPerAddress = settings.connectionsPerAddress
        loopback = settings.loopbackCallers
        self.metrics = metrics
    }

    /// How many are open.
    var count: Int { state.withLock { $0.open.count } }

    /// Enters a connection; false when it is one too many. One that was entered must leave.
    func enter(_ address: CallerAddress, _ channel: any Channel) -> Bool {
        let isCounted = loopback == .limited || !address.isLoopback
        let open: Int? = state.withLock { state in
            guard state.open.count < limit else { return nil }
            let own = state.byNetwork[address.network, default: 0]
            if isCounted, own >= limitPerAddress { return nil }
            state.open[ObjectIdentifier(channel)] = channel
            state.byNetwork[address.network] = own + 1
            return state.open.count
        }
        guard let open else {
            metrics.connectionRefused()
            return false
        }
        metrics.connections(open)
        return true
    }

    /// A connection that was entered has ended.
    func leave(_ address: CallerAddress, _ channel: any Channel) {
        let open = state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
            let own = state.byNetwork[address.network, default: 0] - 1
            state.byNetwork[address.network] = own > 0 ? own : nil
            return state.open.count
        }
        metrics.connections(open)
    }

    /// Closes every connection, whatever it waits for.
    func closeAll() {
        for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
    }
}
