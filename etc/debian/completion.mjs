/**
 * Completion for bash, from the table that `--help` is made of: commands, their options, environments, and files where a command takes one.
 * @param {Readonly<Record<string, { takes: string, options?: Readonly<Record<string, { short?: string }>> }>>} commands
 * @param {Readonly<Record<string, { short?: string }>>} common the options of every command
 * @returns {string} for /usr/share/bash-completion/completions
 */
export function completion(commands, common) {
  const cases = Object.entries(commands).map(([name, { takes, options }]) => {
    const kinds = [takes.includes('environment') && 'environments', takes.includes('file') && 'files'].filter(Boolean);
    return `    ${name}) options='${flags({ ...options, ...common })}' takes='${kinds.join(' ')}' ;;`;
  });
  return TEMPLATE.replace('@COMMANDS@', Object.keys(commands).join(' '))
    .replace('@COMMON@', flags(common))
    .replace('@CASES@', cases.join('\n'));
}

function flags(options) {
  return Object.keys(options)
    .map((name) => `--${name}`)
    .join(' ');
}

const TEMPLATE = String.raw`# Completion for smart-meter-reader in bash.

_smart_meter_reader_environments() {
  local folder file name
  for folder in "$1" ./settings /etc/smart-meter-reader; do
    for file in "$folder"/*.toml; do
      name=\${file##*/}
      name=\${name%.toml}
      case $name in '*' | default | *.secrets) ;; *) printf '%s\n' "$name" ;; esac
    done
    # Folders are not mixed: one that was given is the only one.
    if [ -n "$1" ]; then break; fi
  done
}

_smart_meter_reader() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command='' folder='' options='@COMMON@' takes='' index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      --settings) folder=\${COMP_WORDS[++index]} ;;
      -*) ;;
      *) [ -n "$command" ] || command=\${COMP_WORDS[index]} ;;
    esac
  done
  case $before in
    --settings) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --capture | --output | -o) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --environment) mapfile -t COMPREPLY < <(compgen -W "$(_smart_meter_reader_environments "$folder")" -- "$word"); return ;;
  esac
  case $command in
@CASES@
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [ -z "$command" ]; then
    mapfile -t COMPREPLY < <(compgen -W '@COMMANDS@' -- "$word")
  else
    if [[ $takes == *environments* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$(_smart_meter_reader_environments "$folder")" -- "$word")
    fi
    if [[ $takes == *files* ]]; then
      mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
    fi
  fi
}

complete -o filenames -F _smart_meter_reader smart-meter-reader
`.replaceAll('\\$', '$');
