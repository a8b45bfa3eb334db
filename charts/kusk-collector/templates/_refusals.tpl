{{/* Fails before anything is changed, with a message for everything that can't be installed as it is. */}}
{{- define "kusk-collector.refuse" -}}
{{- with include "kusk-collector.refused" . | fromYamlArray }}
{{- fail (printf "\n\n%s\n\nNothing was changed.\n" (join "\n\n" .)) }}
{{- end }}
{{- end }}

{{- define "kusk-collector.refused" -}}
{{- $isSqlite := not .Values.clickhouse.url }}
{{- include "kusk-collector.refusedService" (dict "root" . "name" (include "kusk-collector.fullname" .) "key" "fullnameOverride") }}
{{- if and $isSqlite (gt (int .Values.replicaCount) 1) }}
- {{ printf "replicaCount is %d, but SQLite's file is for one. Write replicaCount: 1, or clickhouse.url." (int .Values.replicaCount) | toJson }}
{{- end }}
{{- if and .Values.backup.enabled (not $isSqlite) }}
- {{ "backup.enabled is true, but it copies SQLite's file, and clickhouse.url is set. Write backup.enabled: false, and use ClickHouse's own backup." | toJson }}
{{- end }}
{{- if and .Values.backup.enabled $isSqlite (not .Values.persistence.enabled) }}
- {{ "backup.enabled is true, but persistence.enabled is false: there is no volume to copy from. Write persistence.enabled: true." | toJson }}
{{- end }}
{{- if and .Values.backup.enabled (has "ReadWriteOncePod" .Values.persistence.accessModes) (not .Values.persistence.existingClaim) }}
- {{ "backup.enabled is true, but with ReadWriteOncePod its pod never gets the volume that the collector has. Write persistence.accessModes: [ReadWriteOnce], or backup.enabled: false." | toJson }}
{{- end }}
{{- if and .Values.keys.existingSecret.name (or .Values.keys.write .Values.keys.read) }}
- {{ "keys.existingSecret.name is set, and keys.write or keys.read too. Write either." | toJson }}
{{- end }}
{{- if and .Values.clickhouse.existingSecret.name $isSqlite }}
- {{ "clickhouse.existingSecret.name is set, but clickhouse.url is not. Write clickhouse.url: clickhouse://USER@HOST:8123/DATABASE." | toJson }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
- {{ "ingress.enabled is true, but ingress.hosts is empty. Write at least one name." | toJson }}
{{- end }}
{{- include "kusk-collector.refusedNeighbours" . }}
{{- range .Values.extraVolumes }}
{{- if has .name (list "data" "backup") }}
- {{ printf "extraVolumes has one called %s, which is the name of the chart's own. Write another name." .name | toJson }}
{{- end }}
{{- end }}
{{- end }}
