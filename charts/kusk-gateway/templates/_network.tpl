{{/*
What an environment variable says: what `manager.env` has for it, else the chart's own. Takes a dict of
`root`, `name` and `own`. It is "?" where it comes from elsewhere.
*/}}
{{- define "kusk-gateway.variable" -}}
{{- $value := .own | toString }}
{{- $name := .name }}
{{- range .root.Values.manager.env }}
{{- if eq .name $name }}
{{- $value = ternary "?" (include "kusk-gateway.text" .value) (hasKey . "valueFrom") }}
{{- end }}
{{- end }}
{{- $value }}
{{- end }}

{{- define "kusk-gateway.metricsAddress" -}}
{{- include "kusk-gateway.variable" (dict "root" . "name" "METRICS_BIND_ADDR" "own" .Values.manager.metrics.bindAddress) }}
{{- end }}

{{/* Where `/metrics` can be reached from outside the pod: a port, or nothing. */}}
{{- define "kusk-gateway.metricsPort" -}}
{{- $address := include "kusk-gateway.metricsAddress" . }}
{{- if not (regexMatch "^(0|127\\..*|localhost:.*|\\[::1\\]:.*)$" $address) }}
{{- regexFind "[0-9]+$" $address }}
{{- end }}
{{- end }}

{{/* The port of the probes. */}}
{{- define "kusk-gateway.healthPort" -}}
{{- $address := include "kusk-gateway.variable" (dict "root" . "name" "HEALTH_PROBE_BIND_ADDR" "own" (printf ":%v" .Values.manager.health.port)) }}
{{- default (toString .Values.manager.health.port) (regexFind "[0-9]+$" $address) }}
{{- end }}

{{/* Each address on the way out, by the variable that has it, as YAML. In lower case they win. */}}
{{- define "kusk-gateway.addressesOut" -}}
{{- $root := . }}
{{- $endpoint := default "https://api.segment.io" (default dict .Values.analytics).endpoint }}
{{- range $name, $own := dict "ANALYTICS_ENDPOINT" $endpoint "HTTPS_PROXY" .Values.proxy.https "HTTP_PROXY" .Values.proxy.http "https_proxy" "" "http_proxy" "" }}
{{ $name }}: {{ include "kusk-gateway.variable" (dict "root" $root "name" $name "own" $own) | quote }}
{{- end }}
{{- end }}

{{/* Names of variables with addresses that the chart can't see, as a YAML list. */}}
{{- define "kusk-gateway.hiddenAddresses" -}}
{{- range $name, $address := include "kusk-gateway.addressesOut" . | fromYaml }}
{{- if eq $address "?" }}
- {{ $name }}
{{- end }}
{{- end }}
{{- end }}

{{/* Ports out to the endpoint, or to the proxy before it, as a JSON list. */}}
{{- define "kusk-gateway.receiverPorts" -}}
{{- $ports := list }}
{{- range include "kusk-gateway.addressesOut" . | fromYaml | values | sortAlpha | compact }}
{{- if ne . "?" }}
{{- $url := urlParse (ternary . (printf "http://%s" .) (contains "://" .)) }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $ports = append $ports (int (default (ternary "443" "80" (eq $url.scheme "https")) $port)) }}
{{- end }}
{{- end }}
{{- range .Values.networkPolicy.receiverPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- uniq $ports | toJson }}
{{- end }}

{{/* Egress to DNS. OpenShift's pods for it listen on 5353, and a policy sees the pod's port. */}}
{{- define "kusk-gateway.egressToDns" -}}
- ports:
    {{- range list 53 5353 }}
    - {port: {{ . }}, protocol: UDP}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .Values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
