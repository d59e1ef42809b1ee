import Glibc

/// An HTTP client that says exactly what it is told, over a socket of its own.
package final class HTTPClient: Sendable {
  package let descriptor: Int32

  /// Connects to a port of 127.0.0.1; throws where nobody listens.
  package init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let number = descriptor
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // It is closed either way: `deinit` runs also for what throws here.
    guard code == 0 else { throw TimedOut(description: "port \(port): errno \(errno)") }
  }

  deinit { close(descriptor) }

  /// Sends all of it, as far as the other end takes it.
  package func send(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: start), bytes.count - start,
          Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      start += count
    }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  /// Whether all that was sent is at the other end, read or not (SIOCOUTQ, tcp(7)); the connection
  /// is then there to be accepted.
  package var hasArrived: Bool {
    var left: Int32 = 0
    return ioctl(descriptor, UInt(TIOCOUTQ), &left) == 0 && left == 0
  }

  package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Everything until the other end closes; throws where it does not.
  package func receive(within time: Duration = .seconds(15)) throws -> [UInt8] {
    var received: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      guard Poll.isReadable(descriptor, within: time) else {
        throw TimedOut(description: "no end; so far «\(String(decoding: received, as: UTF8.self))»")
      }
      let count = recv(descriptor, &block, block.count, 0)
      if count <= 0 { return received }
      received += block.prefix(count)
    }
  }

  /// What comes of a request, given as it is sent.
  package static func ask(_ port: Int, _ request: String) throws -> HTTPAnswer {
    let client = try HTTPClient(port: port)
    client.send(request)
    return try HTTPAnswer(try client.receive())
  }

  /// What comes of a `GET`, with more fields if there are any: `Accept: text/plain`.
  package static func get(_ port: Int, _ path: String, _ fields: String...) throws -> HTTPAnswer {
    let lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + fields + ["", ""]
    return try ask(port, lines.joined(separator: "\r\n"))
  }

  /// Whether anybody listens.
  package static func isServed(_ port: Int) -> Bool { (try? HTTPClient(port: port)) != nil }
}

/// An answer, whole.
package struct HTTPAnswer {
  package let status: Int
  package let fields: [String: String]
  package let body: String

  package init(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else {
      throw TimedOut(description: "no answer: «\(text)»")
    }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    fields = Dictionary(
      lines.dropFirst().compactMap { line in
        line.firstRange(of: ": ").map {
          (line[..<$0.lowerBound].lowercased(), String(line[$0.upperBound...]))
        }
      }, uniquingKeysWith: { "\($0), \($1)" })
    body = String(text[end.upperBound...])
  }
}
