/// For zsh, by its own `_arguments` (zshcompsys(1)).
enum ZshCompletion {
  static var script: String {
    """
    #compdef devstart
    # Completion of devstart for zsh: a file _devstart in a folder of $fpath, or in ~/.zshrc after
    # compinit:  source <(devstart completion zsh)
    _devstart() {
      local curcontext=$curcontext state state_descr line ret=1
      typeset -A opt_args
      _arguments -C \\
        \(Flag.global.map { specification($0, help(of: $0)) }.joined(separator: " \\\n    ")) \\
        '--version[\(escaped(CommandName.version.declaration.summary))]' \\
        '1:command:->command' \\
        '*::operand:->operands' && ret=0
      case $state in
        command)
          local -a commands=(
    \(CommandName.shown.map(description).joined(separator: "\n"))
          )
          _describe -t commands command commands && ret=0
          _devstart_targets && ret=0
          ;;
        operands)
          case $words[1] in
    \(CommandName.shown.map { branch("        \($0.rawValue))", of: $0) }.joined(separator: "\n"))
    \(branch("        *)", of: .start))
          esac
          ;;
      esac
      return ret
    }

    # Starts nothing and says nothing, whatever is wrong.
    _devstart_targets() {
      local -a targets options
      if [[ -n ${opt_args[--manifest]} ]]; then options=(--manifest ${(Q)opt_args[--manifest]}); fi
      targets=(${(f)"$(devstart completion targets $options 2>/dev/null)"})
      (( $#targets )) && compadd -a targets
    }

    if [[ $funcstack[1] == _devstart ]]; then
      _devstart "$@"
    else
      compdef _devstart devstart
    fi

    """
  }

  private static func help(of flag: Flag) -> String {
    CommandName.version.allFlags.first { $0.flag == flag }?.help ?? ""
  }

  private static func description(of command: CommandName) -> String {
    "        \(quoted("\(command.rawValue):\(command.declaration.summary)"))"
  }

  private static func branch(_ pattern: String, of command: CommandName) -> String {
    let (first, rest) = command.operandWords
    var specifications = command.allFlags.map { specification($0.flag, $0.help) }
    if command == .smoke { specifications.append("'(-)--[the command]:*:: :_normal -p devstart'") }
    if first == rest {
      if let action = action(of: first) { specifications.append("'*:target:\(action)'") }
    } else {
      if let action = action(of: first) { specifications.append("'1:word:\(action)'") }
      if let action = action(of: rest) { specifications.append("'*:target:\(action)'") }
    }
    let list = specifications.joined(separator: " \\\n            ")
    return "\(pattern)\n          _arguments \\\n            \(list) && ret=0\n          ;;"
  }

  private static func specification(_ flag: Flag, _ help: String) -> String {
    let value =
      flag.valueWords.map { ":\(flag.valueName ?? ""):\(action(of: $0) ?? " ")" } ?? ""
    let equals = value.isEmpty ? "" : "="
    // Several settings may be given.
    let star = flag == .set ? "*" : ""
    let text = quoted("\(star)\(flag.text)\(equals)[\(escaped(help))]\(value)")
    guard let letter = flag.letter else { return text }
    let sign = value.isEmpty ? "" : "+"
    return text + " " + quoted("-\(letter)\(sign)[\(escaped(help))]\(value)")
  }

  private static func action(of words: CompletionWords) -> String? {
    switch words {
    case .targets: "_devstart_targets"
    case .files: "_files"
    case .folders: "_files -/"
    case .these(let words): "(\(words.joined(separator: " ")))"
    case .free: nil
    }
  }

  /// In the brackets of a specification.
  private static func escaped(_ text: String) -> String {
    text.replacing("]", with: "\\]").replacing("[", with: "\\[").replacing(":", with: "\\:")
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: #"'\''"#) + "'"
  }
}
