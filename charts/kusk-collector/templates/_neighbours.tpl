{{/*
What of this release stands in its namespace, and would break with these values, as a YAML list of messages.
Rendered without a cluster, nothing can be seen.
*/}}
{{- define "kusk-collector.refusedNeighbours" -}}
{{- with include "kusk-collector.standing" . | fromYaml }}
{{- include "kusk-collector.refusedSelector" (dict "root" $ "workload" .) }}
{{- end }}
{{- end }}

{{/*
The labels by which the Service finds pods. They name the store, so that no pod that a failed change of the store has
left behind gets events. Pods of an older chart have no such label: they stay behind the Service until an upgrade
finds that all have been replaced.
*/}}
{{- define "kusk-collector.serviceSelector" -}}
{{- $label := "telemetry.kusk.io/store" }}
{{- $service := lookup "v1" "Service" .Release.Namespace (include "kusk-collector.fullname" .) }}
{{- $isOlder := and $service (not (hasKey (default dict $service.spec.selector) $label)) }}
{{- $own := include "kusk-collector.standing" . | fromYaml }}
{{- $status := default dict $own.status }}
{{- $isRolledOut := and $own (eq (int $status.observedGeneration) (int $own.metadata.generation)) (eq (int $status.updatedReplicas) (int $status.replicas)) }}
{{- if and $isOlder $own (not (and $isRolledOut (hasKey $own.spec.template.metadata.labels $label))) }}
{{- include "kusk-collector.selectorLabels" . }}
{{- else }}
{{- include "kusk-collector.ownPodLabels" . }}
{{- end }}
{{- end }}

{{/* The labels of the pods that are the chart's own. A workload does not select by the store: its selector can't be changed. */}}
{{- define "kusk-collector.ownPodLabels" -}}
{{ include "kusk-collector.selectorLabels" . }}
telemetry.kusk.io/store: {{ ternary "clickhouse" "sqlite" (not (empty .Values.clickhouse.url)) }}
{{- end }}

{{/*
The release's workload as YAML, nothing if there is none or it is being deleted. That of the other store is not looked
up: an account may have no right to its kind.
*/}}
{{- define "kusk-collector.standing" -}}
{{- $kind := ternary "Deployment" "StatefulSet" (not (empty .Values.clickhouse.url)) }}
{{- $found := lookup "apps/v1" $kind .Release.Namespace (include "kusk-collector.fullname" .) }}
{{- $isOurs := include "kusk-collector.isOurs" (dict "object" $found "root" .) }}
{{- if and $found $isOurs (not $found.metadata.deletionTimestamp) }}{{ toYaml $found }}{{ end }}
{{- end }}
