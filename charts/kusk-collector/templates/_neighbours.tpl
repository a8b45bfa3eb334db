{{/*
What of this release stands in its namespace, and would break with these values, as a YAML list of messages.
Rendered without a cluster, nothing can be seen.
*/}}
{{- define "kusk-collector.refusedNeighbours" -}}
{{- $kind := include "kusk-collector.kind" . }}
{{- $other := ternary "StatefulSet" "Deployment" (eq $kind "Deployment") }}
{{- $own := include "kusk-collector.standing" (dict "root" . "kind" $kind) | fromYaml }}
{{- if $own }}
{{- include "kusk-collector.refusedSelector" (dict "root" . "workload" $own) }}
{{- /* Helm deletes what the last revision that succeeded had. What a later one created that failed is nobody's. */}}
{{- if include "kusk-collector.standing" (dict "root" . "kind" $other) }}
- {{ printf "The %[3]s %[1]s stands beside the %[4]s %[1]s: an upgrade or a rollback that failed has left it behind. It runs, but with these values the collector is the %[4]s. Write first\n\n  kubectl --namespace %[2]s delete %[5]s %[1]s\n\nand try again." $own.metadata.name .Release.Namespace $other $kind (lower $other) | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The labels by which the Service finds pods. They name the store, so that no pod that a failed change of the store has
left behind gets events. What stands and has not that label yet, because an older chart made it, stays behind the
Service in this upgrade, until its pods are replaced.
*/}}
{{- define "kusk-collector.serviceSelector" -}}
{{- $own := include "kusk-collector.standing" (dict "root" . "kind" (include "kusk-collector.kind" .)) | fromYaml }}
{{- if or (not $own) (hasKey $own.spec.template.metadata.labels "telemetry.kusk.io/store") }}
{{- include "kusk-collector.ownPodLabels" . }}
{{- else }}
{{- include "kusk-collector.selectorLabels" . }}
{{- end }}
{{- end }}

{{/* The labels of the pods that are the chart's own. A workload does not select by the store: its selector can't be changed. */}}
{{- define "kusk-collector.ownPodLabels" -}}
{{ include "kusk-collector.selectorLabels" . }}
telemetry.kusk.io/store: {{ ternary "clickhouse" "sqlite" (not (empty .Values.clickhouse.url)) }}
{{- end }}

{{/* The kind of the release's workload. */}}
{{- define "kusk-collector.kind" -}}
{{- ternary "Deployment" "StatefulSet" (not (empty .Values.clickhouse.url)) }}
{{- end }}

{{/*
The release's workload of a kind as YAML, nothing if there is none or it is being deleted. Takes a dict of `root`
and the `kind`.
*/}}
{{- define "kusk-collector.standing" -}}
{{- $found := lookup "apps/v1" .kind .root.Release.Namespace (include "kusk-collector.fullname" .root) }}
{{- $isOurs := include "kusk-collector.isOurs" (dict "object" $found "root" .root) }}
{{- if and $found $isOurs (not $found.metadata.deletionTimestamp) }}{{ toYaml $found }}{{ end }}
{{- end }}
