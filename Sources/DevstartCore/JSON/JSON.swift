/// A JSON value (RFC 8259) that remembers where it stood in its source text.
///
/// One type serves the manifest, the control socket and the state file. The toolchain's
/// `JSONDecoder` gives no positions, stops at the first problem, and its round trip of a status
/// of 100 services costs four times the start of the whole program.
package struct JSON: Sendable {
  /// What kinds of value there are; an object keeps the order and the repetition of its keys.
  package enum Kind: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])
  }

  /// A key with its value; `keyOffset` is the key's byte offset in the source.
  package struct Member: Sendable {
    package var key: String
    package var keyOffset: Int
    package var value: JSON

    package init(key: String, keyOffset: Int = 0, value: JSON) {
      self.key = key
      self.keyOffset = keyOffset
      self.value = value
    }
  }

  package var kind: Kind
  /// The byte offset of the value's first character in its source; 0 for a built value.
  package var offset: Int
  /// Which of several texts that were merged it stood in; a member's key stands there too.
  package var source: UInt8

  package init(_ kind: Kind, offset: Int = 0, source: UInt8 = 0) {
    self.kind = kind
    self.offset = offset
    self.source = source
  }
}

// MARK: Reading

// `@inline(never)`: once these are inlined into initializers that throw, the optimizer of
// Swift 6.3.1 crashes (CopyPropagation finds a leak).
extension JSON {
  /// The value of the last member named `key` (RFC 8259 leaves repetition open; the last wins).
  package subscript(key: String) -> JSON? {
    guard case .object(let members) = kind else { return nil }
    return members.last { $0.key == key }?.value
  }

  package var string: String? {
    @inline(never) get { if case .string(let value) = kind { value } else { nil } }
  }

  package var bool: Bool? {
    @inline(never) get { if case .bool(let value) = kind { value } else { nil } }
  }

  package var integer: Int? {
    @inline(never) get { if case .integer(let value) = kind { value } else { nil } }
  }

  package var double: Double? {
    switch kind {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .null, .bool, .string, .array, .object: nil
    }
  }

  package var array: [JSON]? {
    if case .array(let value) = kind { value } else { nil }
  }

  package var members: [Member]? {
    if case .object(let value) = kind { value } else { nil }
  }

  package var isNull: Bool {
    if case .null = kind { true } else { false }
  }

  /// The strings of an array; nil where it is no array of strings alone.
  package var strings: [String]? {
    guard let array else { return nil }
    let strings = array.compactMap(\.string)
    return strings.count == array.count ? strings : nil
  }

  /// The value's kind in a person's words: `a number`, `an object` …
  package var kindName: String {
    switch kind {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

// MARK: Building

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self.init(.string(value)) }
  package init(integerLiteral value: Int) { self.init(.integer(value)) }
  package init(booleanLiteral value: Bool) { self.init(.bool(value)) }
  package init(nilLiteral: ()) { self.init(.null) }
  package init(arrayLiteral elements: JSON...) { self.init(.array(elements)) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self.init(.object(elements.map { Member(key: $0.0, value: $0.1) }))
  }

  package init(_ value: String) { self.init(.string(value)) }
  package init(_ value: Int) { self.init(.integer(value)) }
  package init(_ value: Bool) { self.init(.bool(value)) }
  package init(_ value: Double) { self.init(.number(value)) }
  package init(_ values: [JSON]) { self.init(.array(values)) }
  package init(_ values: [String]) { self.init(.array(values.map { JSON($0) })) }
  /// `null` for nil.
  package init(_ value: String?) { self = value.map { JSON($0) } ?? nil }
  package init(_ value: Int?) { self = value.map { JSON($0) } ?? nil }
  package init(_ value: Double?) { self = value.map { JSON($0) } ?? nil }
}

/// Equality of values; positions do not count, the order of keys does.
extension JSON: Equatable {
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left.kind, right.kind) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.number(let one), .number(let other)): one == other
    case (.string(let one), .string(let other)): one == other
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)):
      one.count == other.count
        && zip(one, other).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _),
      (.object, _):
      false
    }
  }
}

extension JSON {
  /// A member that is a whole number of 32 bits, as a PID; nil where it is absent or anything
  /// else. (Written as a chain of optionals at each place, it crashes Swift 6.3.1's optimiser.)
  package func int32(_ key: String) -> Int32? {
    if let value = self[key], let number = value.integer { Int32(exactly: number) } else { nil }
  }
}
