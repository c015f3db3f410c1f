/// The encodings of Ed25519 points that are no public key.
///
/// libsodium refuses them at verification as well; refusing when the key is read keeps them out of signing-key lists,
/// revocations and maps. Whether the rest is a point at all costs a square root and is left to verification.
enum EdwardsPoint {
    /// The fault of an encoded point: y not below p = 2^255 - 19 or a sign on x = 0 (RFC 8032, 5.1.3), or an order
    /// that divides 8.
    @inline(__always)
    static func fault(in bytes: Bytes32) -> KeyTextError? {
        let word0 = UInt64(littleEndian: bytes.word0)
        let word1 = UInt64(littleEndian: bytes.word1)
        let word2 = UInt64(littleEndian: bytes.word2)
        let word3 = UInt64(littleEndian: bytes.word3)
        let y3 = word3 & .max >> 1
        let signed = word3 != y3
        switch (word0, word1, word2, y3) {
        case (0xFFFF_FFFF_FFFF_FFED...UInt64.max, .max, .max, .max >> 1):
            return .nonCanonicalPoint  // y >= p
        case (1, 0, 0, 0), (0xFFFF_FFFF_FFFF_FFEC, .max, .max, .max >> 1):
            return signed ? .nonCanonicalPoint : .smallOrder  // order 1 and 2, where x = 0
        case (0, 0, 0, 0),  // order 4
            (0xB027_B2C2_8F95_E826, 0xF098_EFF2_89F4_C345, 0x3933_C6D3_05AC_DFD5, 0x05FC_536D_8802_38B1),  // order 8
            (0x4FD8_4D3D_706A_17C7, 0x0F67_100D_760B_3CBA, 0xC6CC_392C_FA53_202A, 0x7A03_AC92_77FD_C74E):
            return .smallOrder
        default:
            return nil
        }
    }
}
