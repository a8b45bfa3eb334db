import { type FlagWord, type Place, valuePlaces, type Word } from './words.ts';

/** Returns the completion of PowerShell 5.1 or later. */
export function powershellCompletion(places: readonly Place[]): string {
  return `# Completion of kusk for PowerShell.
#   this shell:   kusk completion powershell | Out-String | Invoke-Expression
#   every shell:  kusk completion powershell >> $PROFILE

Register-ArgumentCompleter -Native -CommandName kusk -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # What can follow these words: other words, and flags, each with its help after a blank.
    $words = @{
${places.map(({ after, words }) => entry(after, words.map(line))).join('\n')}
    }
    $flags = @{
${places.map(({ after, flags }) => entry(after, flags.flatMap(flagLines))).join('\n')}
    }
    # What can follow a flag.
    $values = @{
${valuePlaces(places)
  .map(([place, { value }]) => entry(place, typeof value === 'object' ? value : []))
  .join('\n')}
    }

    $at = ''
    $flag = ''
    $rest = $false
    $elements = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    foreach ($element in $elements) {
        $word = $element.Extent.Text
        $next = "$at $word".Trim()
        if ($flag) { $flag = '' }
        elseif ($word.StartsWith('-')) { if ($values.ContainsKey("$at $word")) { $flag = $word } }
        elseif ($words.ContainsKey($next)) { $at = $next }
        else { $rest = $true }
    }

    $candidates = if ($flag) { $values["$at $flag"] }
    elseif ($wordToComplete.StartsWith('-') -or $rest -or $words[$at].Count -eq 0) { $flags[$at] }
    else { $words[$at] }
    foreach ($candidate in $candidates) {
        $text, $help = $candidate -split ' ', 2
        if (-not $text.StartsWith($wordToComplete)) { continue }
        if (-not $help) { $help = $text }
        [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $help)
    }
}
`;
}

function entry(key: string, lines: readonly string[]): string {
  return `        ${quote(key)} = @(${lines.map(quote).join(', ')})`;
}

function flagLines({ spellings, help }: FlagWord): readonly string[] {
  return spellings.map((word) => line({ word, help }));
}

function line({ word, help }: Word): string {
  return `${word} ${help}`.trimEnd();
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
