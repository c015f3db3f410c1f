import NIOCore
import NIOHTTP1

/// Holds requests to what hummingbird leaves open: the version, one host, one length, the size of the target, how many
/// requests a connection brings, and what becomes of a connection whose requests can no longer be told apart.
///
/// It stands between the parser of HTTP and the rest. It counts heads, ends and answers, since clients may send several
/// requests at once: only what follows the last answer may end a connection.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let settings: HTTPSettings
    private let watch: ConnectionWatch
    private let metrics: RequestMetrics
    private let identifiers: RequestIdentifiers
    /// Requests whose heads were handed on, those of them that are whole, and those that were answered.
    private var heads = 0
    private var ends = 0
    private var answers = 0
    /// How many requests are answered before the connection ends; nil for as many as come.
    private var last: Int?
    /// What is to be said once everything before it was answered.
    private var refusal: RequestFault?

    init(
        _ settings: HTTPSettings, watch: ConnectionWatch, metrics: RequestMetrics, identifiers: RequestIdentifiers
    ) {
        (self.settings, self.watch, self.metrics, self.identifiers) = (settings, watch, metrics, identifiers)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let last, heads >= last, ends >= heads { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let fault = fault(in: head) { return refuse(fault, context) }
            heads += 1
            if !head.isKeepAlive || heads >= settings.requestsPerConnection { last = heads }
            watch.headCompleted()
        case .body: break
        case .end:
            ends += 1
            watch.requestCompleted()
        }
        context.fireChannelRead(data)
    }

    private func fault(in head: HTTPRequestHead) -> RequestFault? {
        if head.version != .http1_1 { return .version }
        if head.uri.utf8.count > settings.targetBytes { return .header }
        // Targets of other forms, which a proxy would be asked with, would be a second spelling of every path.
        if head.uri.utf8.first != UInt8(ascii: "/") { return .form }
        var hosts = 0
        var lengths = 0
        var encodings = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.lowercased() == "host":
                hosts += 1
                if value.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2c || $0 >= 0x7f }) { return .form }
            case 14 where name.lowercased() == "content-length": lengths += 1
            case 17 where name.lowercased() == "transfer-encoding":
                encodings += 1
                if value.lowercased() != "chunked" { return .form }
            default: break
            }
        }
        return hosts == 1 && lengths + encodings <= 1 ? nil : .form
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A body that breaks off is for whoever reads it.
        guard let error = error as? HTTPParserError, ends == heads else {
            last = heads
            return context.fireErrorCaught(error)
        }
        if let last, heads >= last { return }
        refuse(error == .headerOverflow ? .header : .form, context)
    }

    private func refuse(_ fault: RequestFault, _ context: ChannelHandlerContext) {
        last = heads
        refusal = fault
        if answers == heads { sayRefusal(context) }
    }

    private func sayRefusal(_ context: ChannelHandlerContext) {
        guard let fault = refusal else { return }
        refusal = nil
        metrics.refused(fault.rawValue)
        metrics.answered(nil, nil, status: fault.status, nanoseconds: 0)
        let text = HTTPAnswer.refusal(fault)
        var headers = HTTPHeaders([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        headers.add(name: "X-Request-Id", value: identifiers.next())
        headers.add(name: "Connection", value: "close")
        var buffer = ByteBuffer()
        if case .bytes(let bytes) = text.body { buffer = bytes }
        headers.add(name: "Content-Length", value: "\(buffer.readableBytes)")
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: fault.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status != .continue:
            // Whoever is answered before the body has come ends the connection: where the next request begins would
            // be for the body to say.
            if ends <= answers { last = answers + 1 }
            if last == answers + 1, refusal == nil {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
                return context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
            context.write(data, promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            answers += 1
            context.write(data, promise: promise)
            if answers == heads { watch.allAnswered() }
            guard let last, answers >= last else { return }
            context.flush()
            if refusal != nil { return sayRefusal(context) }
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // What has begun is answered; nothing else is begun.
        if event is ChannelShouldQuiesceEvent, last == nil { last = heads }
        context.fireUserInboundEventTriggered(event)
    }
}
