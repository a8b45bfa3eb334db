{{/*
Decides once whether telemetry is on, and keeps that in `.Values._consent`:

  offBy     the switch that says off; empty if it is on
  isOrdered it is off by this release's values, current or earlier, and not by an edit of the ConfigMap
  live      the data of the live ConfigMap, by key

Values come first. An off that somebody wrote into the ConfigMap, or that Kusk Gateway 1.x left there, holds
until that key is on again. An off of earlier values holds until `analytics` says on: `global` and `manager.env`
can only switch telemetry off.
*/}}
{{- define "kusk-gateway.decide" -}}
{{- if not (hasKey .Values "_consent") }}
{{- $offBy := "" }}
{{- $isOrdered := false }}
{{- $saysOn := false }}
{{- range include "kusk-gateway.switches" . | fromYamlArray }}
{{- if and (eq .says "off") (not $offBy) }}{{ $offBy = .name }}{{ $isOrdered = true }}{{ end }}
{{- if and (eq .says "on") (hasPrefix "analytics." .name) }}{{ $saysOn = true }}{{ end }}
{{- end }}
{{- $live := include "kusk-gateway.live" . | fromJson }}
{{- range $key, $found := $live }}
{{- if and (eq $found.says "off") $found.isHand (not $offBy) }}
{{- $offBy = printf "%s in ConfigMap %s" $key (include "kusk-gateway.manager" $) }}
{{- end }}
{{- end }}
{{- range $live }}
{{- if and (eq .says "off") (not .isHand) (not $saysOn) }}
{{- $offBy = default "an earlier revision of this release" $offBy }}
{{- $isOrdered = true }}
{{- end }}
{{- end }}
{{- $_ := set .Values "_consent" (dict "offBy" $offBy "isOrdered" $isOrdered "live" $live) }}
{{- end }}
{{- end }}

{{/*
What the ConfigMap in the cluster says, by key, as JSON; nothing where there is none, or no cluster. Of
each key: its value, what it `says` (on, off, nothing), whether its value is another hand's than the
chart's (`isHand`), whether it can't be rendered as text (`isBinary`), and the mark of what the chart `wrote` there
last.
*/}}
{{- define "kusk-gateway.live" -}}
{{- $map := lookup "v1" "ConfigMap" .Release.Namespace (include "kusk-gateway.manager" .) }}
{{- $annotations := default dict (default dict (default dict $map).metadata).annotations }}
{{- $data := include "kusk-gateway.texts" $map | fromJson }}
{{- $live := dict }}
{{- range $key := list "ANALYTICS_ENABLED" "config.yaml" }}
{{- $value := get $data $key }}
{{- $wrote := get $annotations (printf "telemetry.kusk.io/wrote-%s" $key) }}
{{- if hasKey $data $key }}
{{- $isBinary := hasKey (default dict $map.binaryData) $key }}
{{- $says := include "kusk-gateway.saidIn" (dict "key" $key "value" $value) | trim }}
{{- $isHand := ternary (ne $wrote (include "kusk-gateway.mark" $value)) (eq $says "off") (ne $wrote "") }}
{{- $_ := set $live $key (dict "value" $value "says" $says "isHand" $isHand "isBinary" $isBinary "wrote" (default "nothing" $wrote)) }}
{{- end }}
{{- end }}
{{- toJson $live }}
{{- end }}

{{/*
What one key of the ConfigMap says, as the operator reads it: on, off or nothing. What can't be understood is
off. Helm shows neither a second document in `config.yaml` nor a key that is there twice.
*/}}
{{- define "kusk-gateway.saidIn" -}}
{{- $words := list }}
{{- if eq .key "ANALYTICS_ENABLED" }}
{{- $words = list (include "kusk-gateway.word" .value | trim) }}
{{- else }}
{{- $file := .value | fromYaml }}
{{- $analytics := ternary $file.analytics (dict) (hasKey $file "analytics") }}
{{- if or (omit $file "analytics" "logLevel") (not (kindIs "map" $analytics)) }}
{{- $words = list "unclear" }}
{{- else if omit $analytics "enabled" "enable" "reportOptOut" "endpoint" "writeKey" }}
{{- $words = list "unclear" }}
{{- else }}
{{- range list "enabled" "enable" }}
{{- if hasKey $analytics . }}{{ $words = append $words (include "kusk-gateway.word" (get $analytics .) | trim) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- if or (has "off" $words) (has "unclear" $words) }}off
{{- else if has "on" $words }}on
{{- else }}nothing
{{- end }}
{{- end }}

{{/* By which a value is known again that the chart has written. */}}
{{- define "kusk-gateway.mark" -}}
{{- . | sha256sum | trunc 16 }}
{{- end }}

