/// A probe as a command that exits with 0 when it passes, with what is on any system.
struct ShellProbe {
  var arguments: [String]
  /// It needs this program, which is not on every system.
  var program: String?

  init(_ probe: Probe, timeout: Duration) {
    switch probe {
    case .listening(let ports):
      arguments = ["/bin/sh", "-c", Self.listeningScript(ports)]
    case .http(let address, let status):
      let script = Self.httpScript(status: status, timeout: timeout)
      arguments = ["/bin/sh", "-c", script, Self.encoded(address)]
      program = "curl"
    case .command(let command):
      arguments = command.argumentVector
    }
  }

  /// Reads the kernel's own tables (proc(5)): state `0A` is a listener, ports are hexadecimal.
  private static func listeningScript(_ ports: [UInt16]) -> String {
    ports.map { port in
      let digits = String(port, radix: 16, uppercase: true)
      let padded = String(repeating: "0", count: 4 - digits.count) + digits
      return "grep -Eqs ':\(padded) 0+:0000 0A' /proc/net/tcp /proc/net/tcp6"
    }.joined(separator: " && ")
  }

  private static func encoded(_ address: String) -> String {
    do {
      return try HTTPAddress(address).text
    } catch {
      return address
    }
  }

  /// Asks as a probe does: no settings of somebody's own, no patterns in the address, no proxy.
  private static func httpScript(status: Int?, timeout: Duration) -> String {
    let expected = status.map { String($0) } ?? "2??"
    return
      "case $(curl -qgs --noproxy '*' -o /dev/null -m \(max(1, timeout.wholeSeconds)) "
      + "-w '%{http_code}' \"$0\") in \(expected)) ;; *) exit 1 ;; esac"
  }
}
