import { type FlagWord, type Place, valuePlaces, type Word } from './words.ts';

/** Returns the completion of zsh. It works when sourced, and as a file \`_kusk\` in a folder of fpath. */
export function zshCompletion(places: readonly Place[]): string {
  return `#compdef kusk
# Completion of kusk for zsh.
#   this shell:   source <(kusk completion zsh)
#   every shell:  kusk completion zsh > "\${fpath[1]}/_kusk"

# What can follow these words: other words, and flags.
_kusk_words() {
  case "$1" in
${cases(places, ({ words }) => words.map(described))}
    *) reply=() ;;
  esac
}
_kusk_flags() {
  case "$1" in
${cases(places, ({ flags }) => flags.flatMap(flagLines))}
    *) reply=() ;;
  esac
}
# What can follow a flag. Fails for a flag that takes no value.
_kusk_values() {
  case "$1" in
${valuePlaces(places)
  .map(([place, { value }]) => `    ${quote(place)}) reply=(${valueWords(value)}) ;;`)
  .join('\n')}
    *) return 1 ;;
  esac
}
_kusk_is_place() {
  case "$1" in
    ${places.map(({ after }) => `(${quote(after)})`).join(' return 0 ;;\n    ')} return 0 ;;
    *) return 1 ;;
  esac
}

_kusk() {
  local at='' flag='' rest='' word i
  local -a reply
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $flag ]]; then
      flag=''
    elif [[ $word == -* ]]; then
      _kusk_values "$at $word" && flag="$word"
    elif _kusk_is_place "\${at:+$at }$word"; then
      at="\${at:+$at }$word"
    else
      rest=1
    fi
  done
  word="\${words[CURRENT]}"
  if [[ -z $flag && $word == --*=* ]] && _kusk_values "$at \${word%%=*}"; then
    flag="\${word%%=*}"
    compset -P '*='
  fi

  if [[ -n $flag ]]; then
    _kusk_values "$at $flag"
    if [[ $reply[1] == '<file>' ]]; then
      _files
    elif ((\${#reply})); then
      compadd -- $reply
    else
      _message value
    fi
  elif [[ $word == -* ]]; then
    _kusk_flags "$at"
    _describe -o flag reply
  else
    [[ -n $rest ]] || _kusk_words "$at"
    if ((\${#reply})); then
      _describe command reply
    else
      _kusk_flags "$at"
      _describe -o flag reply
    fi
  fi
}

if [[ $funcstack[1] == _kusk ]]; then
  _kusk "$@"
else
  (($+functions[compdef])) || { autoload -Uz compinit && compinit; }
  compdef _kusk kusk
fi
`;
}

function cases(places: readonly Place[], lines: (place: Place) => readonly string[]): string {
  return places
    .map((place) => ({ after: place.after, lines: lines(place) }))
    .filter((one) => one.lines.length > 0)
    .map((one) => {
      const entries = one.lines.map((line) => `\n      ${quote(line)}`).join('');
      return `    ${quote(one.after)}) reply=(${entries}\n    ) ;;`;
    })
    .join('\n');
}

function flagLines({ spellings, help }: FlagWord): readonly string[] {
  return spellings.map((word) => described({ word, help }));
}

function described({ word, help }: Word): string {
  return help === '' ? word : `${word}:${help}`;
}

function valueWords(value: FlagWord['value']): string {
  if (typeof value === 'object') return value.map(quote).join(' ');
  return value === 'file' ? quote('<file>') : '';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