{{/*
The ConfigMap's `data` and `annotations`, as JSON. While telemetry is on the chart writes none of the keys,
so that a tool that renders without a cluster leaves alone what somebody added; and `config.yaml`, which may have
an endpoint, only if a running pod is to read there that its opt-out is not reported. What somebody wrote is
rendered unchanged: nothing of it is lost, and server-side apply meets no conflict.
*/}}
{{- define "kusk-gateway.configMap" -}}
{{- include "kusk-gateway.decide" . }}
{{- $consent := .Values._consent }}
{{- $own := dict }}
{{- if $consent.isOrdered }}
{{- $_ := set $own "ANALYTICS_ENABLED" "false" }}
{{- if not (include "kusk-gateway.reportsOptOut" .) }}
{{- $_ := set $own "config.yaml" "analytics:\n  enabled: false\n  reportOptOut: false\n" }}
{{- end }}
{{- end }}
{{- $data := dict }}
{{- $annotations := dict }}
{{- range $key := list "ANALYTICS_ENABLED" "config.yaml" }}
{{- $found := default dict (get $consent.live $key) }}
{{- $mark := "nothing" }}
{{- if $found.isBinary }}
{{- $mark = $found.wrote }}
{{- else if $found.isHand }}
{{- if not (toYaml $found.value) }}
{{- fail (printf "\n\n%s in ConfigMap %s has a control character, which Helm can't apply. Take it out: kubectl --namespace %s edit configmap %s. Nothing was changed.\n" $key (include "kusk-gateway.manager" $) $.Release.Namespace (include "kusk-gateway.manager" $)) }}
{{- end }}
{{- $_ := set $data $key $found.value }}
{{- $mark = $found.wrote }}
{{- else if hasKey $own $key }}
{{- $_ := set $data $key (get $own $key) }}
{{- $mark = include "kusk-gateway.mark" (get $own $key) }}
{{- end }}
{{- $_ := set $annotations (printf "telemetry.kusk.io/wrote-%s" $key) $mark }}
{{- end }}
{{- dict "data" $data "annotations" $annotations | toJson }}
{{- end }}

{{/* Who has opted out in the ConfigMap that no tool renders; empty if nobody has. */}}
{{- define "kusk-gateway.optedOutBy" -}}
{{- include "kusk-gateway.optedOutIn" (lookup "v1" "ConfigMap" .Release.Namespace "kusk-gateway-opt-out") }}
{{- end }}

{{/* The same, in that ConfigMap as it is found. Of other keys without `enabled`, one may be misspelt. */}}
{{- define "kusk-gateway.optedOutIn" -}}
{{- $data := include "kusk-gateway.texts" . | fromJson }}
{{- if hasKey $data "enabled" }}
{{- if ne "on" (include "kusk-gateway.word" $data.enabled | trim) }}enabled in ConfigMap kusk-gateway-opt-out{{ end }}
{{- else if $data }}{{ keys $data | sortAlpha | first }} in ConfigMap kusk-gateway-opt-out, in place of enabled,
{{- end }}
{{- end }}

{{/* The data of a ConfigMap as its files have it, as JSON: also what kubectl stored as binary, as it is no UTF-8. */}}
{{- define "kusk-gateway.texts" -}}
{{- $map := default dict . }}
{{- $data := default dict $map.data }}
{{- range $key, $value := $map.binaryData }}{{ $_ := set $data $key (b64dec $value) }}{{ end }}
{{- toJson $data }}
{{- end }}

{{/* What to do about an off, by who has decided it. */}}
{{- define "kusk-gateway.howToSwitchOn" -}}
{{- $map := include "kusk-gateway.manager" . }}
{{- $namespace := .Release.Namespace }}
{{- if .Values._consent.isOrdered -}}
To switch it back, upgrade with analytics.enabled=true, without any other switch that says off.
{{- else if .Values._consent.offBy -}}
To switch it back, take out what says off, or correct it, and upgrade again:
{{ range $key, $found := .Values._consent.live }}
{{- if ne $found.says "off" }}
{{- else if or (eq $key "config.yaml") $found.isBinary }}
  kubectl --namespace {{ $namespace }} edit configmap {{ $map }}   # {{ $key }}
{{- else }}
  kubectl --namespace {{ $namespace }} patch configmap {{ $map }} --type=merge --patch='{"data":{"{{ $key }}":null}}'
{{- end }}
{{- end }}
{{- else -}}
To switch it back:

  kubectl --namespace {{ $namespace }} delete configmap kusk-gateway-opt-out
{{- end }}
{{- end }}
