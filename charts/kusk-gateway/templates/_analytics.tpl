{{/* Who says that telemetry is off; empty if it is on. */}}
{{- define "kusk-gateway.offBy" -}}
{{- include "kusk-gateway.decide" . }}
{{- .Values._consent.offBy }}
{{- end }}

{{/* "true" if telemetry is on; empty if it is off. */}}
{{- define "kusk-gateway.isOn" -}}
{{- if not (include "kusk-gateway.offBy" .) }}true{{ end }}
{{- end }}

{{/* "true" if the switch from on to off is reported. */}}
{{- define "kusk-gateway.reportsOptOut" -}}
{{- $analytics := default dict .Values.analytics }}
{{- if not (hasKey $analytics "reportOptOut") }}true
{{- else if eq "on" (include "kusk-gateway.verdict" (dict "name" "analytics.reportOptOut" "value" $analytics.reportOptOut)) }}true{{ end }}
{{- end }}

{{/*
A misspelt switch was meant to switch something. And of two variables of one name a container gets one:
the chart can't see which of them is the stricter.
*/}}
{{- define "kusk-gateway.checkAnalytics" -}}
{{- range .Values.manager.env }}
{{- if and (has .name (list "ANALYTICS_ENABLED" "DO_NOT_TRACK")) (hasKey . "valueFrom") $.Values.manager.envFrom }}
{{- fail (printf "\n\n%s in manager.env comes from elsewhere, and manager.envFrom may bring it too: a container gets only one of them, so one that is off could be lost. Write it in manager.env as a value, or only in what manager.envFrom names. Nothing was changed.\n" .name) }}
{{- end }}
{{- end }}
{{- if and .Chart.IsRoot (not .Values.enabled) }}
{{- fail "\n\nenabled is for a parent chart, and switches nothing off here: write enabled: true, and analytics.enabled: false to switch telemetry off. Nothing was changed.\n" }}
{{- end }}
{{- $known := list "enabled" "enable" "reportOptOut" "endpoint" "writeKey" "existingSecret" }}
{{- range $key, $_ := default dict .Values.analytics }}
{{- if not (has $key $known) }}
{{- fail (printf "\n\nanalytics.%s is not known: to switch telemetry off, write analytics.enabled: false. Known are analytics.%s. Nothing was changed.\n" $key (join ", analytics." $known)) }}
{{- end }}
{{- end }}
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
