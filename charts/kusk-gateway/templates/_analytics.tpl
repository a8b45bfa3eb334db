{{/*
What one switch says: "on" or "off". Takes a dict of the switch's `name` and `value`. Fails, so that
nothing is applied, if that can't be understood.
*/}}
{{- define "kusk-gateway.verdict" -}}
{{- $word := "" }}
{{- if not (kindIs "invalid" .value) }}
{{- $word = regexReplaceAll "^[\\s'\"]+|[\\s'\"]+$" (toString .value | lower) "" }}
{{- end }}
{{- if has $word (list "false" "0" "no" "n" "f" "off" "null" "~" "" "<nil>") }}off
{{- else if has $word (list "true" "1" "yes" "y" "t" "on") }}on
{{- else }}{{ fail (printf "\n\n%s is %s, which is neither true nor false. Write true or false. Nothing was changed.\n" .name (toJson .value)) }}
{{- end }}
{{- end }}

{{/*
Every switch that the chart knows, with what it says, as YAML. `null` takes a key away, and as the
chart's own values have each of them, one that is not there was switched off so.
*/}}
{{- define "kusk-gateway.switches" -}}
{{- $analytics := default dict .Values.analytics }}
{{- range list "enabled" "enable" }}
- name: analytics.{{ . }}
  says: {{ include "kusk-gateway.verdict" (dict "name" (printf "analytics.%s" .) "value" (get $analytics . | default false)) | quote }}
{{- end }}
{{- range .Values.manager.env }}
{{- $name := printf "%s in manager.env" .name }}
{{- if hasKey . "valueFrom" }}
{{- else if eq .name "ANALYTICS_ENABLED" }}
- name: {{ $name }}
  says: {{ include "kusk-gateway.verdict" (dict "name" $name "value" .value) | quote }}
{{- else if eq .name "DO_NOT_TRACK" }}
- name: {{ $name }}
  says: {{ ternary "off" "on" (eq "on" (include "kusk-gateway.verdict" (dict "name" $name "value" .value))) | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The first switch that says off; empty if telemetry is on. */}}
{{- define "kusk-gateway.offBy" -}}
{{- range (include "kusk-gateway.switches" . | fromYamlArray) }}
{{- if eq .says "off" }}{{ .name }}{{ break }}{{ end }}
{{- end }}
{{- end }}

{{/* "true" if telemetry is on; empty if it is off. */}}
{{- define "kusk-gateway.isOn" -}}
{{- if not (include "kusk-gateway.offBy" .) }}true{{ end }}
{{- end }}

{{/* "true" if the switch from on to off is told. */}}
{{- define "kusk-gateway.reportsOptOut" -}}
{{- $analytics := default dict .Values.analytics }}
{{- if eq "on" (include "kusk-gateway.verdict" (dict "name" "analytics.reportOptOut" "value" (get $analytics "reportOptOut" | default false))) }}true{{ end }}
{{- end }}

{{/* A misspelt switch was meant to switch something. */}}
{{- define "kusk-gateway.checkAnalytics" -}}
{{- $known := list "enabled" "enable" "reportOptOut" "endpoint" "writeKey" "existingSecret" }}
{{- range $key, $_ := default dict .Values.analytics }}
{{- if not (has $key $known) }}
{{- fail (printf "\n\nanalytics.%s is not known: to switch telemetry off, write analytics.enabled: false. Known are analytics.%s. Nothing was changed.\n" $key (join ", analytics." $known)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The operator's configuration file: src/operator/config-file.ts refuses any other key. */}}
{{- define "kusk-gateway.config" -}}
analytics:
  enabled: {{ not (empty (include "kusk-gateway.isOn" .)) }}
  reportOptOut: {{ not (empty (include "kusk-gateway.reportsOptOut" .)) }}
  {{- with (default dict .Values.analytics).endpoint }}
  endpoint: {{ . | quote }}
  {{- end }}
logLevel: {{ include "kusk-gateway.logLevel" . }}
{{- end }}

{{- define "kusk-gateway.logLevel" -}}
{{- $level := lower .Values.manager.logLevel }}
{{- ternary "error" $level (has $level (list "dpanic" "panic" "fatal")) }}
{{- end }}

{{/* The Secret with the write key, as `name` and `key`; nothing if the image's own is to be used. */}}
{{- define "kusk-gateway.writeKey" -}}
{{- $analytics := default dict .Values.analytics }}
{{- $existing := default dict $analytics.existingSecret }}
{{- if $existing.name }}
{{- dict "name" $existing.name "key" (default "writeKey" $existing.key) | toYaml }}
{{- else if $analytics.writeKey }}
{{- dict "name" (printf "%s-write-key" (include "kusk-gateway.fullname" .)) "key" "writeKey" | toYaml }}
{{- end }}
{{- end }}
