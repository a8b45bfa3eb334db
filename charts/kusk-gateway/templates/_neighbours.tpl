{{/*
What stands in the release's namespace already, and can't be shared or taken over, as a YAML list of
messages. Rendered without a cluster, nothing can be seen.
*/}}
{{- define "kusk-gateway.refusedNeighbours" -}}
{{- $deployments := default list (lookup "apps/v1" "Deployment" .Release.Namespace "").items }}
{{- $gateway := include "kusk-gateway.gatewayParts" (dict "root" . "deployments" $deployments) | fromYamlArray }}
{{- if and $gateway (not .Values.replaceGateway) }}
- {{ include "kusk-gateway.gatewayMessage" (dict "root" . "parts" $gateway) | toJson }}
{{- else }}
{{- include "kusk-gateway.refusedCrds" (dict "root" . "gateway" $gateway) }}
{{- end }}
{{- range $deployments }}
{{- include "kusk-gateway.refusedDeployment" (dict "root" $ "deployment" .) }}
{{- end }}
{{- end }}

{{/* "true" for a Deployment of this chart, of whatever release, version, name and image. */}}
{{- define "kusk-gateway.isOperator" -}}
{{- range .spec.template.spec.containers }}
{{- if has "--config=/etc/kusk-gateway/config.yaml" (default list .args) }}true{{ break }}{{ end }}
{{- end }}
{{- end }}

