import Logging
import NATSWire
import NIOCore
import NIOPosix
import NKeys

/// Does what the machine says: sockets, timers, keys, and those who wait. It lives on one event loop.
final class ConnectionDriver {
    let loop: any EventLoop
    let settings: ConnectionSettings
    private let logger: Logger
    private var machine: ClientMachine

    private var channel: (any Channel)?
    private var handler: WireHandler?
    private var server: ServerAddress?
    /// Which connection is meant: what an earlier one still says is not listened to.
    private var attempt = 0
    private var timers: [ClientMachine.Timer: Scheduled<Void>] = [:]
    private var queue: [ClientMachine.Effect] = []
    private var isPerforming = false
    private var isFlushing = false

    private var answers: [Int: (ClientMachine.Answer) -> Void] = [:]
    private var deadlines: [Int: Scheduled<Void>] = [:]
    private var barriers: [Int: (NATSFault?) -> Void] = [:]
    private var buffers: [Int: MessageBuffer] = [:]
    private var writers: [() -> Void] = []
    private var listeners: [Int: AsyncStream<ConnectionEvent>.Continuation] = [:]
    private var ending: NATSFault?

    init(_ settings: ConnectionSettings, loop: any EventLoop, logger: Logger) {
        (self.settings, self.loop, self.logger) = (settings, loop, logger)
        var system = SystemRandomNumberGenerator()
        let inbox = "\(settings.inboxPrefix).\(String(system.next(), radix: 36))\(String(system.next(), radix: 36))"
        machine = ClientMachine(settings: settings, inbox: inbox, seed: system.next())
    }

    // MARK: What the sockets say

    func received(_ operation: ServerOperation, attempt: Int) {
        if attempt == self.attempt { perform(machine.handle(.received(operation))) }
    }

    func failed(_ error: any Error, attempt: Int) {
        guard attempt == self.attempt, let server else { return }
        perform(machine.handle(.lost(TLSPreparation.fault(for: error, at: server))))
    }

    func ended(_ fault: NATSFault?, attempt: Int) {
        guard attempt == self.attempt, let server else { return }
        let silent = NATSFault.unreachable(server: "\(server)", reason: "the server ended the connection")
        perform(machine.handle(.lost(fault ?? silent)))
    }

    func becameWritable() {
        let ready = writers
        writers = []
        for resume in ready { resume() }
    }

    // MARK: What users ask for

    func start() { perform(machine.start()) }

    func close() { perform(machine.close(nil)) }

    func drain() { perform(machine.drain()) }

    var inboxPrefix: String { settings.inboxPrefix }

    var announcement: ServerAnnouncement { machine.announcement }

    /// `done` is called when there is room for more.
    func publish(_ message: OutgoingMessage, done: @escaping (NATSFault?) -> Void) {
        do throws(NATSFault) { perform(try machine.publish(message)) } catch { return done(error) }
        guard let channel, !channel.isWritable else { return done(nil) }
        writers.append { done(nil) }
    }

    func request(
        _ id: Int, _ message: OutgoingMessage, expecting expectation: ClientMachine.Expectation, timeout: Duration,
        answer: @escaping (ClientMachine.Answer) -> Void
    ) {
        answers[id] = answer
        do throws(NATSFault) { perform(try machine.request(id, message, expecting: expectation)) } catch {
            answers[id] = nil
            return answer(.fault(error))
        }
        guard answers[id] != nil else { return }
        deadlines[id] = loop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { self.end(id, .timeout) }
    }

    /// No more answers are wanted; the one who waits is told why.
    func end(_ id: Int, _ fault: NATSFault) {
        guard let answer = forget(id) else { return }
        let isUnsent = machine.forget(request: id)
        answer(.fault(isUnsent && fault == .timeout ? .notSent : fault))
    }

    func subscribe(_ id: Int, to subject: String, queue: String?, _ buffer: MessageBuffer) throws(NATSFault) {
        let effects = try machine.subscribe(id, to: subject, queue: queue)
        buffers[id] = buffer
        perform(effects)
    }

