{{- define "kusk-collector.serviceAccountName" -}}
{{- default (ternary (include "kusk-collector.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "kusk-collector.labels" -}}
{{- $own := include "kusk-collector.selectorLabels" . | fromYaml }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/component" "collector" }}
{{- $_ := set $own "app.kubernetes.io/part-of" "kusk-gateway" }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge $own (default dict .Values.commonLabels) | toYaml }}
{{- end }}

{{- define "kusk-collector.image" -}}
{{- include "kusk-collector.imageOf" (dict "root" . "image" .Values.image) }}
{{- end }}

{{/* The name of the Secret with the keys. */}}
{{- define "kusk-collector.secretName" -}}
{{- default (include "kusk-collector.fullname" .) .Values.keys.existingSecret.name }}
{{- end }}

{{/* The keys in that Secret, as YAML: `write` and `read`. The chart's own Secret has names of its own. */}}
{{- define "kusk-collector.secretKeys" -}}
{{- $existing := .Values.keys.existingSecret }}
write: {{ ternary $existing.writeKey "writeKey" (not (empty $existing.name)) | quote }}
read: {{ ternary $existing.readKey "readKey" (not (empty $existing.name)) | quote }}
{{- end }}

{{/*
What the chart's own Secret holds, as JSON: the keys that are set, else those that it has, else random ones. These
are remembered, so that the Secret and the checksum of the pods have the same.
*/}}
{{- define "kusk-collector.ownKeys" -}}
{{- if not (hasKey .Values "ownKeys") }}
{{- $stored := default dict (default dict (lookup "v1" "Secret" .Release.Namespace (include "kusk-collector.secretName" .))).data }}
{{- $own := dict }}
{{- range $key, $given := dict "writeKey" .Values.keys.write "readKey" .Values.keys.read }}
{{- $_ := set $own $key (ternary ($given | b64enc) (default (randAlphaNum 32 | b64enc) (get $stored $key)) (not (empty $given))) }}
{{- end }}
{{- $_ := set .Values "ownKeys" $own }}
{{- end }}
{{- toJson .Values.ownKeys }}
{{- end }}

{{/* The name of the claim of SQLite's file. */}}
{{- define "kusk-collector.claimName" -}}
{{- default (include "kusk-collector.fullname" .) .Values.persistence.existingClaim }}
{{- end }}

{{/* The name of the claim of the backups. */}}
{{- define "kusk-collector.backupClaimName" -}}
{{- default (printf "%s-backup" (include "kusk-collector.fullname" .)) .Values.backup.existingClaim }}
{{- end }}

{{/* The collector's address in the cluster. */}}
{{- define "kusk-collector.url" -}}
http://{{ include "kusk-collector.fullname" . }}.{{ .Release.Namespace }}:{{ .Values.service.port }}
{{- end }}
