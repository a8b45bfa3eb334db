import { type FlagWord, type Place, valuePlaces } from './words.ts';

/** Returns the completion of fish 3 or later. */
export function fishCompletion(places: readonly Place[]): string {
  return `# Completion of kusk for fish.
#   this shell:   kusk completion fish | source
#   every shell:  kusk completion fish > ~/.config/fish/completions/kusk.fish

# Prints the words of the command so far, without flags and their values.
function __kusk_at
    set -l at
    set -l flag
    for word in (commandline -opc)[2..-1]
        if test -n "$flag"
            set flag
        else if string match -q -- '-*' $word
            contains -- (string join ' ' -- $at $word) $__kusk_values; and set flag $word
        else if contains -- (string join ' ' -- $at $word) $__kusk_places
            set -a at $word
        else
            # An argument, after which no word of ours follows.
            set -a at '*'
        end
    end
    string join ' ' -- $at
end

function __kusk_is_at
    set -l at (__kusk_at)
    test "$at" = "$argv[1]"
end

set -g __kusk_places ${places.map(({ after }) => quote(after)).join(' ')}
set -g __kusk_values ${valuePlaces(places)
    .map(([place]) => quote(place.trimStart()))
    .join(' ')}

complete -c kusk -e
complete -c kusk -f
${places.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ after, words, flags }: Place): readonly string[] {
  const start = `complete -c kusk -n ${quote(`__kusk_is_at ${quote(after)}`)}`;
  return [
    ...words.map(({ word, help }) => `${start} -a ${quote(word)}${description(help)}`),
    ...flags.map(
      (flag) => `${start} ${spellings(flag)}${valueOptions(flag)}${description(flag.help)}`,
    ),
  ];
}

function spellings({ spellings: all }: FlagWord): string {
  return all
    .map((one) => (one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`))
    .join(' ');
}

function valueOptions({ value }: FlagWord): string {
  if (value === undefined) return '';
  if (value === 'file') return ' -r -F';
  return value === 'text' ? ' -x' : ` -x -a ${quote(value.join(' '))}`;
}

function description(help: string): string {
  return help === '' ? '' : ` -d ${quote(help)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
