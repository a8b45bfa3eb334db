{{/*
"true" if this release may have an object: it does not exist, or is the release's own. Takes a dict of
the object as `lookup` found it, and the root context. Helm refuses a whole release for one object of
somebody else; the ledger, the Lease and the CRDs serve well whoever has made them.
*/}}
{{- define "kusk-gateway.isOurs" -}}
{{- $metadata := default dict (default dict .object).metadata }}
{{- $annotations := default dict $metadata.annotations }}
{{- $isHelms := eq "Helm" (default "" (get (default dict $metadata.labels) "app.kubernetes.io/managed-by")) }}
{{- $isName := eq .root.Release.Name (default "" (get $annotations "meta.helm.sh/release-name")) }}
{{- $isNamespace := eq .root.Release.Namespace (default "" (get $annotations "meta.helm.sh/release-namespace")) }}
{{- if or (not .object) (and $isHelms $isName $isNamespace) }}true{{ end }}
{{- end }}

{{/*
Annotations of what must stay when it is no longer rendered, for the tools that delete it then: Argo CD
(which does so in spite of Helm's annotation) and Flux.
@see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
@see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
*/}}
{{- define "kusk-gateway.neverPrune" -}}
argocd.argoproj.io/sync-options: Prune=false,Delete=false
argocd.argoproj.io/compare-options: IgnoreExtraneous
kustomize.toolkit.fluxcd.io/prune: disabled
{{- end }}

{{/* Annotations of what outlives the release itself too. */}}
{{- define "kusk-gateway.keep" -}}
helm.sh/resource-policy: keep
{{ include "kusk-gateway.neverPrune" . }}
{{- end }}

{{/*
"true" if Helm speaks to a cluster; empty if nothing can be looked up. Each namespace has this ConfigMap;
for one that is still to be created, another object of the cluster has to do.
*/}}
{{- define "kusk-gateway.isLive" -}}
{{- if lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt" }}true
{{- else if and .Values.rbac.create (include "kusk-gateway.isOn" .) }}
{{- if lookup "v1" "Namespace" "" "kube-system" }}true{{ end }}
{{- end }}
{{- end }}

{{/*
Annotations of the ledger, which the operator fills and no upgrade may touch. Helm creates it by a hook, if
it is missing: so it is part of no revision, which `--force-replace`, `--force` or a rollback would put in
its place.
*/}}
{{- define "kusk-gateway.ledgerAnnotations" -}}
{{- include "kusk-gateway.keep" . }}
{{- if include "kusk-gateway.isLive" . }}
helm.sh/hook: pre-install,pre-upgrade
# Not the default, which would delete what is there.
helm.sh/hook-delete-policy: hook-failed
meta.helm.sh/release-name: {{ .Release.Name }}
meta.helm.sh/release-namespace: {{ .Release.Namespace }}
{{- end }}
{{- end }}

{{/*
The names of CRDs that are here and not this release's, as YAML. The fleets' CRD of Kusk Gateway 1.x
has another name, but the kind can't be served twice.
*/}}
{{- define "kusk-gateway.othersCrds" -}}
{{- $root := . }}
{{- if lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "envoyfleet.gateway.kusk.io" }}
- envoyfleets.gateway.kusk.io
{{- end }}
{{- range $path, $_ := .Files.Glob "files/crds/*.yaml" }}
{{- $name := ($root.Files.Get $path | fromYaml).metadata.name }}
{{- $found := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" $name }}
{{- if not (include "kusk-gateway.isOurs" (dict "object" $found "root" $root)) }}
- {{ $name }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where `/metrics` can be reached from outside the pod: a port, or nothing. */}}
{{- define "kusk-gateway.metricsPort" -}}
{{- $address := .Values.manager.metrics.bindAddress }}
{{- if not (regexMatch "^(0|127\\..*|localhost:.*|\\[::1\\]:.*)$" $address) }}
{{- regexFind "[0-9]+$" $address }}
{{- end }}
{{- end }}

{{/* Ports out to the receiver, or to the proxy before it, as a JSON list. */}}
{{- define "kusk-gateway.receiverPorts" -}}
{{- $endpoint := default "https://api.segment.io" (default dict .Values.analytics).endpoint }}
{{- $ports := list }}
{{- range compact (list $endpoint .Values.proxy.https .Values.proxy.http) }}
{{- $url := urlParse . }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $ports = append $ports (int (default (ternary "443" "80" (eq $url.scheme "https")) $port)) }}
{{- end }}
{{- uniq $ports | toJson }}
{{- end }}

{{/* The values of Kusk Gateway 1.x's chart that were given, as YAML: `path`, and `use` if there is any. */}}
{{- define "kusk-gateway.formerValues" -}}
{{- $values := .Values }}
{{- range .Files.Get "files/former-values.yaml" | fromYamlArray }}
{{- $found := $values }}
{{- range splitList "." .path }}
{{- $found = get (default dict $found) . }}
{{- end }}
{{- if not (kindIs "string" $found) }}
- {{ omit . "type" | toJson }}
{{- end }}
{{- end }}
{{- if include "kusk-gateway.namesFormerImage" . }}
- {{ dict "path" "manager.image.repository" "use" "it names Kusk Gateway 1.x: kusk-gateway-telemetry is used instead" | toJson }}
{{- end }}
{{- end }}

{{/*
Kusk Gateway 1.x calls the fleets' CRD `envoyfleet`. Helm would delete it, and with it all EnvoyFleets,
in the upgrade that follows upon a release of that chart, since this one does not have it.
*/}}
{{- define "kusk-gateway.guardFormerCrd" -}}
{{- $name := "envoyfleet.gateway.kusk.io" }}
{{- $found := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" $name }}
{{- $isKept := eq "keep" (default "" (get (default dict (default dict $found.metadata).annotations) "helm.sh/resource-policy")) }}
{{- if and $found (include "kusk-gateway.isOurs" (dict "object" $found "root" .)) (not $isKept) }}
{{- fail (printf "\n\nHelm would delete the CRD %[1]s of Kusk Gateway 1.x, and with it all EnvoyFleets. So that they stay, write\n\n  kubectl annotate crd %[1]s helm.sh/resource-policy=keep\n\nand try again. Nothing was changed.\n" $name) }}
{{- end }}
{{- end }}
