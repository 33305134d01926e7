// Writing all of some bytes: the kernel may take a part of them at a time.

private import Glibc

/// Writes all bytes to a descriptor; false where that fails, and errno says why.
package func writeWhole(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes {
            write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
        }
        if count < 0, errno != EINTR { return false }
        written += max(count, 0)
    }
    return true
}
