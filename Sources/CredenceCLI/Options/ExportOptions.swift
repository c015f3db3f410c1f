import ArgumentParser
import Subjects
import Trust

/// What an export is, with nsc's flags. What is not given is left as it is.
struct ExportOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The export's name; its subject without one.") var name: String?
    @Flag(
        name: [.customShort("p"), .customLong("private")], inversion: .prefixedNo,
        help: "Importers need an activation; without, everyone may import.")
    var isPrivate: Bool?
    @Option(help: ArgumentHelp("Where measurements of a service go.", valueName: "subject")) var latency: String?
    @Option(help: ArgumentHelp("Percent of requests measured, or `header` for those that ask.", valueName: "share"))
    var sampling: Sampling?
    @Option(help: "How a service answers.") var responseType: ReplyType?
    @Option(help: ArgumentHelp("For how long a service may answer, such as 500ms, 5s, 2m.", valueName: "time"))
    var responseThreshold: TimeSpan?
    @Option(
        help: ArgumentHelp(
            "The token of the subject, from 1, where an importer's own key must stand; 0 for none.",
            valueName: "position"))
    var accountTokenPosition: UInt32?
    @Flag(inversion: .prefixedNo, help: "Advertise the export.") var advertise: Bool?
    @Flag(inversion: .prefixedNo, help: "Messages that are traced stay so on the way into a service.")
    var allowTrace: Bool?
    @Option(help: ArgumentHelp("What the export is for.", valueName: "text")) var description: String?
    @Option(help: ArgumentHelp("Where more is said about it.", valueName: "url")) var infoUrl: String?

    /// `--sampling`.
    enum Sampling: Hashable, ExpressibleByArgument {
        case percent(Int)
        case header

        init?(argument: String) {
            if ["header", "headers"].contains(argument.lowercased()) {
                self = .header
            } else if let percent = Int(argument), (1...100).contains(percent) {
                self = .percent(percent)
            } else {
                return nil
            }
        }
    }

    /// `--response-type`, whatever its case.
    struct ReplyType: Hashable, ExpressibleByArgument {
        let type: ResponseType

        init?(argument: String) {
            let known: [ResponseType] = [.singleton, .stream, .chunked]
            guard let type = known.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
                return nil
            }
            self.type = type
        }

        static var allValueStrings: [String] { ["Singleton", "Stream", "Chunked"] }
    }

    /// Sets what is given. Whether it fits together is for the rules to judge.
    func apply(to export: inout Export) throws(CommandFailure) {
        if let name { export.name = name }
        if let isPrivate { export.tokenRequired = isPrivate }
        if let responseType { export.responseType = responseType.type }
        if let responseThreshold { export.responseThreshold = responseThreshold.nanoseconds }
        if let accountTokenPosition { export.accountTokenPosition = Int(accountTokenPosition) }
        if let advertise { export.advertise = advertise }
        if let allowTrace { export.allowTrace = allowTrace }
        if let description { export.description = description }
        if let infoUrl { export.infoURL = infoUrl }
        try applyLatency(to: &export)
    }

    private func applyLatency(to export: inout Export) throws(CommandFailure) {
        guard latency != nil || sampling != nil else { return }
        let results: Subject? =
            if let latency {
                try SubjectArgument.literal(latency, flag: "--latency")
            } else {
                export.latency?.results
            }
        guard let results else {
            throw CommandFailure(.usage, "--sampling: measured for whom", hint: "name a subject with --latency")
        }
        switch sampling {
        case .percent(let percent): export.latency = ServiceLatency(percent: percent, results: results)
        case .header: export.latency = ServiceLatency(percent: nil, results: results)
        case nil:
            guard let old = export.latency else {
                throw CommandFailure(
                    .usage, "--latency: how many requests are measured", hint: "say it with --sampling")
            }
            export.latency = ServiceLatency(percent: old.percent, results: results)
        }
    }
}
