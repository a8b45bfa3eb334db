import { type Place, valuePlaces } from './words.ts';

/** Returns the completion of bash 3.2 or later. It needs no other package. */
export function bashCompletion(places: readonly Place[]): string {
  return `# Completion of kusk for bash.
#   this shell:   source <(kusk completion bash)
#   every shell:  kusk completion bash > ~/.local/share/bash-completion/completions/kusk

# What can follow these words: other words, and flags.
_kusk_words() {
  case "$1" in
${cases(places, ({ words }) => words.map(({ word }) => word))}
  esac
}
_kusk_flags() {
  case "$1" in
${cases(places, ({ flags }) => flags.flatMap(({ spellings }) => spellings.slice(-1)))}
  esac
}
# What can follow a flag. Fails for a flag that takes no value.
_kusk_values() {
  case "$1" in
${valueCases(places)}
    *) return 1 ;;
  esac
}
_kusk_is_place() {
  case "$1" in
    ${places.map(({ after }) => quote(after)).join(' | ')}) return 0 ;;
    *) return 1 ;;
  esac
}

_kusk() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at='' flag='' rest='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n $flag ]]; then
      # bash takes --flag=value apart at the sign.
      [[ $word == '=' ]] || flag=''
    elif [[ $word == -* ]]; then
      _kusk_values "$at $word" > /dev/null && flag="$word"
    elif _kusk_is_place "\${at:+$at }$word"; then
      at="\${at:+$at }$word"
    else
      rest=1
    fi
  done
  [[ $current == '=' ]] && current=''

  local candidates='' IFS=$' \\t\\n'
  if [[ -n $flag ]]; then
    candidates="$(_kusk_values "$at $flag")"
    if [[ $candidates == '<file>' ]]; then
      compopt -o filenames 2> /dev/null
      IFS=$'\\n'
      COMPREPLY=($(compgen -f -- "$current"))
      return
    fi
  elif [[ $current == -* ]]; then
    candidates="$(_kusk_flags "$at")"
  else
    [[ -n $rest ]] || candidates="$(_kusk_words "$at")"
    [[ -n $candidates || -n $current ]] || candidates="$(_kusk_flags "$at")"
  fi
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -F _kusk kusk
`;
}

function cases(places: readonly Place[], words: (place: Place) => readonly string[]): string {
  return places
    .map((place) => ({ after: place.after, words: words(place) }))
    .filter((one) => one.words.length > 0)
    .map((one) => `    ${quote(one.after)}) echo ${quote(one.words.join(' '))} ;;`)
    .join('\n');
}

function valueCases(places: readonly Place[]): string {
  return valuePlaces(places)
    .map(([place, { value }]) => {
      const echoed = typeof value === 'object' ? value.join(' ') : value === 'file' ? '<file>' : '';
      return `    ${quote(place)}) echo ${quote(echoed)} ;;`;
    })
    .join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
