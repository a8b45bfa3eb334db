{{/*
Puts defaults where values are missing. `--reuse-values` takes those of an older chart, which lack what has
come since, and null takes a key away. Each template begins with it.
*/}}
{{- define "kusk-gateway.defaults" -}}
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