    func unsubscribe(_ id: Int) {
        buffers.removeValue(forKey: id)?.end(nil)
        perform(machine.unsubscribe(id))
    }

    func barrier(_ id: Int, timeout: Duration, done: @escaping (NATSFault?) -> Void) {
        barriers[id] = done
        do throws(NATSFault) { perform(try machine.barrier(id)) } catch {
            barriers[id] = nil
            return done(error)
        }
        guard barriers[id] != nil else { return }
        deadlines[id] = loop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) { self.end(barrier: id, .timeout) }
    }

    func end(barrier id: Int, _ fault: NATSFault) {
        machine.forget(barrier: id)
        pass(id, fault)
    }

    /// Begins with how things are now.
    func listen(_ id: Int, _ listener: AsyncStream<ConnectionEvent>.Continuation) {
        switch machine.phase {
        case .ready(let server): listener.yield(.connected(server))
        case .closed:
            listener.yield(.closed(ending))
            return listener.finish()
        default: break
        }
        listeners[id] = listener
    }

    func ignore(_ id: Int) { listeners[id] = nil }

    // MARK: What the machine says

    private func perform(_ effects: [ClientMachine.Effect]) {
        queue += effects
        guard !isPerforming else { return }
        isPerforming = true
        var next = 0
        while next < queue.count {
            perform(queue[next])
            next += 1
        }
        queue.removeAll(keepingCapacity: true)
        isPerforming = false
    }

    private func perform(_ effect: ClientMachine.Effect) {
        switch effect {
        case .open(let server, let inTLS): open(server, inTLS: inTLS)
        case .startTLS(let server): startTLS(server)
        case .authenticate(let nonce): authenticate(nonce)
        case .send(let bytes): send(bytes)
        case .raisePayload(let bytes): handler?.raisePayload(to: min(bytes, settings.limits.payload))
        case .drop: drop()
        case .start(let timer, let duration): start(timer, duration)
        case .stop(let timer): timers.removeValue(forKey: timer)?.cancel()
        case .deliver(let id, let message): deliver(id, message)
        case .end(let id, let fault): buffers.removeValue(forKey: id)?.end(fault)
        case .answer(let id, let answer): self.answer(id, answer)
        case .passed(let id, let fault): pass(id, fault)
        case .tell(let event): tell(event)
        }
    }

    private func start(_ timer: ClientMachine.Timer, _ duration: Duration) {
        timers.removeValue(forKey: timer)?.cancel()
        timers[timer] = loop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
            self.timers[timer] = nil
            self.perform(self.machine.handle(.fired(timer)))
        }
    }

    private func deliver(_ id: Int, _ message: NATSMessage) {
        guard let buffer = buffers[id], !buffer.add(message) else { return }
        buffers[id] = nil
        perform(machine.unsubscribe(id))
    }

    private func answer(_ id: Int, _ answer: ClientMachine.Answer) {
        guard case .message = answer, machine.requests[id] != nil else {
            forget(id)?(answer)
            return
        }
        answers[id]?(answer)
    }

    @discardableResult
    private func forget(_ id: Int) -> ((ClientMachine.Answer) -> Void)? {
        deadlines.removeValue(forKey: id)?.cancel()
        return answers.removeValue(forKey: id)
    }

    private func pass(_ id: Int, _ fault: NATSFault?) {
        deadlines.removeValue(forKey: id)?.cancel()
        barriers.removeValue(forKey: id)?(fault)
    }

    private func tell(_ event: ConnectionEvent) {
        switch event {
        case .connected(let server): logger.info("connected", metadata: ["server": "\(server)"])
        case .disconnected(let fault): logger.warning("no connection", metadata: ["reason": "\(fault)"])
        case .closed(let fault):
            ending = fault
            logger.info("closed", metadata: ["reason": "\(fault.map { "\($0)" } ?? "asked for")"])
        case .notPermitted(let text): logger.warning("not permitted", metadata: ["server says": "\(text)"])
        case .serverError(let text): logger.warning("server error", metadata: ["server says": "\(text)"])
        case .serverLeaving: logger.notice("the server is about to stop")
        }
        for listener in listeners.values { listener.yield(event) }
        guard case .closed = event else { return }
        for listener in listeners.values { listener.finish() }
        listeners = [:]
        becameWritable()
    }
}

