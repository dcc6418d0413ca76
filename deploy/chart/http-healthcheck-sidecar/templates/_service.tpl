{{/*
What the load balancer checks: a Service of its own in front of the workload's pods.

  {{ include "http-healthcheck-sidecar.service" (dict "root" . "selector" (dict "app" "game")) }}

More for the dict: "name" (without it the value of the label `app`, then -health), "nodePort", "agentNodePort", "labels".
As a separate document: put `---` before it.
*/}}
{{- define "http-healthcheck-sidecar.service" -}}
{{- $settings := include "http-healthcheck-sidecar.settings" (omit . "selector" "name" "nodePort" "agentNodePort" "labels") | fromYaml -}}
{{- $selector := required "http-healthcheck-sidecar.service: it needs a selector, as in (dict \"root\" . \"selector\" (dict \"app\" \"game\"))" .selector -}}
{{- $name := .name -}}
{{- if not $name -}}
{{- /* The release's name would be the same for each workload of a chart. */ -}}
{{- $app := required "http-healthcheck-sidecar.service: its selector has no label `app` that it gets its name from: pass \"name\"" $selector.app -}}
{{- /* A name has no _ and no dot, and fewer characters than a label. */ -}}
{{- $app = $app | lower | replace "_" "-" | replace "." "-" -}}
{{- $name = printf "%s-health" (include "http-healthcheck-sidecar.short" (dict "text" $app "limit" 56)) -}}
{{- end -}}
{{- /* Not of that name: Kubernetes would make variables of it that begin like the sidecar's own. */ -}}
{{- if regexMatch "^http-healthcheck-sidecar(-|$)" $name -}}
{{- fail (printf "a Service must not have the name %s: its variables would look like the sidecar's options" $name) -}}
{{- end -}}
{{- if and $settings.agent.enabled .nodePort (eq (int .nodePort) (int .agentNodePort)) -}}
{{- fail (printf "Service %s: nodePort and agentNodePort are both %d, and a node has each port once: choose another, or leave one out and Kubernetes chooses" $name (int .nodePort)) -}}
{{- end -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  {{- with .labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: NodePort
  # Or another node's pod answers for this node.
  externalTrafficPolicy: Local
  # Or the 500 of a pod that is not ready can never be seen.
  publishNotReadyAddresses: true
  selector:
    {{- toYaml $selector | nindent 4 }}
  ports:
    # By number: before Kubernetes 1.32 a Service does not find the names of a native sidecar's ports.
    - name: health
      protocol: TCP
      port: {{ $settings.port }}
      targetPort: {{ $settings.port }}
      {{- with .nodePort }}
      nodePort: {{ . }}
      {{- end }}
    {{- if $settings.agent.enabled }}
    - name: agent
      protocol: TCP
      port: 3001
      targetPort: 3001
      {{- with .agentNodePort }}
      nodePort: {{ . }}
      {{- end }}
    {{- end }}
{{- end -}}
