{{/*
Fails before anything is changed, with a message for everything that can't be installed as it is: what
to write instead. All refusals are here and in _neighbours.tpl, but for those of the switches, which are
in _analytics.tpl.
*/}}
{{- define "kusk-gateway.refuse" -}}
{{- $neighbours := include "kusk-gateway.refusedNeighbours" . | fromYamlArray }}
{{- $values := include "kusk-gateway.refusedValues" . | fromYamlArray }}
{{- with concat $neighbours $values }}
{{- fail (printf "\n\n%s\n\nNothing was changed.\n" (join "\n\n" .)) }}
{{- end }}
{{- end }}

{{/* Values that contradict each other, or that the API server would refuse half-way, as a YAML list. */}}
{{- define "kusk-gateway.refusedValues" -}}
{{- include "kusk-gateway.refusedNames" . }}
{{- include "kusk-gateway.refusedReplicas" . }}
{{- include "kusk-gateway.refusedPorts" . }}
{{- include "kusk-gateway.refusedBudget" . }}
{{- include "kusk-gateway.refusedWayOut" . }}
{{- include "kusk-gateway.refusedPods" . }}
{{- end }}

{{/* Of a release's name, a Service takes less than the other objects do. */}}
{{- define "kusk-gateway.refusedNames" -}}
{{- $service := include "kusk-gateway.serviceName" . }}
{{- $manager := include "kusk-gateway.manager" . }}
{{- $key := ternary "fullnameOverride" "service.name" (empty .Values.service.name) }}
{{- include "kusk-gateway.refusedService" (dict "root" . "name" $service "key" $key) }}
{{- if and .Values.service.name (not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" $manager)) }}
- {{ printf "The Deployment would be called %s, but Kubernetes accepts only lower-case letters, digits, hyphens and dots there, and no hyphen beside a dot. Write another fullnameOverride, such as %s." $manager .Chart.Name | toJson }}
{{- end }}
{{- end }}

{{/* Two pods that both send. */}}
{{- define "kusk-gateway.refusedReplicas" -}}
{{- $replicas := int .Values.replicaCount }}
{{- $type := default "Recreate" (default dict .Values.strategy).type }}
{{- $elects := include "kusk-gateway.variable" (dict "root" . "name" "ENABLE_LEADER_ELECTION" "own" .Values.manager.enableLeaderElection) | lower }}
{{- if and (eq $elects "false") .Values.manager.enableLeaderElection }}
- {{ "ENABLE_LEADER_ELECTION in manager.env is false, but manager.enableLeaderElection is true. Write manager.enableLeaderElection: false, and leave the variable out." | toJson }}
{{- else if and (ne $elects "false") (not .Values.manager.enableLeaderElection) }}
- {{ "ENABLE_LEADER_ELECTION in manager.env is not false, but manager.enableLeaderElection is. Write manager.enableLeaderElection: true, and leave the variable out." | toJson }}
{{- else if and (eq $elects "false") (gt $replicas 1) }}
- {{ printf "replicaCount is %d and manager.enableLeaderElection is false: each replica would send everything. Write manager.enableLeaderElection: true." $replicas | toJson }}
{{- else if and (eq $elects "false") (ne $type "Recreate") }}
- {{ printf "strategy.type is %s and manager.enableLeaderElection is false: during an upgrade the old pod and the new one would both send. Write strategy.type: Recreate, or manager.enableLeaderElection: true." $type | toJson }}
{{- end }}
{{- if and (eq $type "Recreate") (default dict .Values.strategy).rollingUpdate }}
- {{ "strategy.rollingUpdate is set, but strategy.type is Recreate. Write strategy.type: RollingUpdate too, or leave rollingUpdate out." | toJson }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.refusedPorts" -}}
{{- $metrics := include "kusk-gateway.metricsAddress" . | regexFind "[0-9]+$" }}
{{- $health := include "kusk-gateway.healthPort" . }}
{{- if eq $health "0" }}
- {{ "HEALTH_PROBE_BIND_ADDR in manager.env switches the probes off, and no pod would become ready. Leave it out, or write manager.health.port." | toJson }}
{{- else if eq $health $metrics }}
- {{ printf "manager.health.port and the port of manager.metrics.bindAddress are both %s. Write two different ports, such as 8081 and \":8080\"." $health | toJson }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled (not (include "kusk-gateway.metricsPort" .)) }}
- {{ printf "serviceMonitor.enabled is true, but manager.metrics.bindAddress is %s, which can't be reached from outside the pod. Write manager.metrics.bindAddress: \":8080\"." (include "kusk-gateway.metricsAddress" .) | toJson }}
{{- end }}
{{- end }}

{{/* How many pods must stay, as a number or a percentage; empty if nobody says. */}}
{{- define "kusk-gateway.minAvailable" -}}
{{- with .Values.podDisruptionBudget }}
{{- if not (kindIs "invalid" .minAvailable) }}{{ .minAvailable }}{{ end }}
{{- end }}
{{- end }}

{{/*
A budget that never lets a pod go. Of a percentage, the disruption controller rounds up how many pods
must stay; and how many may be missing, so that `maxUnavailable` is always at least one.
*/}}
{{- define "kusk-gateway.refusedBudget" -}}
{{- $replicas := int .Values.replicaCount }}
{{- $minAvailable := include "kusk-gateway.minAvailable" . }}
{{- if and $minAvailable (gt $replicas 0) }}
{{- $stay := int (trimSuffix "%" $minAvailable) }}
{{- if hasSuffix "%" $minAvailable }}
{{- $stay = div (add (mul $stay $replicas) 99) 100 }}
{{- end }}
{{- if ge (int $stay) $replicas }}
- {{ printf "podDisruptionBudget.minAvailable is %s of %d replicas: no node with one of them could be drained. Write a smaller number, or podDisruptionBudget.maxUnavailable." $minAvailable $replicas | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "kusk-gateway.refusedWayOut" -}}
{{- $analytics := default dict .Values.analytics }}
{{- if and $analytics.writeKey (default dict $analytics.existingSecret).name }}
- {{ "analytics.writeKey and analytics.existingSecret.name are both set. Write one of them." | toJson }}
{{- end }}
{{- if and .Values.customCA.configMap .Values.customCA.secret }}
- {{ "customCA.configMap and customCA.secret are both set. Write one of them; a file can hold any number of certificates." | toJson }}
{{- end }}
{{- range $name, $proxy := dict "https" .Values.proxy.https "http" .Values.proxy.http }}
{{- if and $proxy (not (regexMatch "^https?://[^/]" $proxy)) }}
- {{ printf "proxy.%s is %s, which has no scheme. Write http://%s, or https:// if the proxy itself is reached by TLS." $name (toJson $proxy) (regexReplaceAll "^.*://" $proxy "") | toJson }}
{{- end }}
{{- end }}
{{- if .Values.networkPolicy.enabled }}
{{- range include "kusk-gateway.hiddenAddresses" . | fromYamlArray }}
{{- if not $.Values.networkPolicy.receiverPorts }}
- {{ printf "%s in manager.env comes from elsewhere, so that the NetworkPolicy can't know its port. Write networkPolicy.receiverPorts." . | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the API server would refuse only after other objects have been changed. */}}
{{- define "kusk-gateway.refusedPods" -}}
{{- if and (eq "None" (default "" .Values.dnsPolicy)) (not (default dict .Values.dnsConfig).nameservers) }}
- {{ "dnsPolicy is None, but there is no dnsConfig.nameservers. Write at least one, or another dnsPolicy." | toJson }}
{{- end }}
{{- $own := list }}
{{- range include "kusk-gateway.ownVolumes" . | fromYamlArray }}{{ $own = append $own .name }}{{ end }}
{{- range .Values.extraVolumes }}
{{- if has .name $own }}
- {{ printf "extraVolumes has one called %s, which is the name of the chart's own. Write another name." .name | toJson }}
{{- end }}
{{- end }}
{{- end }}
