import NIOCore
import NIOHTTP1

/// One connection to monitoring: one request, one answer, the end.
final class MonitoringHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case asked(HTTPRequestHead)
        case answering
    }

    private let pages: MonitoringPages
    private let limits: MonitoringServer.Limits
    private var state = State.idle
    private var deadline: Scheduled<Void>?
    /// Characters of an address: far more than every option of a page takes.
    private static let longestTarget = 4096

    init(_ pages: MonitoringPages, _ limits: MonitoringServer.Limits) { (self.pages, self.limits) = (pages, limits) }

    func channelActive(context: ChannelHandlerContext) {
        end(context.channel, after: limits.request)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle): state = .asked(head)
        case (.end, .asked(let head)): answer(head, context)
        case (.body, .asked(let head)):
            write(MonitoringPages.text("a request has no body here\n", status: 413), to: head, context)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard head.method == .GET || head.method == .HEAD else {
            return write(MonitoringPages.text("only GET and HEAD are answered\n", status: 405), to: head, context)
        }
        guard head.uri.utf8.count <= Self.longestTarget else {
            return write(MonitoringPages.text("the address is too long\n", status: 414), to: head, context)
        }
        state = .answering
        end(context.channel, after: limits.answer)
        let (pages, target) = (pages, head.uri)
        let here = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.makeFutureWithTask { await pages.answer(to: target) }.whenSuccess { answer in
            let (handler, context) = here.value
            handler.write(answer, to: head, context)
        }
    }

    private func write(_ answer: MonitoringPages.Answer, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        state = .answering
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: answer.contentType)
        headers.add(name: "content-length", value: String(answer.body.count))
        headers.add(name: "cache-control", value: "no-store")
        headers.add(name: "x-content-type-options", value: "nosniff")
        headers.add(name: "connection", value: "close")
        if answer.status == 405 { headers.add(name: "allow", value: "GET, HEAD") }
        let status = HTTPResponseStatus(statusCode: answer.status)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if head.method != .HEAD {
            context.write(
                wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Cuts the connection off when it takes longer, in place of what was said before.
    private func end(_ channel: any Channel, after time: Duration) {
        deadline?.cancel()
        let time = TimeAmount.nanoseconds(Int64(clamping: time.nanoseconds))
        deadline = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