{{/*
What of Kusk Gateway 1.x is in the namespace, as a YAML list. Its charts (kusk-gateway-0.0.*) and its
kustomization call their manager `kusk-gateway-manager`, as this chart does; a mirror's image may have
another registry, and a digest in place of the tag.
*/}}
{{- define "kusk-gateway.gatewayParts" -}}
{{- $names := list "kusk-gateway-manager" (include "kusk-gateway.manager" .root) }}
{{- range .deployments }}
{{- $images := list }}
{{- range .spec.template.spec.containers }}{{ $images = append $images .image }}{{ end }}
{{- $isNamed := has .metadata.name $names }}
{{- $isCharted := hasPrefix "kusk-gateway-0.0." (get (default dict .metadata.labels) "helm.sh/chart" | toString) }}
{{- $isRunning := false }}
{{- range $images }}{{ if regexMatch "(^|/)kusk-gateway(:[^/@]*)?(@.*)?$" . }}{{ $isRunning = true }}{{ end }}{{ end }}
{{- if and (or $isNamed $isCharted $isRunning) (not (include "kusk-gateway.isOperator" .)) }}
- {{ printf "Deployment %s (%s)" .metadata.name (join ", " $images) | toJson }}
{{- end }}
{{- end }}
{{- range default list (lookup "v1" "Service" .root.Release.Namespace "").items }}
{{- $ports := list }}
{{- range .spec.ports }}{{ $ports = append $ports (default "" .name) }}{{ end }}
{{- $serves := or (has "xds" $ports) (has "validator" $ports) (has "auth" $ports) }}
{{- if or (regexMatch "^kusk-gateway-(xds|agent|auth|validator|webhooks|manager|manager-metrics)-service$" .metadata.name) (and (has .metadata.name $names) $serves) }}
- {{ printf "Service %s" .metadata.name | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.gatewayMessage" -}}
{{- $release := .root.Release -}}
Kusk Gateway 1.x is in the namespace {{ $release.Namespace }}:
{{ range .parts }}
  {{ . }}
{{- end }}

This chart is not the gateway. It is the gateway's telemetry only, and serves no API.

To have it beside the gateway, which stays as it is, install it into another namespace:

  helm install {{ $release.Name }} CHART --namespace kusk-telemetry --create-namespace --set crds.install=false

To have it instead of the gateway, write replaceGateway=true. In an upgrade of the gateway's own release
these will be gone: the manager, its Services (xds, agent, auth, validator, webhooks), its webhook
configurations, its roles, and the ClusterRoles kusk-gateway-{api,envoyfleet,staticroute}-{editor,viewer}-role
that people may have. What Envoy serves then can't be changed any more.
{{- end }}

{{/*
CRDs that Helm would delete in an upgrade of a release of Kusk Gateway 1.x, and with them all that was
made of them, since this release does not have them.
*/}}
{{- define "kusk-gateway.refusedCrds" -}}
{{- $root := .root }}
{{- $installs := include "kusk-gateway.installsCrds" $root }}
{{- if or $installs .gateway }}
{{- $names := list "envoyfleet" }}
{{- if not $installs }}{{ $names = list "apis" "staticroutes" "envoyfleets" "envoyfleet" }}{{ end }}
{{- range $names }}
{{- $name := printf "%s.gateway.kusk.io" . }}
{{- $found := include "kusk-gateway.lookupCrd" $name | fromYaml }}
{{- $isKept := eq "keep" (default "" (get (default dict (default dict $found.metadata).annotations) "helm.sh/resource-policy")) }}
{{- if and $found (include "kusk-gateway.isOurs" (dict "object" $found "root" $root)) (not $isKept) }}
- {{ printf "Helm would delete the CRD %[1]s of Kusk Gateway 1.x, and with it all that was made of it. So that they stay, write\n\n  kubectl annotate crd %[1]s helm.sh/resource-policy=keep\n\nand try again." $name | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Another release of this chart, or a Deployment that can't become this release's. */}}
{{- define "kusk-gateway.refusedDeployment" -}}
{{- $release := .root.Release }}
{{- $metadata := .deployment.metadata }}
{{- $annotations := default dict $metadata.annotations }}
{{- $owner := get $annotations "meta.helm.sh/release-name" | default "" }}
{{- $isSameName := eq $metadata.name (include "kusk-gateway.manager" .root) }}
{{- $isOperator := and (include "kusk-gateway.isOperator" .deployment) (not $metadata.deletionTimestamp) }}
{{- $isMine := and $isSameName (eq $owner $release.Name) }}
{{- $relabelled := include "kusk-gateway.refusedSelector" (dict "root" .root "workload" .deployment) }}
{{- if and $isOperator $owner (ne $owner $release.Name) }}
- {{ printf "The release %[1]s of this chart is in the namespace %[2]s already (Deployment %[3]s). Two in one namespace would share one ledger and one Lease. Upgrade %[1]s, or install into another namespace, or write first\n\n  helm uninstall %[1]s --namespace %[2]s" $owner $release.Namespace $metadata.name | toJson }}
{{- else if and $isOperator (not $owner) (not $isSameName) }}
- {{ printf "The Deployment %s of this operator is in the namespace %s already, and was not made by Helm. Two in one namespace would share one ledger and one Lease. Delete it first, or install into another namespace." $metadata.name $release.Namespace | toJson }}
{{- else if and $isMine $relabelled }}
{{- $relabelled }}
{{- else if and $isMine (include "kusk-gateway.isStuckRolling" (dict "root" .root "deployment" .deployment)) }}
- {{ printf "The Deployment %[1]s still has settings of a rolling update, which server-side apply can't take out. Write first\n\n  kubectl --namespace %[2]s patch deployment %[1]s --type merge --patch '{\"spec\":{\"strategy\":{\"type\":\"Recreate\",\"rollingUpdate\":null}}}'\n\nand try again." $metadata.name $release.Namespace | toJson }}
{{- end }}
{{- end }}

{{/*
"true" if Helm 4 would fail half-way: it goes on with server-side apply where it has begun with it, and
with that the API server's own settings for rolling updates stay in place, which it refuses for Recreate.
*/}}
{{- define "kusk-gateway.isStuckRolling" -}}
{{- $isRecreate := eq "Recreate" (default "Recreate" (default dict .root.Values.strategy).type) }}
{{- $isHelm4 := semverCompare ">=4.0.0-0" .root.Capabilities.HelmVersion.Version }}
{{- if and $isRecreate $isHelm4 (default dict .deployment.spec.strategy).rollingUpdate }}
{{- range .deployment.metadata.managedFields }}
{{- if eq .operation "Apply" }}true{{ break }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
