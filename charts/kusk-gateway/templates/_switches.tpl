{{/* What a switch's value says, without failing: "on", "off" or "unclear". */}}
{{- define "kusk-gateway.word" -}}
{{- $word := "" }}
{{- if not (kindIs "invalid" .) }}
{{- $word = regexReplaceAll "^[\\s\\v\\p{Z}\\x{FEFF}'\"]+|[\\s\\v\\p{Z}\\x{FEFF}'\"]+$" (toString . | lower) "" }}
{{- end }}
{{- if has $word (list "false" "0" "no" "n" "f" "off" "null" "~" "" "<nil>") }}off
{{- else if has $word (list "true" "1" "yes" "y" "t" "on") }}on
{{- else }}unclear
{{- end }}
{{- end }}

{{/*
What one switch says: "on" or "off". Takes a dict of the switch's `name` and `value`. Fails, so that
nothing is applied, if that can't be understood.
*/}}
{{- define "kusk-gateway.verdict" -}}
{{- $word := include "kusk-gateway.word" .value | trim }}
{{- if eq $word "unclear" }}
{{- fail (printf "\n\n%s is %s, which is neither true nor false. Write true or false. Nothing was changed.\n" .name (toJson .value)) }}
{{- end }}
{{- $word }}
{{- end }}

{{/* Every switch in the values that says something, as a YAML list of `name` and `says`. */}}
{{- define "kusk-gateway.switches" -}}
{{- include "kusk-gateway.switchesIn" (dict "root" . "in" .Values "path" "analytics") }}
{{- include "kusk-gateway.switchesIn" (dict "root" . "in" (default dict .Values.global) "path" "global.analytics") }}
{{- range .Values.manager.env }}
{{- $name := printf "%s in manager.env" .name }}
{{- if hasKey . "valueFrom" }}
{{- else if eq .name "ANALYTICS_ENABLED" }}
- name: {{ $name }}
  says: {{ include "kusk-gateway.verdict" (dict "name" $name "value" .value) | quote }}
{{- else if eq .name "DO_NOT_TRACK" }}
- name: {{ $name }}
  says: {{ ternary "off" "nothing" (eq "on" (include "kusk-gateway.verdict" (dict "name" $name "value" .value))) | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The switches of one group `analytics`, which may be null as a whole. What others keep under that name in
`global` is none of ours.
*/}}
{{- define "kusk-gateway.switchesIn" -}}
{{- $path := .path }}
{{- if hasKey .in "analytics" }}
{{- $group := .in.analytics }}
{{- if kindIs "map" $group }}
{{- range list "enabled" "enable" }}
{{- if hasKey $group . }}
{{- $name := printf "%s.%s" $path . }}
- name: {{ $name }}
  says: {{ include "kusk-gateway.verdict" (dict "name" $name "value" (get $group .)) | quote }}
{{- end }}
{{- end }}
{{- if include "kusk-gateway.lacksSwitch" . }}
- name: {{ $path }}.enabled, which is missing or null in the parent chart's values,
  says: "off"
{{- end }}
{{- else if eq "off" (include "kusk-gateway.word" $group) }}
- name: {{ $path }}
  says: "off"
{{- end }}
{{- end }}
{{- end }}

{{/*
"true" if the switch of a subchart may have been null: Helm 4 drops null in the values of a parent chart
and leaves the rest of its group, or an empty one.
@see https://helm.sh/docs/chart_template_guide/values_files/#deleting-a-default-key
*/}}
{{- define "kusk-gateway.lacksSwitch" -}}
{{- $group := .in.analytics }}
{{- $isDropping := and (not .root.Chart.IsRoot) (semverCompare ">=4.0.0-0" .root.Capabilities.HelmVersion.Version) }}
{{- $isMine := or (eq .path "analytics") (not $group) }}
{{- if and $isDropping $isMine (not (hasKey $group "enabled")) (not (hasKey $group "enable")) }}true{{ end }}
{{- end }}
