#if os(Linux)
import CDevstart
import Glibc

/// The supervisor's listening socket, `control.sock` in the control folder.
package struct ControlListener: ~Copyable {
  private let socket: OwnedDescriptor
  /// A descriptor to turn away with who comes when no other is left: a connection that is not
  /// accepted would wake the loop for ever.
  private var spare: OwnedDescriptor?
  /// Where it listens, if the folder's file system has no sockets.
  package let elsewhere: String?

  package var descriptor: Int32 { socket.number }

  /// Listens in the folder, in the place of whatever a dead supervisor left there; where that
  /// file system has no sockets, or a sandbox denies them (EACCES), in `$XDG_RUNTIME_DIR` or a
  /// folder of this user's alone under `/tmp`.
  package static func listen(
    in folder: borrowing ControlFolder, project: String, runtimeFolder: String?
  ) throws(ControlFolder.Refusal) -> ControlListener {
    do {
      let path = folder.shortPath(of: ControlFolder.socketName)
      return ControlListener(socket: try bound(to: path), elsewhere: nil)
    } catch {
      guard [EPERM, EACCES, EOPNOTSUPP, EINVAL, ENOSYS].contains(error.code) else {
        throw .failed(error)
      }
    }
    let own = runtimeFolder ?? "/tmp/devstart-\(getuid())"
    let path = "\(own)/devstart-\(project).sock"
    do throws(ControlFolder.Refusal) {
      try ControlFolder.ensureOwn(own)
    } catch {
      throw .noPlaceForSocket(error)
    }
    do {
      return ControlListener(socket: try bound(to: path), elsewhere: path)
    } catch {
      throw .noPlaceForSocket(.failed(error))
    }
  }

  /// Goes on with the socket of the program that this process was before.
  package init(inherited descriptor: Int32, elsewhere: String?) {
    socket = OwnedDescriptor(owning: descriptor)
    spare = Self.opened()
    self.elsewhere = elsewhere
  }

  private init(socket: consuming OwnedDescriptor, elsewhere: String?) {
    self.socket = socket
    spare = Self.opened()
    self.elsewhere = elsewhere
  }

  private static func bound(to path: String) throws(SystemError) -> OwnedDescriptor {
    guard let address = UnixAddress.path(path) else {
      throw SystemError(call: "bind", operand: path, code: ENAMETOOLONG)
    }
    let kind = Int32(
      SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = OwnedDescriptor(
      owning: try systemCall("socket", path) { Glibc.socket(AF_UNIX, kind, 0) })
    // Nobody else listens: the lock is ours.
    unlink(path)
    // Between bind and chmod nobody else may connect.
    let mask = umask(0o177)
    defer { umask(mask) }
    try systemCall("bind", path) { address.with { bind(socket.number, $0, $1) } }
    try systemCall("listen", path) { Glibc.listen(socket.number, 4096) }
    return socket
  }

  /// Whether commands find the socket in the folder: its name may have been deleted.
  package func isInPlace(in folder: borrowing ControlFolder) -> Bool {
    var information = stat()
    let path = elsewhere ?? folder.shortPath(of: ControlFolder.socketName)
    return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFSOCK
  }

  /// Takes the name away, so that the next command starts another supervisor.
  package func withdraw(from folder: borrowing ControlFolder) {
    if let elsewhere {
      unlink(elsewhere)
    } else {
      unlinkat(folder.descriptor.number, ControlFolder.socketName, 0)
    }
  }

  /// The next connection of this user's; nil where none waits. Others' are closed. Where this
  /// process may have no more descriptors, who waits is told `regret` and is left.
  package mutating func accept(orSay regret: [UInt8]) -> OwnedDescriptor? {
    while true {
      let number = cd_accept(socket.number)
      if number < 0 {
        switch errno {
        case EINTR, ECONNABORTED: continue
        case EMFILE, ENFILE:
          guard turnAway(regret) else { return nil }
          continue
        case _: return nil
        }
      }
      let connection = OwnedDescriptor(owning: number)
      var user: uid_t = 0
      guard cd_peer_user(connection.number, &user) == 0, user == getuid() || user == 0 else {
        continue
      }
      return connection
    }
  }

  /// False where nobody waits, or even the spare descriptor is gone.
  private mutating func turnAway(_ regret: [UInt8]) -> Bool {
    guard spare != nil else { return false }
    spare = nil
    let connection = OwnedDescriptor(owning: cd_accept(socket.number))
    if connection.number >= 0 {
      _ = Glibc.send(
        connection.number, regret, regret.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    let isTurnedAway = connection.number >= 0
    _ = consume connection
    spare = Self.opened()
    return isTurnedAway
  }

  private static func opened() -> OwnedDescriptor? {
    let number = open("/", O_RDONLY | O_CLOEXEC)
    return number < 0 ? nil : OwnedDescriptor(owning: number)
  }
}
#endif
