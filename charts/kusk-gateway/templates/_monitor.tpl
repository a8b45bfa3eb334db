{{/* One endpoint of a ServiceMonitor or a PodMonitor. Takes its values and its `path` in them. */}}
{{- define "kusk-gateway.endpoint" -}}
{{- if not (include "kusk-gateway.metricsPort" .root) }}
{{- fail (printf "\n\n%s.enabled is true, but manager.metrics.bindAddress is %s: nobody can scrape that from outside the pod. Write manager.metrics.bindAddress: \":8080\". Nothing was changed.\n" .path .root.Values.manager.metrics.bindAddress) }}
{{- end }}
port: metrics
path: /metrics
{{- with .values.interval }}
interval: {{ . }}
{{- end }}
{{- with .values.scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .values.relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
