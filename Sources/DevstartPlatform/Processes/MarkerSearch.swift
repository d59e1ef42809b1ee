import DevstartCore

/// Finds a launch's marker in an environment as the kernel shows it.
enum MarkerSearch {
  /// The value of the first `DEVSTART_ID` in NUL-separated entries; nil where there is none, or
  /// it is no marker.
  static func marker(inEnvironment bytes: UnsafeBufferPointer<UInt8>) -> Marker? {
    let key: StaticString = "DEVSTART_ID="
    let (name, length) = (key.utf8Start, key.utf8CodeUnitCount)
    var start = 0
    while start + length <= bytes.count {
      var matched = 0
      while matched < length, bytes[start + matched] == name[matched] { matched += 1 }
      var end = start + matched
      while end < bytes.count, bytes[end] != 0 { end += 1 }
      if matched == length {
        let value = UnsafeBufferPointer(rebasing: bytes[start + length..<end])
        return Marker(String(decoding: value, as: UTF8.self))
      }
      start = end + 1
    }
    return nil
  }
}
