import NKeys

extension TokenJudge {
    mutating func split(_ text: UnsafeBufferPointer<UInt8>) -> TokenText? {
        let rest = [Rule.tokenBase64, .tokenJSON, .tokenHeader] + Self.laterRules
        do throws(TokenText.TextFault) {
            return try TokenText(text, limit: verifier.policy.maximumTokenSize)
        } catch {
            switch error {
            case .size:
                let limit = verifier.policy.maximumTokenSize
                judgement.refuse(.tokenSize, at: .whole, .tokenTooLarge(bytes: text.count, limit: limit))
                judgement.couldNotJudge([.tokenSegments] + rest)
            case .segments(let count):
                judgement.refuse(.tokenSegments, at: .whole, .wrongNumberOfSegments(count))
                judgement.couldNotJudge(rest)
            case .empty(let segment):
                judgement.refuse(.tokenSegments, at: Place(segment.rawValue), .emptySegment(segment: segment))
                judgement.couldNotJudge(rest)
            }
            return nil
        }
    }

    mutating func decode(_ text: UnsafeBufferPointer<UInt8>, _ segment: TokenSegment) -> [UInt8]? {
        do throws(Base64URL.Fault) {
            return try Base64URL.decode(text, padding: JSONReader.padding)
        } catch {
            judgement.refuse(.tokenBase64, at: Place(segment.rawValue), .base64(segment: segment, fault: error.detail))
            return nil
        }
    }

    /// The signature; nil when it cannot be one, which is said here.
    mutating func decodeSignature(_ text: UnsafeBufferPointer<UInt8>) -> Signature? {
        if text.isEmpty {
            judgement.refuse(.tokenSegments, at: "signature", .emptySegment(segment: .signature))
            judgement.couldNotJudge([.tokenSignature])
            return nil
        }
        let bytes: [UInt8]
        do throws(Base64URL.Fault) {
            bytes = try Base64URL.decode(text)
        } catch {
            judgement.refuse(.tokenBase64, at: "signature", .base64(segment: .signature, fault: error.detail))
            // 64 bytes are 86 characters; of any other length it is no signature, however it is read.
            if text.count == 86 {
                judgement.couldNotJudge([.tokenSignature])
            } else {
                judgement.refuse(.tokenSignature, at: "signature", .signatureLength(bytes: text.count * 3 / 4))
            }
            return nil
        }
        guard let signature = Signature(rawBytes: bytes.span) else {
            judgement.refuse(.tokenSignature, at: "signature", .signatureLength(bytes: bytes.count))
            return nil
        }
        return signature
    }

    mutating func readHeader(_ text: UnsafeBufferPointer<UInt8>) -> TokenHeader? {
        if CaseFolding.equal(text, "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ") {
            if case .any = expected { header = TokenHeader.usualText }
            return .usual
        }
        guard let bytes = decode(text, .header) else {
            judgement.couldNotJudge([.tokenHeader, .tokenAlgorithm])
            return nil
        }
        header = Array(bytes.dropLast(JSONReader.padding))
        do throws(JSONReader.Fault) {
            return try bytes.withUnsafeBufferPointer { buffer throws(JSONReader.Fault) in
                let raw = UnsafeRawBufferPointer(buffer)
                return try TokenHeader(PaddedBytes(raw, count: raw.count - JSONReader.padding))
            }
        } catch {
            judgement.refuse(.tokenJSON, at: "header", error.detail(.header))
            judgement.couldNotJudge([.tokenHeader, .tokenAlgorithm])
            return nil
        }
    }

    /// Reads the payload as the type that is expected, or else as the type it states.
    mutating func readPayload(_ bytes: PaddedBytes) -> (ClaimsReader, Payload)? {
        do throws(JSONReader.Fault) {
            var guess = TokenType.generic
            if case .type(let type) = expected { guess = type }
            var reader = try ClaimsReader(bytes, zones: verifier.zones)
            var payload = try reader.payload(as: guess)
            if payload.type != guess {
                guess = payload.type
                reader = try ClaimsReader(bytes, zones: verifier.zones)
                payload = try reader.payload(as: guess)
            }
            return (reader, payload)
        } catch {
            judgement.refuse(.tokenJSON, at: "payload", error.detail(.payload))
            return nil
        }
    }
}

extension Base64URL.Fault {
    fileprivate var detail: Base64Fault {
        switch self {
        case .alphabet(let offset): .alphabet(offset: offset)
        case .whitespace(let offset): .whitespace(offset: offset)
        case .padding(let offset): .padding(offset: offset)
        case .length: .length
        case .trailingBits: .trailingBits
        }
    }
}

extension JSONReader.Fault {
    fileprivate func detail(_ segment: TokenSegment) -> Detail {
        let fault: JSONSyntaxFault =
            switch kind {
            case .byteOrderMark: .byteOrderMark
            case .utf8: .utf8
            case .notAnObject: .notAnObject
            case .syntax: .syntax
            case .control: .control
            case .escape: .escape
            case .surrogate: .surrogate
            case .depth: .depth
            case .trailing: .trailing
            case .end: .end
            }
        return .json(segment: segment, fault: fault, offset: offset)
    }
}
