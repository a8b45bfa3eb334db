{{/* What nearly everything is called: `kusk-gateway-manager` in a release called kusk-gateway. */}}
{{- define "kusk-gateway.manager" -}}
{{- include "kusk-gateway.fullname" . }}-manager
{{- end }}

{{/* For what belongs to no namespace: two releases of one name don't collide. */}}
{{- define "kusk-gateway.clusterName" -}}
{{- .Release.Namespace }}:{{ include "kusk-gateway.manager" . }}
{{- end }}

{{- define "kusk-gateway.serviceName" -}}
{{- default (include "kusk-gateway.manager" .) .Values.service.name }}
{{- end }}

{{- define "kusk-gateway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kusk-gateway.manager" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.labels" -}}
{{- $own := include "kusk-gateway.selectorLabels" . | fromYaml }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/component" "kusk-gateway-manager" }}
{{- $_ := set $own "app.kubernetes.io/part-of" "kusk-gateway" }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge $own (default dict .Values.commonLabels) | toYaml }}
{{- end }}

{{/* The image of Kusk Gateway 1.x, which older values files name, is another program. */}}
{{- define "kusk-gateway.namesFormerImage" -}}
{{- if regexMatch "(^|/)kubeshop/kusk-gateway$" .Values.manager.image.repository }}true{{ end }}
{{- end }}

{{- define "kusk-gateway.image" -}}
{{- $image := deepCopy .Values.manager.image }}
{{- if include "kusk-gateway.namesFormerImage" . }}
{{- $ours := "kubeshop/kusk-gateway-telemetry" }}
{{- if not (regexMatch "^(docker[.]io/)?kubeshop/" $image.repository) }}{{ $ours = printf "%s-telemetry" $image.repository }}{{ end }}
{{- $image = merge (dict "repository" $ours "tag" .Chart.AppVersion) $image }}
{{- end }}
{{- include "kusk-gateway.imageOf" (dict "root" . "image" $image) }}
{{- end }}
