{{/* The container's environment: `manager.env`, and what of the chart's own it does not name again. */}}
{{- define "kusk-gateway.env" -}}
{{- $mine := include "kusk-gateway.givenEnv" . | fromYamlArray }}
{{- $names := list }}
{{- range $mine }}{{ $names = append $names .name }}{{ end }}
{{- range include "kusk-gateway.ownEnv" . | fromYamlArray }}
{{- if not (has .name $names) }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- with $mine }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
"true" if the pod has to start without its Secrets and certificates: they may be removed in the change that
switches telemetry off, and an operator that starts writes off to the ledger.
*/}}
{{- define "kusk-gateway.startsWithoutSecrets" -}}
{{- include "kusk-gateway.decide" . }}
{{- if .Values._consent.isOrdered }}true{{ end }}
{{- end }}

{{/*
`manager.env` without switches that could hide a stricter one: Kubernetes lets one variable win over
another of the same name, and looks at `envFrom` last. An off of theirs is the chart's own verdict.
*/}}
{{- define "kusk-gateway.givenEnv" -}}
{{- include "kusk-gateway.decide" . }}
{{- range .Values.manager.env }}
{{- $isSwitch := and (eq .name "ANALYTICS_ENABLED") (or $.Values._consent.isOrdered (not (hasKey . "valueFrom"))) }}
{{- $isNoRequest := and (eq .name "DO_NOT_TRACK") (not (hasKey . "valueFrom")) (ne "on" (include "kusk-gateway.word" .value)) }}
{{- if not (or $isSwitch $isNoRequest) }}
- {{ include "kusk-gateway.textVariable" . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.ownEnv" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- if .Values._consent.isOrdered }}
- name: ANALYTICS_ENABLED
  value: "false"
{{- end }}
{{- if not (include "kusk-gateway.reportsOptOut" .) }}
- name: ANALYTICS_REPORT_OPT_OUT
  value: "false"
{{- end }}
{{- with (default dict .Values.analytics).endpoint }}
- name: ANALYTICS_ENDPOINT
  value: {{ . | quote }}
{{- end }}
- name: LOG_LEVEL
  value: {{ include "kusk-gateway.logLevel" . }}
{{- /*
checkov --skip-check=CKV_K8S_35: A write key can only add events.
*/}}
{{- with include "kusk-gateway.writeKey" . | fromYaml }}
- name: ANALYTICS_WRITE_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .name | quote }}
      key: {{ .key | quote }}
      {{- if include "kusk-gateway.startsWithoutSecrets" $ }}
      optional: true
      {{- end }}
{{- end }}
- name: ENABLE_LEADER_ELECTION
  value: {{ .Values.manager.enableLeaderElection | toString | quote }}
- name: METRICS_BIND_ADDR
  value: {{ .Values.manager.metrics.bindAddress | quote }}
- name: HEALTH_PROBE_BIND_ADDR
  value: ":{{ .Values.manager.health.port }}"
{{- with .Values.proxy.https }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.http }}
- name: HTTP_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.none }}
- name: NO_PROXY
  value: {{ . | quote }}
{{- end }}
{{- if or .Values.customCA.configMap .Values.customCA.secret }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/kusk-gateway-ca/{{ .Values.customCA.key }}
{{- end }}
{{- if .Values.manager.envFrom }}
{{- range append (include "kusk-gateway.withheld" . | fromYamlArray) "KUBECONFIG" }}
- name: {{ . }}
  value: ""
{{- end }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.volumeMounts" -}}
# Whole folders: a single file (subPath) would never change while the pod runs.
- name: config
  mountPath: /etc/kusk-gateway
  readOnly: true
- name: opt-out
  mountPath: /etc/kusk-gateway-opt-out
  readOnly: true
{{- if or .Values.customCA.configMap .Values.customCA.secret }}
- name: ca
  mountPath: /etc/kusk-gateway-ca
  readOnly: true
{{- end }}
{{- with .Values.manager.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.volumes" -}}
{{- include "kusk-gateway.ownVolumes" . }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.ownVolumes" -}}
- name: config
  configMap:
    name: {{ include "kusk-gateway.manager" . }}
    optional: true
# No tool renders it: an opt-out in it is left alone by every upgrade.
- name: opt-out
  configMap:
    name: kusk-gateway-opt-out
    optional: true
{{- if .Values.customCA.secret }}
- name: ca
  secret:
    secretName: {{ .Values.customCA.secret | quote }}
    {{- if include "kusk-gateway.startsWithoutSecrets" . }}
    optional: true
    {{- end }}
{{- else if .Values.customCA.configMap }}
- name: ca
  configMap:
    name: {{ .Values.customCA.configMap | quote }}
    {{- if include "kusk-gateway.startsWithoutSecrets" . }}
    optional: true
    {{- end }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.containerSecurityContext" -}}
{{- $former := deepCopy (default dict .Values.manager.podSecurityContext) }}
{{- merge $former (default dict .Values.manager.securityContext) | toYaml }}
{{- end }}
