{{/* The pod template: of the StatefulSet with SQLite, of the Deployment with ClickHouse. */}}
{{- define "kusk-collector.podTemplate" -}}
metadata:
  annotations:
    # Other keys restart the pods. What changes in a Secret of the user does not.
    {{- $keys := .Values.keys.existingSecret.name }}
    {{- if not $keys }}{{ $keys = include "kusk-collector.ownKeys" . }}{{ end }}
    checksum/keys: {{ sha256sum $keys }}
    {{- with merge (deepCopy (default dict .Values.podAnnotations)) (default dict .Values.commonAnnotations) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- merge (include "kusk-collector.ownPodLabels" . | fromYaml) (default dict .Values.podLabels) (default dict .Values.commonLabels) | toYaml | nindent 4 }}
spec:
  {{- include "kusk-collector.podBasics" . | trim | nindent 2 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  containers:
    - name: collector
      {{- include "kusk-collector.containerBasics" . | nindent 6 }}
      args:
        {{- include "kusk-collector.args" . | trim | nindent 8 }}
      env:
        {{- include "kusk-collector.env" . | trim | nindent 8 }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: 8090
          protocol: TCP
      startupProbe:
        {{- merge (dict "httpGet" (dict "path" "/healthz" "port" "http")) (default dict .Values.startupProbe) | toYaml | nindent 8 }}
      livenessProbe:
        {{- merge (dict "httpGet" (dict "path" "/healthz" "port" "http")) (default dict .Values.livenessProbe) | toYaml | nindent 8 }}
      readinessProbe:
        {{- merge (dict "httpGet" (dict "path" "/readyz" "port" "http")) (default dict .Values.readinessProbe) | toYaml | nindent 8 }}
      {{- $mounts := default list .Values.extraVolumeMounts }}
      {{- if not .Values.clickhouse.url }}{{ $mounts = prepend $mounts (dict "name" "data" "mountPath" "/data") }}{{ end }}
      {{- with $mounts }}
      volumeMounts:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "kusk-collector.topologySpreadConstraints" . }}
  topologySpreadConstraints:
    {{- . | trim | nindent 4 }}
  {{- end }}
  {{- $volumes := default list .Values.extraVolumes }}
  {{- if not .Values.clickhouse.url }}{{ $volumes = prepend $volumes (include "kusk-collector.dataVolume" . | fromYaml) }}{{ end }}
  {{- with $volumes }}
  volumes:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* What the pods of the collector, of the backup and of `helm test` have in common. */}}
{{- define "kusk-collector.podBasics" -}}
{{- with include "kusk-collector.imagePullSecrets" . }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
serviceAccountName: {{ include "kusk-collector.serviceAccountName" . | quote }}
# It never speaks to the API server.
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- /*
  kube-score --ignore-test=container-security-context-user-group-id: The image has user 65532, and OpenShift assigns one of its own.
  checkov --skip-check=CKV_K8S_40: As above.
  */}}
  {{- $context := default dict .Values.securityContext }}
  {{- if eq "" (get $context "fsGroup" | toString) }}{{ $context = omit $context "fsGroup" }}{{ end }}
  {{- toYaml $context | nindent 2 }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
nodeSelector:
  {{- include "kusk-collector.nodeSelector" . | nindent 2 }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "kusk-collector.containerBasics" -}}
image: {{ include "kusk-collector.image" . | quote }}
{{- /*
kube-score --ignore-test=container-image-pull-policy: A tag is one version. A pod starts also while the registry is away.
checkov --skip-check=CKV_K8S_15: As above.
checkov --skip-check=CKV_K8S_43: image.digest names one, for those who want it.
*/}}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- /*
kube-score --ignore-container-cpu-limit: A limit slows it down on a node that is idle. The request protects others.
checkov --skip-check=CKV_K8S_11: As above.
kube-score --ignore-test=container-ephemeral-storage-request-and-limit: Its root file system is read-only, and its data is on a volume.
*/}}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.containerSecurityContext | nindent 2 }}
{{- end }}

{{- define "kusk-collector.dataVolume" -}}
name: data
{{- if .Values.persistence.enabled }}
persistentVolumeClaim:
  claimName: {{ include "kusk-collector.claimName" . | quote }}
{{- else }}
emptyDir: {}
{{- end }}
{{- end }}

{{- define "kusk-collector.args" -}}
- --max-requests={{ int64 .Values.maxRequests }}
{{- with int .Values.keepEvents }}
- --keep-events={{ . }}
{{- end }}
{{- if .Values.public }}
- --public
{{- end }}
{{- with .Values.clickhouse.url }}
- {{ printf "--store=%s" . | quote }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* `env`, and what of the chart's own it does not name again. */}}
{{- define "kusk-collector.env" -}}
{{- /*
checkov --skip-check=CKV_K8S_35: Who can read a variable of the process can read a file of it.
*/}}
{{- $names := list }}
{{- range .Values.env }}{{ $names = append $names .name }}{{ end }}
{{- range include "kusk-collector.ownEnv" . | fromYamlArray }}
{{- if not (has .name $names) }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- range .Values.env }}
- {{ include "kusk-collector.textVariable" . }}
{{- end }}
{{- end }}

{{- define "kusk-collector.ownEnv" -}}
- name: COLLECTOR_LISTEN
  value: "*:8090"
{{- if not .Values.clickhouse.url }}
- name: COLLECTOR_DATABASE
  value: /data/kusk-collector.db
{{- end }}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
{{ include "kusk-collector.keysEnv" . }}
{{- with .Values.clickhouse.existingSecret.name }}
- name: COLLECTOR_STORE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: {{ $.Values.clickhouse.existingSecret.key | quote }}
{{- end }}
{{- if .Values.envFrom }}
{{- range include "kusk-collector.withheld" . | fromYamlArray }}
- name: {{ . }}
  value: ""
{{- end }}
{{- end }}
{{- end }}

{{- define "kusk-collector.keysEnv" -}}
{{- $keys := include "kusk-collector.secretKeys" . | fromYaml }}
- name: COLLECTOR_WRITE_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "kusk-collector.secretName" . | quote }}
      key: {{ $keys.write | quote }}
- name: COLLECTOR_READ_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "kusk-collector.secretName" . | quote }}
      key: {{ $keys.read | quote }}
{{- end }}
