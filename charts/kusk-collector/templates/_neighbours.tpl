{{/*
What of this release stands in its namespace, and would break with these values, as a YAML list of messages.
Rendered without a cluster, nothing can be seen.
*/}}
{{- define "kusk-collector.refusedNeighbours" -}}
{{- $own := include "kusk-collector.standing" (dict "root" . "kind" (include "kusk-collector.kind" .)) | fromYaml }}
{{- if $own }}
{{- include "kusk-collector.refusedSelector" (dict "root" . "workload" $own) }}
{{- end }}
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
