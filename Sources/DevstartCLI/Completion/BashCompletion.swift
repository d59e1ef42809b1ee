/// For bash, from 3.2 on (macOS has that one): no `mapfile`, and `compopt` only where there is one.
enum BashCompletion {
  static var script: String {
    """
    # Completion of devstart for bash. In ~/.bashrc:  source <(devstart completion bash)
    # The words of the command line: bash has cut --flag=value into three.
    _devstart() {
      local IFS=$'\\n' current=${COMP_WORDS[COMP_CWORD]} command='' flag='' manifest='' word
      local index operands=0 dashes=0
      if [[ $current == '=' ]]; then current=''; fi
      for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ -n $flag ]]; then
          if [[ $word == '=' ]]; then continue; fi
          if [[ $flag == --manifest ]]; then manifest=$word; fi
          flag=''
          continue
        fi
        case $word in
          --)
            dashes=$index
            break
            ;;
          \(Flag.withValue.flatMap(\.spellings).joined(separator: " | "))) flag=$word ;;
          -* | '=') ;;
          *)
            if [[ -z $command ]]; then command=$word; else operands=$((operands + 1)); fi
            ;;
        esac
      done
      COMPREPLY=()
      if ((dashes > 0)); then
        if [[ $command == smoke ]]; then _devstart_smoked; fi
        return 0
      fi
      case $flag in
        '') ;;
    \(Flag.withValue.map(value).joined(separator: "\n"))
      esac
      if [[ $current == -* ]]; then
        _devstart_words "$(_devstart_flags)"
        return 0
      fi
      case $command in
        '')
          _devstart_words \(quoted(CommandName.shown.map(\.rawValue)))
          COMPREPLY=("${COMPREPLY[@]}" $(compgen -W "$(_devstart_targets)" -- "$current"))
          ;;
    \(CommandName.shown.map(operands).joined(separator: "\n"))
        *) _devstart_words "$(_devstart_targets)" ;;
      esac
      return 0
    }

    # Those of a list, a line each, that begin as the current word does.
    _devstart_words() {
      COMPREPLY=($(compgen -W "$1" -- "$current"))
    }

    _devstart_paths() {
      COMPREPLY=($(compgen "$1" -- "$current"))
      compopt -o filenames 2>/dev/null
    }

    # The words of what 'smoke' runs: a command, then files.
    _devstart_smoked() {
      if ((dashes + 1 == COMP_CWORD)); then
        COMPREPLY=($(compgen -c -- "$current"))
      else
        _devstart_paths -f
      fi
    }

    # Starts nothing and says nothing, whatever is wrong.
    _devstart_targets() {
      if [[ -n $manifest ]]; then
        devstart completion targets --manifest "$manifest" 2>/dev/null
      else
        devstart completion targets 2>/dev/null
      fi
    }

    _devstart_flags() {
      case $command in
    \(CommandName.shown.map(flags).joined(separator: "\n"))
        '') printf '%s\\n' \(Flag.global.flatMap(\.spellings).joined(separator: " ")) --version ;;
        *) printf '%s\\n' \(spellings(of: .start)) ;;
      esac
    }

    complete -F _devstart devstart

    """
  }

  private static func value(_ flag: Flag) -> String {
    let action =
      switch flag.valueWords {
      case .files, .targets: "_devstart_paths -f"
      case .folders: "_devstart_paths -d"
      case .these(let words): "_devstart_words " + quoted(words)
      case .free, nil: ":"
      }
    return """
          \(flag.spellings.joined(separator: " | ")))
            \(action)
            return 0
            ;;
      """
  }

  private static func operands(of command: CommandName) -> String {
    func action(_ words: CompletionWords) -> String {
      switch words {
      case .targets: "_devstart_words \"$(_devstart_targets)\""
      case .files: "_devstart_paths -f"
      case .folders: "_devstart_paths -d"
      case .these(let words): "_devstart_words " + quoted(words)
      case .free: ":"
      }
    }
    let (first, rest) = command.operandWords
    if first == rest { return "    \(command.rawValue)) \(action(first)) ;;" }
    return """
          \(command.rawValue))
            if ((operands == 0)); then \(action(first)); else \(action(rest)); fi
            ;;
      """
  }

  private static func flags(of command: CommandName) -> String {
    "    \(command.rawValue)) printf '%s\\n' \(spellings(of: command)) ;;"
  }

  private static func spellings(of command: CommandName) -> String {
    command.allFlags.flatMap(\.flag.spellings).joined(separator: " ")
  }

  /// A line each, as `IFS` has it.
  private static func quoted(_ words: [String]) -> String {
    "$'" + words.joined(separator: "\\n") + "'"
  }
}
