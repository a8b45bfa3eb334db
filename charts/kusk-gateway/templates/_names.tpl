{{- define "kusk-gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* As short as `helm create` makes it, with room for the longest suffix. */}}
{{- define "kusk-gateway.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full := printf "%s-%s" .Release.Name $name }}
{{- if contains $name .Release.Name }}{{ $full = .Release.Name }}{{ end }}
{{- default $full .Values.fullnameOverride | trunc 48 | trimSuffix "-" }}
{{- end }}

{{/* What nearly everything is called: `kusk-gateway-manager` in a release called kusk-gateway. */}}
{{- define "kusk-gateway.manager" -}}
{{- include "kusk-gateway.fullname" . }}-manager
{{- end }}

{{/* For what belongs to no namespace: two releases of one name don't collide. */}}
{{- define "kusk-gateway.clusterName" -}}
{{- .Release.Namespace }}:{{ include "kusk-gateway.manager" . }}
{{- end }}

{{- define "kusk-gateway.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kusk-gateway.manager" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* By which pods are found. It can't be changed after the install. */}}
{{- define "kusk-gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kusk-gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kusk-gateway.labels" -}}
{{- $own := include "kusk-gateway.selectorLabels" . | fromYaml }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/component" "kusk-gateway-manager" }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge $own (default dict .Values.commonLabels) | toYaml }}
{{- end }}

{{/* The image of Kusk Gateway 1.x, which older values files name, is another program. */}}
{{- define "kusk-gateway.namesFormerImage" -}}
{{- if eq .Values.manager.image.repository "kubeshop/kusk-gateway" }}true{{ end }}
{{- end }}

{{- define "kusk-gateway.image" -}}
{{- $image := .Values.manager.image }}
{{- $repository := $image.repository }}
{{- $tag := default .Chart.AppVersion $image.tag }}
{{- if include "kusk-gateway.namesFormerImage" . }}
{{- $repository = "kusk-gateway-telemetry" }}
{{- $tag = .Chart.AppVersion }}
{{- end }}
{{- with default (default dict .Values.global).imageRegistry $image.registry }}{{ trimSuffix "/" . }}/{{ end }}
{{- $repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{- define "kusk-gateway.imagePullSecrets" -}}
{{- $secrets := list }}
{{- range concat (default list .Values.imagePullSecrets) (default list (default dict .Values.global).imagePullSecrets) }}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) }}
{{- end }}
{{- if $secrets }}{{ uniq $secrets | toYaml }}{{ end }}
{{- end }}
