/// A value with one shape on the control socket, in the state file and in a launch's specification.
package protocol Message: Sendable {
  var json: JSON { get }
  /// Throws `MessageError` where the shape is another.
  init(json: JSON) throws(MessageError)
}

/// A key that is missing or holds something else than it should.
package struct MessageError: Error, Equatable {
  package var key: String

  package init(key: String) { self.key = key }
}

extension JSON {
  func text(_ key: String) throws(MessageError) -> String {
    guard let value = self[key]?.string else { throw MessageError(key: key) }
    return value
  }

  func whole(_ key: String) throws(MessageError) -> Int {
    guard let value = self[key]?.integer else { throw MessageError(key: key) }
    return value
  }

  /// How often something has happened: small enough that it may happen more often.
  func count(_ key: String) throws(MessageError) -> Int {
    let value = try whole(key)
    guard (0...Int(Int32.max)).contains(value) else { throw MessageError(key: key) }
    return value
  }

  func optionalCount(_ key: String) throws(MessageError) -> Int? {
    guard let value = self[key], !value.isNull else { return nil }
    return try count(key)
  }

  func flag(_ key: String) throws(MessageError) -> Bool {
    guard let value = self[key]?.bool else { throw MessageError(key: key) }
    return value
  }

  func texts(_ key: String) throws(MessageError) -> [String] {
    guard let value = self[key]?.strings else { throw MessageError(key: key) }
    return value
  }

  func duration(_ key: String) throws(MessageError) -> Duration {
    .nanoseconds(try whole(key))
  }

  func optionalDuration(_ key: String) throws(MessageError) -> Duration? {
    guard let value = self[key], !value.isNull else { return nil }
    return try duration(key)
  }

  func choice<Choice: RawRepresentable<String>>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) throws(MessageError) -> Choice {
    guard let value = Choice(rawValue: try text(key)) else { throw MessageError(key: key) }
    return value
  }

  func optionalChoice<Choice: RawRepresentable<String>>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) throws(MessageError) -> Choice? {
    guard let value = self[key], !value.isNull else { return nil }
    return try choice(key, type)
  }

  func list<Element>(
    _ key: String, _ decode: (JSON) throws(MessageError) -> Element
  ) throws(MessageError) -> [Element] {
    guard let values = self[key]?.array else { throw MessageError(key: key) }
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    for value in values { elements.append(try decode(value)) }
    return elements
  }

  func message<Value: Message>(
    _ key: String, _ type: Value.Type = Value.self
  ) throws(MessageError) -> Value {
    guard let value = self[key] else { throw MessageError(key: key) }
    return try Value(json: value)
  }

  func optionalMessage<Value: Message>(
    _ key: String, _ type: Value.Type = Value.self
  ) throws(MessageError) -> Value? {
    guard let value = self[key], !value.isNull else { return nil }
    return try Value(json: value)
  }

  func messages<Value: Message>(
    _ key: String, _ type: Value.Type = Value.self
  ) throws(MessageError) -> [Value] {
    try list(key) { json throws(MessageError) in try Value(json: json) }
  }

  init(_ duration: Duration) { self.init(Int(duration.nanoseconds)) }
  init(_ duration: Duration?) { self = duration.map { JSON($0) } ?? nil }
  init(_ messages: [some Message]) { self.init(messages.map(\.json)) }
  init(_ message: (some Message)?) { self = message?.json ?? nil }
}
