{{/*
The sidecar, the last entry of `initContainers`: as in deploy/native-sidecar, which says why each line is there.

  initContainers:
    {{- include "http-healthcheck-sidecar.container" . | nindent 4 }}
*/}}
{{- define "http-healthcheck-sidecar.container" -}}
{{- $settings := include "http-healthcheck-sidecar.settings" . | fromYaml -}}
- name: health
  image: {{ include "http-healthcheck-sidecar.image" . }}
  {{- with $settings.image.pullPolicy }}
  imagePullPolicy: {{ . }}
  {{- end }}
  restartPolicy: Always
  env:
    {{- range $name, $text := include "http-healthcheck-sidecar.options" . | fromYaml }}
    - name: HTTP_HEALTHCHECK_SIDECAR_{{ $name }}
      value: {{ $text | quote }}
    {{- end }}
  ports:
    - name: health
      containerPort: {{ $settings.port }}
    {{- if $settings.agent.enabled }}
    - name: agent
      containerPort: 3001
    {{- end }}
    {{- if $settings.status.enabled }}
    - name: status
      containerPort: 3002
    {{- end }}
  startupProbe:
    httpGet:
      path: /livez
      port: health
    periodSeconds: 1
    failureThreshold: 30
  livenessProbe:
    httpGet:
      path: /livez
      port: health
    periodSeconds: 10
  resources:
    {{- toYaml $settings.resources | nindent 4 }}
  securityContext:
    runAsNonRoot: true
    {{- if not $settings.openshift }}
    runAsUser: 10001
    runAsGroup: 10001
    {{- end }}
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities:
      drop:
        - ALL
    seccompProfile:
      type: RuntimeDefault
  volumeMounts:
    - name: health-sidecar-token
      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      readOnly: true
    {{- if $settings.tls.secretName }}
    - name: health-sidecar-tls
      mountPath: /tls
      readOnly: true
    {{- end }}
{{- end -}}

{{/*
What the container mounts, entries of `volumes`: the token that Kubernetes mounts into every container by itself, spelled
out, so that the sidecar alone gets it. The pod sets `automountServiceAccountToken: false`.

  volumes:
    {{- include "http-healthcheck-sidecar.volume" . | nindent 4 }}
*/}}
{{- define "http-healthcheck-sidecar.volume" -}}
{{- $settings := include "http-healthcheck-sidecar.settings" . | fromYaml -}}
- name: health-sidecar-token
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3607
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                # Spelled out: without it a server-side apply over a client-side one conflicts on the whole list.
                apiVersion: v1
                fieldPath: metadata.namespace
{{- with $settings.tls.secretName }}
- name: health-sidecar-tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- end -}}
