import ArgumentParser
import Trust

/// A moment as nsc's `revocations --at` takes it: RFC 3339, or seconds since 1970; `0` for now.
enum Moment: Hashable, ExpressibleByArgument {
    case now
    case at(UnixTime)

    init?(argument: String) {
        if argument == "0" {
            self = .now
        } else if let time = RFC3339.parse(argument) {
            self = .at(time)
        } else if !argument.isEmpty, argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(argument), let time = UnixTime(seconds), time > .zero
        {
            self = .at(time)
        } else {
            return nil
        }
    }
}
