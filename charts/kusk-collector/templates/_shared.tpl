{{/* Made from charts/kusk-gateway by `npm run fix`. Do not edit. */}}

{{/*
Puts defaults where values are missing. `--reuse-values` takes those of an older chart, which lack what has
come since, and null takes a key away. Each template begins with it.
*/}}
{{- define "kusk-collector.defaults" -}}
{{- range .Files.Get "files/defaults.json" | fromJsonArray }}
{{- $group := $.Values }}
{{- range initial .path }}
{{- if not (kindIs "map" (get $group .)) }}{{ $_ := set $group . dict }}{{ end }}
{{- $group = get $group . }}
{{- end }}
{{- $key := last .path }}
{{- if or (not (hasKey $group $key)) (kindIs "invalid" (get $group $key)) }}
{{- $_ := set $group $key .default }}
{{- end }}
{{- end }}
{{- end }}

{{- define "kusk-collector.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* As short as `helm create` makes it, with room for the longest suffix. */}}
{{- define "kusk-collector.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full := printf "%s-%s" .Release.Name $name }}
{{- if contains $name .Release.Name }}{{ $full = .Release.Name }}{{ end }}
{{- default $full .Values.fullnameOverride | trunc 48 | trimSuffix "-" }}
{{- end }}

{{/*
A refusal, in a YAML list, of a name that Kubernetes does not accept for a Service, when other objects are made
already. Takes a dict of `root`, the `name`, and the `key` of the value to write instead. From Kubernetes 1.36 on,
the name may begin with a digit.
@see https://github.com/kubernetes/enhancements/issues/5311
*/}}
{{- define "kusk-collector.refusedService" -}}
{{- $isOld := semverCompare "<1.36.0-0" .root.Capabilities.KubeVersion.Version }}
{{- if or (not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" .name)) (and $isOld (regexMatch "^[0-9]" .name)) }}
- {{ printf "The Service would be called %s, but Kubernetes accepts only lower-case letters, digits and hyphens there%s. Write another %s, such as %s." .name (ternary ", and before 1.36 (--kube-version) a letter first" "" $isOld) .key .root.Chart.Name | toJson }}
{{- end }}
{{- end }}

{{/*
"true" if this release may have an object: it does not exist, or is the release's own. Takes a dict of
the object as `lookup` found it, and the root context. Helm refuses a whole release for one object of
somebody else.
*/}}
{{- define "kusk-collector.isOurs" -}}
{{- $metadata := default dict (default dict .object).metadata }}
{{- $annotations := default dict $metadata.annotations }}
{{- $isHelms := eq "Helm" (default "" (get (default dict $metadata.labels) "app.kubernetes.io/managed-by")) }}
{{- $isName := eq .root.Release.Name (default "" (get $annotations "meta.helm.sh/release-name")) }}
{{- $isNamespace := eq .root.Release.Namespace (default "" (get $annotations "meta.helm.sh/release-namespace")) }}
{{- if or (not .object) (and $isHelms $isName $isNamespace) }}true{{ end }}
{{- end }}

{{/* By which pods are found. It can't be changed after the install. */}}
{{- define "kusk-collector.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kusk-collector.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* By which the pod of `helm test` is found. The Service must not find it. */}}
{{- define "kusk-collector.testLabels" -}}
app.kubernetes.io/name: {{ printf "%s-test" (include "kusk-collector.name" . | trunc 58) }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/*
The annotations of an object's metadata, on lines of their own; nothing if there are none. Takes a dict of
`root` and the object's `own`, which win over `commonAnnotations`.
*/}}
{{- define "kusk-collector.annotations" -}}
{{- with merge (deepCopy (default dict .own)) (default dict .root.Values.commonAnnotations) }}
  annotations:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}

{{/*
A refusal, in a YAML list, of a workload that stands and finds its pods by other labels, when the Service finds them by new
ones already. Takes a dict of `root` and the `workload`.
*/}}
{{- define "kusk-collector.refusedSelector" -}}
{{- $mine := include "kusk-collector.selectorLabels" .root | fromYaml | toJson }}
{{- if ne $mine (toJson .workload.spec.selector.matchLabels) }}
- {{ printf "The %[3]s %[1]s finds its pods by other labels, and Kubernetes never changes those. Write first\n\n  kubectl --namespace %[2]s delete %[4]s %[1]s\n\nand try again." .workload.metadata.name .root.Release.Namespace .workload.kind (lower .workload.kind) | toJson }}
{{- end }}
{{- end }}

{{/*
Annotations of what must stay when it is no longer rendered, for the tools that delete it then: Argo CD
(which does so in spite of Helm's annotation) and Flux.
@see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
@see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
*/}}
{{- define "kusk-collector.neverPrune" -}}
argocd.argoproj.io/sync-options: Prune=false,Delete=false
argocd.argoproj.io/compare-options: IgnoreExtraneous
kustomize.toolkit.fluxcd.io/prune: disabled
{{- end }}

{{/* Annotations of what outlives the release itself too. */}}
{{- define "kusk-collector.keep" -}}
helm.sh/resource-policy: keep
{{ include "kusk-collector.neverPrune" . }}
{{- end }}

{{/*
A value as text. Kubernetes refuses a variable that is a number or a boolean, and `toString` would write
1000000 as 1e+06.
*/}}
{{- define "kusk-collector.text" -}}
{{- if kindIs "string" . }}{{ . }}{{ else if not (kindIs "invalid" .) }}{{ toJson . }}{{ end }}
{{- end }}

{{/* A variable as in a container's `env`, with its value as text, as JSON. */}}
{{- define "kusk-collector.textVariable" -}}
{{- $variable := deepCopy . }}
{{- if hasKey . "value" }}{{ $_ := set $variable "value" (include "kusk-collector.text" .value) }}{{ end }}
{{- toJson $variable }}
{{- end }}

{{- define "kusk-collector.imagePullSecrets" -}}
{{- $secrets := list }}
{{- range concat (default list .Values.imagePullSecrets) (default list (default dict .Values.global).imagePullSecrets) }}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) }}
{{- end }}
{{- if $secrets }}{{ uniq $secrets | toYaml }}{{ end }}
{{- end }}

{{/* By which labels pods choose nodes. The images are for Linux, and some clusters also have nodes of Windows. */}}
{{- define "kusk-collector.nodeSelector" -}}
{{- merge (deepCopy (default dict .Values.nodeSelector)) (dict "kubernetes.io/os" "linux") | toYaml }}
{{- end }}

{{- define "kusk-collector.topologySpreadConstraints" -}}
{{- $selector := dict "matchLabels" (include "kusk-collector.selectorLabels" . | fromYaml) }}
{{- $defaults := dict "maxSkew" 1 "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" $selector }}
{{- range .Values.topologySpreadConstraints }}
{{- $constraint := merge (deepCopy .) (omit $defaults "labelSelector") }}
{{- if not (hasKey . "labelSelector") }}{{ $_ := set $constraint "labelSelector" $selector }}{{ end }}
- {{ toYaml $constraint | nindent 2 | trim }}
{{- end }}
{{- end }}

{{/* The full name of an image. Takes a dict of `root` and the image as values have it. */}}
{{- define "kusk-collector.imageOf" -}}
{{- $image := .image }}
{{- $registry := default (default dict .root.Values.global).imageRegistry $image.registry }}
{{- /* The first part of a name is a registry, not an account, if it has a dot or a port or is localhost. */}}
{{- $host := regexFind "^([^/]*[.:][^/]*|localhost)/" $image.repository }}
{{- if not $registry }}{{ $registry = default "docker.io" $host }}{{ end }}
{{- trimSuffix "/" $registry }}/{{ trimPrefix $host $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end }}
{{- end }}

{{/*
Variables that load code into the program, or end its checks of certificates. They are set to nothing, which wins
over `envFrom`: a person who may write a ConfigMap that it names does not get the rights of the pod by it.
*/}}
{{- define "kusk-collector.withheld" -}}
{{- list "NODE_OPTIONS" "NODE_PATH" "NODE_TLS_REJECT_UNAUTHORIZED" | toYaml }}
{{ list "LD_PRELOAD" "LD_AUDIT" "LD_LIBRARY_PATH" "OPENSSL_CONF" | toYaml }}
{{- end }}
