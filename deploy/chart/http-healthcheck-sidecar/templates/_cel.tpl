{{/*
A value as a literal of CEL, which takes a map or a list of one type only: `dyn()` hides the type of each value.
*/}}
{{- define "http-healthcheck-sidecar.cel" -}}
{{- if kindIs "map" . -}}
{{- $entries := list -}}
{{- range $key, $value := . -}}
{{- $entries = append $entries (printf "%s: dyn(%s)" (toJson $key) (include "http-healthcheck-sidecar.cel" $value)) -}}
{{- end -}}
{ {{- join ", " $entries -}} }
{{- else if kindIs "slice" . -}}
{{- $entries := list -}}
{{- range . -}}
{{- $entries = append $entries (include "http-healthcheck-sidecar.cel" .) -}}
{{- end -}}
[ {{- join ", " $entries -}} ]
{{- else -}}
{{- toJson . -}}
{{- end -}}
{{- end -}}

{{/* The sidecar of the named template as a literal, a line for each field, but for its `env`, which is a variable. */}}
{{- define "http-healthcheck-sidecar.celContainer" -}}
{{- $lines := list -}}
{{- range $key, $value := include "http-healthcheck-sidecar.container" . | fromYamlArray | first -}}
{{- $literal := eq $key "env" | ternary "variables.env" (include "http-healthcheck-sidecar.cel" $value) -}}
{{- $lines = append $lines (printf "%s: dyn(%s)" (toJson $key) $literal) -}}
{{- end -}}
{
{{- range $at, $line := $lines }}
{{ $line }}{{ if lt (add1 $at) (len $lines) }},{{ end }}
{{- end }}
}
{{- end -}}
