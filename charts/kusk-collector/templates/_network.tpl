{{/* Egress to DNS. OpenShift's pods for it listen on 5353, and a policy sees the pod's port. */}}
{{- define "kusk-collector.egressToDns" -}}
- ports:
    {{- range list 53 5353 }}
    - {port: {{ . }}, protocol: UDP}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}
