/// For fish, from 3.0 on.
enum FishCompletion {
  static var script: String {
    """
    # Completion of devstart for fish. In ~/.config/fish/config.fish:
    #   devstart completion fish | source
    # The command that the line has so far; a target in its place means start.
    function __devstart_command
        set -l skip no
        set -l words (commandline -opc)
        for word in $words[2..-1]
            if test $skip = yes
                set skip no
                continue
            end
            switch $word
                case \(Flag.withValue.flatMap(\.spellings).joined(separator: " "))
                    set skip yes
                case '-*'
                case \(CommandName.shown.map(\.rawValue).joined(separator: " "))
                    echo $word
                    return
                case '*'
                    echo start
                    return
            end
        end
    end

    function __devstart_none
        test -z (__devstart_command)""
    end

    function __devstart_is
        set -l command (__devstart_command)
        test -n "$command"; and contains -- "$command" $argv; and not __devstart_dashes
    end

    function __devstart_dashes
        contains -- -- (commandline -opc)
    end

    # How many words that are no flags follow the command: none.
    function __devstart_is_first
        set -l words (commandline -opc)
        __devstart_is $argv; and test "$words[-1]" = "$argv[1]"
    end

    # Starts nothing and says nothing, whatever is wrong.
    function __devstart_targets
        set -l options
        set -l words (commandline -opc)
        for index in (seq (count $words))
            switch $words[$index]
                case --manifest
                    set options --manifest $words[(math $index + 1)]
                case '--manifest=*'
                    set options $words[$index]
            end
        end
        devstart completion targets $options 2>/dev/null
    end

    # What 'smoke' runs has completions of its own.
    function __devstart_smoked
        set -l words (commandline -opc)
        set -l dashes (contains -i -- -- $words); or return
        set -l rest
        if test $dashes -lt (count $words)
            set rest (string escape -- $words[(math $dashes + 1)..-1])
        end
        complete -C (string join ' ' -- $rest (commandline -ct))
    end

    complete -c devstart -f
    complete -c devstart -n __devstart_none -a '(__devstart_targets)' -d target
    complete -c devstart -n __devstart_none -l version -d \(quoted(
      CommandName.version.declaration.summary))
    \(CommandName.shown.map(lines).joined(separator: "\n"))
    complete -c devstart -n __devstart_dashes -a '(__devstart_smoked)'

    """
  }

  private static func lines(of command: CommandName) -> String {
    let name = command.rawValue
    let summary = quoted(command.declaration.summary)
    var lines = ["complete -c devstart -n __devstart_none -a \(name) -d \(summary)"]
    let (first, rest) = command.operandWords
    let firstPlace = first == rest ? "__devstart_is" : "__devstart_is_first"
    if let words = words(first) {
      lines.append("complete -c devstart -n '\(firstPlace) \(name)' -a \(words)")
    }
    if first != rest, let words = words(rest) {
      lines.append(
        "complete -c devstart -n '__devstart_is \(name); and not __devstart_is_first \(name)'"
          + " -a \(words)")
    }
    lines += command.allFlags.map { flag, help in
      let letter = flag.letter.map { " -s \($0)" } ?? ""
      return "complete -c devstart -n '__devstart_is \(name)'\(letter) -l \(flag.rawValue)"
        + "\(value(of: flag)) -d \(quoted(help))"
    }
    return lines.joined(separator: "\n")
  }

  private static func value(of flag: Flag) -> String {
    switch flag.valueWords {
    case .files, .targets: " -r -F"
    case .folders: " -x -a '(__fish_complete_directories)'"
    case .these(let words): " -x -a '\(words.joined(separator: " "))'"
    case .free: " -x"
    case nil: ""
    }
  }

  private static func words(_ words: CompletionWords) -> String? {
    switch words {
    case .targets: "'(__devstart_targets)' -d target"
    case .these(let words): "'\(words.joined(separator: " "))'"
    case .files, .folders, .free: nil
    }
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
