import FolderStores
import Glibc
import NKeys
import Trust

extension JournalSurvey {
    /// Reads the journal of a folder, which a server may be appending to meanwhile. Nothing in it is changed, and no
    /// lock is taken.
    ///
    /// - Parameter body: called for every entry that stands in its place, with the file and the line.
    /// - Throws: `JournalFault` when something cannot be read, which says nothing about the entries.
    public static func folder(
        at path: String, requiring keys: Set<PublicKey> = [],
        _ body: (JournalEntry, _ file: String, _ line: Int) -> Void = { _, _, _ in }
    ) throws(JournalFault) -> JournalSurvey {
        var survey = JournalSurvey(requiring: keys)
        let folder: Folder
        // The head first: what is appended after it was read is behind it.
        var head: JournalSeal?
        var base: JournalSeal?
        var layout: JournalLayout
        do throws(SystemError) {
            folder = try Folder(path: path, calls: SystemCalls())
            head = survey.seal(.head, in: folder)
            base = survey.seal(.base, in: folder)
            layout = try JournalLayout(of: folder)
            // Entries that were taken away between the two: the new base is before the segments are gone.
            for _ in 0..<10 {
                let again = survey.seal(.base, in: folder)
                if again == base { break }
                base = again
                layout = try JournalLayout(of: folder)
            }
        } catch {
            throw JournalFault("the journal's folder cannot be read: \(error.text)")
        }
        let segments = layout.segments(behind: base)
        survey.segments = segments.count
        survey.begin(base: base, baseFile: JournalLayout.base, head: head, headFile: JournalLayout.head)
        for segment in segments {
            try survey.read(segment, isLast: segment == segments.last, in: folder, body)
        }
        survey.end(headFile: JournalLayout.head)
        if segments.count < layout.segments.count {
            survey.remark(
                "\(layout.segments.count - segments.count) segments before the base are still there: their removal was "
                    + "interrupted, and the next one ends it")
        }
        for name in layout.torn { survey.remark("`\(name)` holds the end of a line that a crash left") }
        return survey
    }

    private mutating func seal(_ purpose: JournalSeal.Purpose, in folder: Folder) -> JournalSeal? {
        do {
            return try JournalSeal.read(purpose, in: folder)
        } catch {
            note("journal.\(purpose.rawValue)", nil, error.description)
            return nil
        }
    }

    private mutating func read(
        _ segment: JournalLayout.Segment, isLast: Bool, in folder: Folder,
        _ body: (JournalEntry, String, Int) -> Void
    ) throws(JournalFault) {
        var lines = JournalLines()
        var isFirst = true
        func take(_ survey: inout JournalSurvey) throws(JournalFault) {
            try lines.read(segment, in: folder) { line, number in
                let entry = survey.read(line, of: segment.name, at: number)
                if isFirst, let entry, entry.number != segment.first {
                    survey.note(
                        segment.name, number,
                        "the segment is named after entry \(segment.first) and begins with entry \(entry.number)")
                }
                isFirst = false
                if let entry { body(entry, segment.name, number) }
            }
        }
        try take(&self)
        // A server may be in the middle of writing a line; it takes no longer than this.
        var patience = isLast ? 50 : 0
        while lines.hasRest, patience > 0 {
            usleep(20_000)
            patience -= 1
            try take(&self)
        }
        if lines.hasRest {
            if isLast { endsInsideLine = true }
            note(segment.name, lines.number, "the last line has no end: a crash cut it short, or somebody changed it")
        }
    }

    /// Reads a journal that is one file, or an extract (`JournalExtract`), from memory.
    ///
    /// - Parameter body: called for every entry that stands in its place, with its line.
    public static func file(
        _ bytes: [UInt8], named file: String, requiring keys: Set<PublicKey> = [],
        _ body: (JournalEntry, _ line: Int) -> Void = { _, _ in }
    ) -> JournalSurvey {
        var survey = JournalSurvey(requiring: keys)
        var lines = bytes.split(separator: JournalTail.newline, omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.isEmpty }[...]
        var seals: [JournalSeal.Purpose: JournalSeal] = [:]
        for purpose in [JournalSeal.Purpose.base, .head] {
            guard let line = lines.first?.element, let seal = JournalExtract.seal(purpose, in: line) else { continue }
            seals[purpose] = seal
            lines.removeFirst()
        }
        survey.begin(base: seals[.base], baseFile: file, head: seals[.head], headFile: file)
        for (index, line) in lines {
            let entry = line.withUnsafeBufferPointer { survey.read($0, of: file, at: index + 1) }
            if let entry { body(entry, index + 1) }
        }
        survey.end(headFile: file)
        return survey
    }
}

extension JournalSurvey {
    /// What is sealed of the journal of a folder, whether or not it is genuine.
    static func seals(folderAt path: String) throws(JournalFault) -> (base: JournalSeal?, head: JournalSeal?) {
        do throws(SystemError) {
            let folder = try Folder(path: path, calls: SystemCalls())
            return (try? JournalSeal.read(.base, in: folder), try? JournalSeal.read(.head, in: folder))
        } catch {
            throw JournalFault("the journal's folder cannot be read: \(error.text)")
        }
    }
}
