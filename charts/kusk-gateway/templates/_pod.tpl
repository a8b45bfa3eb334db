{{/* The container's environment, the chart's own part: what `manager.env` names again is left out. */}}
{{- define "kusk-gateway.env" -}}
{{- $mine := list }}
{{- range .Values.manager.env }}{{ $mine = append $mine .name }}{{ end }}
{{- range include "kusk-gateway.ownEnv" . | fromYamlArray }}
{{- if not (has .name $mine) }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- with .Values.manager.env }}
{{ toYaml . }}
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
- name: ANALYTICS_ENABLED
  valueFrom:
    configMapKeyRef:
      name: {{ include "kusk-gateway.manager" . }}
      key: ANALYTICS_ENABLED
      optional: true
{{- with include "kusk-gateway.writeKey" . | fromYaml }}
- name: ANALYTICS_WRITE_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
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
{{- end }}

{{- define "kusk-gateway.volumeMounts" -}}
# The whole folder: a single file (subPath) would never change while the pod runs.
- name: config
  mountPath: /etc/kusk-gateway
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
- name: config
  configMap:
    name: {{ include "kusk-gateway.manager" . }}
    items:
      - key: config.yaml
        path: config.yaml
{{- if .Values.customCA.secret }}
- name: ca
  secret:
    secretName: {{ .Values.customCA.secret }}
{{- else if .Values.customCA.configMap }}
- name: ca
  configMap:
    name: {{ .Values.customCA.configMap }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.containerSecurityContext" -}}
{{- $former := deepCopy (default dict .Values.manager.podSecurityContext) }}
{{- merge $former (default dict .Values.manager.securityContext) | toYaml }}
{{- end }}

{{- define "kusk-gateway.topologySpreadConstraints" -}}
{{- $selector := dict "matchLabels" (include "kusk-gateway.selectorLabels" . | fromYaml) }}
{{- $defaults := dict "maxSkew" 1 "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" $selector }}
{{- range .Values.topologySpreadConstraints }}
{{- $constraint := merge (deepCopy .) (omit $defaults "labelSelector") }}
{{- if not (hasKey . "labelSelector") }}{{ $_ := set $constraint "labelSelector" $selector }}{{ end }}
- {{ toYaml $constraint | nindent 2 | trim }}
{{- end }}
{{- end }}
