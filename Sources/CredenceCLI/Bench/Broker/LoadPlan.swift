import ArgumentParser

/// A work that a server is measured by.
enum LoadWork: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Messages that nobody listens to.
    case publish
    /// One publisher to one subscriber.
    case pair
    /// One publisher to four subscribers.
    case fan
    /// Connections with tokens.
    case connects
    /// Requests and replies across accounts.
    case request

    /// Bytes of a message unless something else is asked for.
    var payload: Int {
        switch self {
        case .publish, .pair, .request: 16
        case .fan: 128
        case .connects: 0
        }
    }
}

/// What is done to the servers, how often, and in which order.
struct LoadPlan: Sendable {
    var works: [LoadWork]
    var amount: LoadAmount
    var runs: Int
    /// Bytes of a message; nil for what is usual for the work.
    var payload: Int?
    /// Subjects of `publish`.
    var subjects: Int
    /// The beginning of every subject but those of requests.
    var prefix: String
    var (requestSubject, serviceSubject): (String, String)
    /// Threads of `connects`.
    var clients: Int

    /// Subscribers of `fan`.
    static let fanSubscribers = 4

    /// The runs of a work on each server. The servers take turns, so that each sees the same machine.
    func samples(of work: LoadWork, on targets: [LoadTarget]) throws(CommandFailure) -> [[LoadSample]] {
        let run = runner(of: work)
        var samples = targets.map { _ in [LoadSample]() }
        for _ in 0..<runs {
            for (index, target) in targets.enumerated() {
                do throws(LoadFault) {
                    samples[index].append(try run(amount, target))
                } catch {
                    throw error.failure("\(target.url), \(work.rawValue)")
                }
            }
        }
        return samples
    }

    private typealias Runner = (LoadAmount, LoadTarget) throws(LoadFault) -> LoadSample

    private func runner(of work: LoadWork) -> Runner {
        let payload = payload ?? work.payload
        switch work {
        case .publish: return PublishWork(prefix: prefix, subjects: subjects, payload: payload).run
        case .pair: return DeliveryWork(subject: "\(prefix).pair.one", payload: payload, subscribers: 1).run
        case .fan:
            return DeliveryWork(subject: "\(prefix).fan.one", payload: payload, subscribers: Self.fanSubscribers).run
        case .connects: return ConnectWork(clients: clients).run
        case .request:
            return RequestWork(
                requestSubject: requestSubject, serviceSubject: serviceSubject, payload: payload
            ).run
        }
    }
}
