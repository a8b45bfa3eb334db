{{/*
"true" if Helm speaks to a cluster; empty if nothing can be looked up. A list is never empty then, even of
a namespace that Helm is still to create: it has a kind. `_neighbours.tpl` needs the right to it too.
*/}}
{{- define "kusk-gateway.isLive" -}}
{{- if (lookup "apps/v1" "Deployment" .Release.Namespace "").kind }}true{{ end }}
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
meta.helm.sh/release-name: {{ .Release.Name | quote }}
meta.helm.sh/release-namespace: {{ .Release.Namespace | quote }}
{{- end }}
{{- end }}

{{/*
What Helm may leave of an upgrade to on, as TYPE/NAME, if this upgrade to off follows one; nothing otherwise. Helm
deletes only what its last successful revision had. The Role says it, which Helm reads in each upgrade anyway: an
off must need no more rights than its own objects do.
*/}}
{{- define "kusk-gateway.remainingRights" -}}
{{- if and .Release.IsUpgrade .Values.rbac.create (not (include "kusk-gateway.isOn" .)) }}
{{- $role := default dict (lookup "rbac.authorization.k8s.io/v1" "Role" .Release.Namespace (include "kusk-gateway.manager" .)) }}
{{- if gt (len (default list $role.rules)) 1 }}
{{- printf "clusterrole/%[1]s clusterrolebinding/%[1]s lease/kusk-gateway-manager" (include "kusk-gateway.clusterName" .) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The names of CRDs that are here and not this release's, as YAML. The fleets' CRD of Kusk Gateway 1.x
has another name, but the kind can't be served twice.
*/}}
{{- define "kusk-gateway.othersCrds" -}}
{{- $root := . }}
{{- if include "kusk-gateway.lookupCrd" "envoyfleet.gateway.kusk.io" | fromYaml }}
- envoyfleets.gateway.kusk.io
{{- end }}
{{- range $path, $_ := .Files.Glob "files/crds/*.yaml" }}
{{- $name := ($root.Files.Get $path | fromYaml).metadata.name }}
{{- $found := include "kusk-gateway.lookupCrd" $name | fromYaml }}
{{- if not (include "kusk-gateway.isOurs" (dict "object" $found "root" $root)) }}
- {{ $name }}
{{- end }}
{{- end }}
{{- end }}

{{/* Whether the chart makes the CRDs: "true" or empty. */}}
{{- define "kusk-gateway.installsCrds" -}}
{{- if and .Values.crds.install (ne (toString .Values.installCRDs) "false") }}true{{ end }}
{{- end }}

{{/* A CRD as JSON, `{}` if there is none. Takes its name. */}}
{{- define "kusk-gateway.lookupCrd" -}}
{{- include "kusk-gateway.lookupInCluster" (list "apiextensions.k8s.io/v1" "CustomResourceDefinition" .) }}
{{- end }}

{{/* An object of no namespace as JSON. Takes a list of its apiVersion, kind and name. */}}
{{- define "kusk-gateway.lookupInCluster" -}}
{{- $name := "HELM_ERR_STARTThis account may not read what belongs to the whole cluster, such as CRDs and ClusterRoles. With the rights of a namespace alone write rbac.create=false and crds.install=false: README.md of the chart says what an administrator of the cluster applies before. Nothing was changed.HELM_ERR_END" }}
{{- include $name . }}
{{- end }}

{{/*
A lookup that is not allowed ends in a trace of templates. Of an error that has these two marks Helm 3
and 4 show only what is between them, as they do for `fail`; and the trace has the name of the template
that failed. It is called by a variable, or the trace would have its name twice.
*/}}
{{- define "HELM_ERR_STARTThis account may not read what belongs to the whole cluster, such as CRDs and ClusterRoles. With the rights of a namespace alone write rbac.create=false and crds.install=false: README.md of the chart says what an administrator of the cluster applies before. Nothing was changed.HELM_ERR_END" -}}
{{- lookup (index . 0) (index . 1) "" (index . 2) | toJson }}
{{- end }}

{{/* The former values that were given, as YAML: `path`, and `use` if there is any. Empty ones are defaults. */}}
{{- define "kusk-gateway.formerValues" -}}
{{- $values := .Values }}
{{- range .Files.Get "files/former-values.yaml" | fromYamlArray }}
{{- $found := $values }}
{{- range splitList "." .path }}
{{- $found = get (default dict $found) . }}
{{- end }}
{{- if or $found (kindIs "bool" $found) }}
- {{ omit . "type" | toJson }}
{{- end }}
{{- end }}
{{- if include "kusk-gateway.namesFormerImage" . }}
- {{ dict "path" "manager.image.repository" "use" "it names Kusk Gateway 1.x: kusk-gateway-telemetry is used instead" | toJson }}
{{- end }}
{{- end }}