// MARK: The socket

extension ConnectionDriver {
    private func open(_ server: ServerAddress, inTLS: Bool) {
        attempt += 1
        self.server = server
        let (current, limit) = (attempt, settings.limits.socket)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(settings.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: limit / 2, high: limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = WireHandler(bound.value, attempt: current)
                    if bound.value.attempt == current { bound.value.handler = handler }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let connected = bootstrap.connect(host: server.host, port: server.port)
        connected.assumeIsolated().whenComplete { result in self.opened(result, current, inTLS: inTLS) }
    }

    private func opened(_ result: Result<any Channel, any Error>, _ current: Int, inTLS: Bool) {
        switch result {
        case .failure(let error): failed(error, attempt: current)
        case .success(let channel):
            guard current == attempt, let server else { return channel.close(promise: nil) }
            self.channel = channel
            guard inTLS else { return perform(machine.handle(.opened)) }
            secure(server) { self.perform(self.machine.handle(.opened)) }
        }
    }

    private func startTLS(_ server: ServerAddress) {
        guard handler?.isEmpty == true else {
            let reason = "something was said in the clear after TLS was agreed"
            return perform(machine.handle(.lost(.tls(server: "\(server)", reason: reason))))
        }
        secure(server) { self.perform(self.machine.handle(.secured)) }
    }

    /// Puts TLS before everything else. What is written from now on waits for its handshake.
    private func secure(_ server: ServerAddress, then proceed: @escaping () -> Void) {
        let (current, settings) = (attempt, settings.tls ?? TLSSettings())
        let prepared = NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try TLSPreparation.context(settings) }
        prepared.assumeIsolated().whenComplete { result in
            guard current == self.attempt, let channel = self.channel else { return }
            do {
                let tls = try TLSPreparation.handler(result.get(), for: server, settings)
                try channel.pipeline.syncOperations.addHandler(tls, position: .first)
                proceed()
            } catch {
                self.perform(
                    self.machine.handle(.lost(.tls(server: "\(server)", reason: TLSPreparation.text(of: error)))))
            }
        }
    }

    private func authenticate(_ nonce: String?) {
        let (current, credentials) = (attempt, settings.credentials)
        let proof = NIOThreadPool.singleton.runIfActive(eventLoop: loop) { () -> Result<ConnectionProof, NATSFault> in
            Result { () throws(NATSFault) in try ConnectionProof(credentials, nonce: nonce) }
        }
        proof.assumeIsolated().whenComplete { result in
            guard current == self.attempt else { return }
            switch result {
            case .success(.success(let proof)):
                self.perform(self.machine.handle(.identified(proof.identity)))
            case .success(.failure(let fault)): self.perform(self.machine.handle(.lost(fault)))
            case .failure(let error):
                self.perform(self.machine.handle(.lost(.credentials(TLSPreparation.text(of: error)))))
            }
        }
    }

    /// Bytes of one turn of the loop leave together.
    private func send(_ bytes: [UInt8]) {
        guard let channel, !bytes.isEmpty else { return }
        channel.write(ByteBuffer(bytes: bytes), promise: nil)
        guard !isFlushing else { return }
        isFlushing = true
        loop.assumeIsolated().execute {
            self.isFlushing = false
            self.channel?.flush()
        }
    }

    private func drop() {
        attempt += 1
        let old = channel
        (channel, handler) = (nil, nil)
        old?.flush()
        old?.close(promise: nil)
        becameWritable()
    }
}
