{{/*
What the other templates read, as YAML: the chart's values, changed by what a caller says, with the chart's version.
The argument of each of them is one of these:

  .                                                 the context of this chart, or of a chart that depends on it
  (dict "root" . "options" (dict "DRAIN" "1s"))     the same, and values of this call alone

A chart that depends on it under an alias passes (index .Subcharts "the-alias") in place of the dot. The schema sees no values
of a call: names that the chart does not have are refused here.
*/}}
{{- define "http-healthcheck-sidecar.settings" -}}
{{- $root := . -}}
{{- $call := dict -}}
{{- if hasKey . "root" -}}
{{- $root = .root -}}
{{- $call = omit . "root" -}}
{{- end -}}
{{- $scope := index ($root.Subcharts | default dict) "http-healthcheck-sidecar" | default $root -}}
{{- if not (hasKey ($scope.Values | default dict) "keyPrefix") -}}
{{- fail "http-healthcheck-sidecar: this chart does not have it among its dependencies (Chart.yaml). Under an alias, pass (index .Subcharts \"ALIAS\")" -}}
{{- end -}}
{{- range $key, $value := $call -}}
{{- if not (hasKey $scope.Values $key) -}}
{{- fail (printf "http-healthcheck-sidecar: a call has no key `%s`; it takes root and values of the chart (%s), and that of a Service also selector, name, nodePort, agentNodePort and labels" $key (omit $scope.Values "enabled" "global" | keys | sortAlpha | join ", ")) -}}
{{- end -}}
{{- $known := index $scope.Values $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" $known) (not (has $key (list "options" "resources" "services"))) -}}
{{- range $inner := keys $value -}}
{{- if not (hasKey $known $inner) -}}
{{- fail (printf "http-healthcheck-sidecar: a call has no key `%s.%s`; `%s` takes %s" $key $inner $key (keys $known | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $settings := mergeOverwrite (deepCopy $scope.Values) (deepCopy $call) -}}
{{- $_ := set $settings "version" $scope.Chart.AppVersion -}}
{{- toYaml $settings -}}
{{- end -}}

{{/* The names of values.schema.json: a template cannot read that file. */}}
{{- define "http-healthcheck-sidecar.optionNames" -}}
ANSWER_TIMEOUT API_QPS API_SERVER API_TIMEOUT DRAIN DRAIN_STATUS LOG_FORMAT LOG_LEVEL MAINTENANCE_LABEL NODE_DRAIN
NODE_DRAIN_TAINTS REQUIRE SERVICE_ACCOUNT_DIR SOURCE STALE_GRACE STATE_OVERRIDE STATUS_HOSTS STATUS_PAGE TARGET_CONTAINER
TARGET_NAMESPACE TARGET_POD_OVERRIDE UNHEALTHY_STATUS
{{- end -}}

{{/* The program's options, name without prefix -> text, as YAML. A map: no variable can come twice. */}}
{{- define "http-healthcheck-sidecar.options" -}}
{{- $settings := include "http-healthcheck-sidecar.settings" . | fromYaml -}}
{{- /* When SIGTERM comes the workload has ended already, and the load balancer has known since the deletion. */ -}}
{{- $options := dict "DRAIN" "0s" -}}
{{- if ne (int $settings.port) 3000 -}}
{{- $_ := set $options "LISTEN" (printf "[::]:%d" (int $settings.port)) -}}
{{- end -}}
{{- if $settings.agent.enabled -}}
{{- $_ := set $options "AGENT_LISTEN" ":3001" -}}
{{- end -}}
{{- if $settings.status.enabled -}}
{{- $_ := set $options "STATUS_LISTEN" "[::]:3002" -}}
{{- end -}}
{{- if and $settings.tls.clientCA (not $settings.tls.secretName) -}}
{{- fail "http-healthcheck-sidecar: tls.clientCA without tls.secretName would be plain HTTP, for every client: name the Secret that has tls.crt, tls.key and ca.crt" -}}
{{- end -}}
{{- if $settings.tls.secretName -}}
{{- $_ := set $options "TLS_CERT" "/tls/tls.crt" -}}
{{- $_ := set $options "TLS_KEY" "/tls/tls.key" -}}
{{- if $settings.tls.clientCA -}}
{{- $_ := set $options "TLS_CLIENT_CA" "/tls/ca.crt" -}}
{{- end -}}
{{- end -}}
{{- if ne $settings.keyPrefix "health-sidecar/" -}}
{{- $_ := set $options "MAINTENANCE_LABEL" (print $settings.keyPrefix "maintenance") -}}
{{- end -}}
{{- $isNode := eq $settings.mode "node" -}}
{{- if and $settings.nodeDrain.enabled (not $isNode) -}}
{{- $_ := set $options "NODE_DRAIN" "true" -}}
{{- end -}}
{{- $names := include "http-healthcheck-sidecar.optionNames" . | replace "\n" " " | splitList " " -}}
{{- /* What more depends on than a variable is a value. */ -}}
{{- $values := dict "LISTEN" "port" "AGENT_LISTEN" "agent.enabled" "STATUS_LISTEN" "status.enabled" "MODE" "mode" "NODE_NAME" "mode" "TLS_CERT" "tls.secretName" "TLS_KEY" "tls.secretName" "TLS_CLIENT_CA" "tls.clientCA" -}}
{{- range $name, $text := $settings.options -}}
{{- if hasKey $values $name -}}
{{- fail (printf "http-healthcheck-sidecar: options has no %s: set the value %s, which does the rest too" $name (get $values $name)) -}}
{{- else if not (has $name $names) -}}
{{- fail (printf "http-healthcheck-sidecar: options has no %s: it takes %s" $name (join ", " $names)) -}}
{{- end -}}
{{- if not (kindIs "string" $text) -}}
{{- fail (printf "http-healthcheck-sidecar: options.%s is no string: write it in quotes, \"%v\"" $name $text) -}}
{{- end -}}
{{- $_ := set $options $name $text -}}
{{- end -}}
{{- /* Where nodes are not read the program refuses taints. */ -}}
{{- $drains := get $options "NODE_DRAIN" | default ($isNode | ternary "true" "false") -}}
{{- if and $settings.nodeDrain.taints (eq $drains "true") (not (hasKey $options "NODE_DRAIN_TAINTS")) -}}
{{- $_ := set $options "NODE_DRAIN_TAINTS" (join "," $settings.nodeDrain.taints) -}}
{{- end -}}
{{- /* What the program would refuse at its start, which for a native sidecar is the start of the pod. */ -}}
{{- if and (or $options.STATUS_PAGE $options.STATUS_HOSTS) (not $settings.status.enabled) -}}
{{- fail "http-healthcheck-sidecar: options.STATUS_PAGE and options.STATUS_HOSTS are for the status port, which is closed: set status.enabled, or leave them out" -}}
{{- end -}}
{{- if and (eq ($options.REQUIRE | default "") "pod") $options.TARGET_CONTAINER -}}
{{- fail "http-healthcheck-sidecar: with options.REQUIRE=pod the pod's Ready condition decides, and no container: leave options.TARGET_CONTAINER out" -}}
{{- end -}}
{{- if and $options.NODE_DRAIN_TAINTS (ne $drains "true") -}}
{{- fail "http-healthcheck-sidecar: options.NODE_DRAIN_TAINTS without nodes that are read: set nodeDrain.enabled, or leave it out" -}}
{{- end -}}
{{- toYaml $options -}}
{{- end -}}

{{- define "http-healthcheck-sidecar.image" -}}
{{- $settings := include "http-healthcheck-sidecar.settings" . | fromYaml -}}
{{- $repository := required "image.repository is not set: push the image to a registry that your nodes reach, and name it, for example --set image.repository=registry.example.com/http-healthcheck-sidecar" $settings.image.repository -}}
{{- if $settings.image.digest -}}
{{- printf "%s@%s" $repository $settings.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($settings.image.tag | default $settings.version) -}}
{{- end -}}
{{- end -}}

{{/* A text within a limit of characters: cut, it ends in a hash of the whole, so that two stay two. (dict "text" . "limit" 63) */}}
{{- define "http-healthcheck-sidecar.short" -}}
{{- if le (len .text) .limit -}}
{{- .text -}}
{{- else -}}
{{- printf "%s-%s" (.text | trunc (sub .limit 9 | int) | trimAll "-.") (sha256sum .text | trunc 8) -}}
{{- end -}}
{{- end -}}

{{- define "http-healthcheck-sidecar.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "health-sidecar" .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-health-sidecar" (include "http-healthcheck-sidecar.short" (dict "text" .Release.Name "limit" 38)) -}}
{{- end -}}
{{- end -}}

{{/* A default in values.yaml would stay beside what a user writes there. */}}
{{- define "http-healthcheck-sidecar.podLabels" -}}
{{- .Values.networkPolicy.podLabels | default (dict "health-sidecar" "enabled") | toYaml -}}
{{- end -}}

{{- define "http-healthcheck-sidecar.labels" -}}
app.kubernetes.io/name: http-healthcheck-sidecar
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}
