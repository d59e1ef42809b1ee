#if os(Linux)
package import DevstartCore
import Glibc

extension ProcessWorld {
  /// This boot and the PID namespace of the process that asks (pid_namespaces(7)).
  package static func current() throws(SystemError) -> ProcessWorld {
    let bytes = try FileReading.bytes(ofPath: "/proc/sys/kernel/random/boot_id", limit: 256)
    var status = stat()
    let path = "/proc/self/ns/pid"
    try systemCall("stat", path) { stat(path, &status) }
    return ProcessWorld(
      bootID: String(decoding: bytes.prefix { $0 > 32 }, as: UTF8.self),
      pidNamespace: UInt64(status.st_ino))
  }
}
#endif
