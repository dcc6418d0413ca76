{{/*
What the load balancer checks: a Service of its own in front of the workload's pods.

  {{ include "http-healthcheck-sidecar.service" (dict "root" . "selector" (dict "app" "game")) }}

More for the dict: "name" (without it the value of the label `app`, or the release's name, then -health), "nodePort",
"agentNodePort", "labels". As a separate document: put `---` before it.
*/}}
{{- define "http-healthcheck-sidecar.service" -}}
{{- $settings := include "http-healthcheck-sidecar.settings" . | fromYaml -}}
{{- $selector := required "http-healthcheck-sidecar.service: it needs a selector, as in (dict \"root\" . \"selector\" (dict \"app\" \"game\"))" .selector -}}
{{- /* Not of that name: Kubernetes would make variables of it that begin like the sidecar's own. */ -}}
{{- if eq (.name | default "") "http-healthcheck-sidecar" -}}
{{- fail "a Service must not have the name http-healthcheck-sidecar: its variables would look like the sidecar's options" -}}
{{- end -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name | default (printf "%s-health" ($selector.app | default .root.Release.Name)) }}
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
