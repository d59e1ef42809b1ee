/// The targets of a manifest for a shell to complete: also of one that is half written.
package enum TargetNames {
  /// Services, categories and `all`, each once; nothing where the text is no JSON. Only names that
  /// a manifest may have: shells expand what they are given.
  package static func of(manifest: [UInt8], local: [UInt8]?) -> [String] {
    guard var json = parsed(manifest) else { return [] }
    if let local = local.flatMap(parsed) { json = json.merging(local) }
    let services = json["services"]?.members ?? []
    let categories = ([json["defaults"]] + services.map(\.value)).flatMap { service -> [String] in
      let category = service?["category"]
      return category?.strings ?? [category?.string].compactMap(\.self)
    }
    var seen: Set<String> = []
    return (services.map(\.key) + categories + [ReservedNames.everything]).filter { name in
      ManifestDecoder.isName(name) && seen.insert(name).inserted
    }
  }

  private static func parsed(_ bytes: [UInt8]) -> JSON? {
    do {
      return try JSON.parse(bytes, dialect: .manifest)
    } catch {
      return nil
    }
  }
}
