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

{{/* By which pods are found. It can't be changed after the install. */}}
{{- define "kusk-gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kusk-gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* By which the pod of `helm test` is found. The Service must not find it. */}}
{{- define "kusk-gateway.testLabels" -}}
app.kubernetes.io/name: {{ printf "%s-test" (include "kusk-gateway.name" . | trunc 58) }}
app.kubernetes.io/instance: {{ .Release.Name }}
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
{{- $image := .Values.manager.image }}
{{- $repository := $image.repository }}
{{- $tag := default .Chart.AppVersion $image.tag }}
{{- if include "kusk-gateway.namesFormerImage" . }}
{{- $repository = printf "%s-telemetry" $repository }}
{{- $tag = .Chart.AppVersion }}
{{- end }}
{{- $registry := default (default dict .Values.global).imageRegistry $image.registry }}
{{- /* As the first part of a name is told apart from an account: by a dot, a port or localhost. */}}
{{- if and (not $registry) (not (regexMatch "^([^/]*[.:][^/]*|localhost)/" $repository)) }}{{ $registry = "docker.io" }}{{ end }}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end }}
{{- $repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $tag }}{{ end }}
{{- end }}

{{/*
The annotations of an object's metadata, on lines of their own; nothing if there are none. Takes a dict of
`root` and the object's `own`, which win over `commonAnnotations`.
*/}}
{{- define "kusk-gateway.annotations" -}}
{{- with merge (deepCopy (default dict .own)) (default dict .root.Values.commonAnnotations) }}
  annotations:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.imagePullSecrets" -}}
{{- $secrets := list }}
{{- range concat (default list .Values.imagePullSecrets) (default list (default dict .Values.global).imagePullSecrets) }}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) }}
{{- end }}
{{- if $secrets }}{{ uniq $secrets | toYaml }}{{ end }}
{{- end }}
